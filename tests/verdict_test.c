// Each limit flips on its own number, and on no other; what cannot be judged says so.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "soak/verdict.h"
#include <math.h>
#include <string.h>

static RunStats run;
static VerdictInput input;

static void fill(Histogram *histogram, double ms)
{
    histogram_clear(histogram);
    for (int i = 0; i < 1024; ++i) {
        histogram_add(histogram, (uint64_t)(ms * 1e6));
    }
}

// A run in which every limit of every flight is measured and kept.
static int start(void **state)
{
    (void)state;
    run_stats_start(&run);
    run.ticks = RUN_STATS_SLOPE_TICKS;
    run.virtual_s = 600.0;
    fill(&run.stream, 0.4);
    fill(&run.stream_wall, 0.6);
    fill(&run.stream_cold, 1.0);
    fill(&run.serve, 0.01);
    fill(&run.rows[LEDGER_UNEXPLAINED], 0.01);
    run.hole_pixels = 0;
    run.first_view_ms = 400.0;
    run.teleport_view_ms_max = 500.0;
    run.sharp_of = run.sharp_ticks = 1000;
    run.warm = true;
    run.rss_at_warm_bytes = run.rss_max_bytes = 100000000;
    run.rss_samples = 3;
    run.rss_sum_t = 3.0;
    run.rss_sum_tt = 5.0;
    run.counters.lobe_issued = run.counters.lobe_used = 100;
    run.counters.lod_transitions = run.counters.lod_hits = 100;
    run.throttle.engaged_count = 2;
    run.throttle.released_ms_max = 900.0;
    input = (VerdictInput){.run = &run, .path = FLIGHT_JET, .gpu = LIMIT_GPU_HARDWARE};
    return 0;
}

// The run is green on `path`; after the caller's change exactly `id` is red.
static void assert_only_red(LimitId id)
{
    Verdict verdict = verdict_judge(&input);
    assert_false(verdict.pass);
    assert_int_equal(verdict.broken, 1);
    const VerdictRow *row = verdict_row(&verdict, id);
    assert_non_null(row);
    assert_false(row->pass);
    assert_true(row->applies);
}

static void assert_green(void)
{
    Verdict verdict = verdict_judge(&input);
    for (int i = 0; i < verdict.count; ++i) {
        if (!verdict.rows[i].pass) {
            fail_msg("%s is red at %g", limit_get(verdict.rows[i].id)->name, verdict.rows[i].value);
        }
    }
    assert_true(verdict.pass);
}

static void test_verdict_is_green_when_every_limit_is_kept(void **state)
{
    (void)state;
    for (int path = VERDICT_BY_HAND; path < FLIGHT_COUNT; ++path) {
        for (int gpu = LIMIT_GPU_NONE; gpu <= LIMIT_GPU_HARDWARE; ++gpu) {
            input.path = path;
            input.gpu = (LimitGpu)gpu;
            assert_green();
        }
    }
}

static void test_verdict_gates_stream_time(void **state)
{
    (void)state;
    fill(&run.stream, 1.9);
    assert_green();
    fill(&run.stream, 2.1);
    assert_only_red(LIMIT_STREAM_MS_P99);
    start(NULL);
    run.hitch_count = 9;
    assert_green();
    run.hitch_count = 10;
    assert_only_red(LIMIT_HITCHES);
    start(NULL);
    run.hitch_steady_count = 1;
    assert_only_red(LIMIT_HITCHES_STEADY);
    start(NULL);
    run.stream_switches = 1;
    assert_only_red(LIMIT_STREAM_BLOCKED);
    start(NULL);
    fill(&run.stream_cold, 7.9);
    assert_green();
    fill(&run.stream_cold, 8.0);
    assert_only_red(LIMIT_STREAM_COLD_MS_MAX);
    start(NULL);
    fill(&run.rows[LEDGER_UNEXPLAINED], 0.06);
    assert_only_red(LIMIT_UNEXPLAINED_MS_P99);
}

static void test_verdict_gates_missing_on_walk_only(void **state)
{
    (void)state;
    run.missing_checks = 5101;
    run.missing_last_tick = 385;
    assert_green();
    input.path = FLIGHT_WALK;
    run.missing_checks = 5100;
    assert_only_red(LIMIT_MISSING_LAST_TICK);
    run.missing_checks = 5101;
    run.missing_last_tick = 384;
    assert_only_red(LIMIT_MISSING_CHECKS);
}

static void test_verdict_gates_holes(void **state)
{
    (void)state;
    run.holes = 1;
    assert_only_red(LIMIT_HOLES);
    run.holes = 0;
    run.hole_pixels = 1;
    assert_only_red(LIMIT_HOLE_PIXELS);
    run.hole_pixels = -1; // GL drew, and nobody looked
    assert_only_red(LIMIT_HOLE_PIXELS);
    input.gpu = LIMIT_GPU_NONE;
    Verdict verdict = verdict_judge(&input);
    assert_true(verdict.pass);
    assert_false(verdict_row(&verdict, LIMIT_HOLE_PIXELS)->applies);
    assert_string_equal(verdict_row(&verdict, LIMIT_HOLE_PIXELS)->reason, "no GL");
}

static void test_verdict_gates_bookkeeping(void **state)
{
    (void)state;
    run.counters.duplicates = 1;
    assert_only_red(LIMIT_DUPLICATES);
    run.counters.duplicates = 0;
    run.counters.dropped = 1;
    assert_only_red(LIMIT_DROPPED);
    run.counters.dropped = 0;
    run.allocations = 1;
    assert_only_red(LIMIT_ALLOCATIONS_STEADY);
    run.allocations = 0;
    run.gl_objects = 1;
    assert_only_red(LIMIT_GL_OBJECTS_STEADY);
}

static void test_verdict_gates_memory(void **state)
{
    (void)state;
    run.rss_max_bytes = 105900000;
    assert_green();
    run.rss_max_bytes = 106100000;
    assert_only_red(LIMIT_RSS_DELTA_RATIO);
    start(NULL);
    // Samples 0, s, 2s bytes at 0, 1, 2 minutes: slope s.
    double slope = 1048577.0;
    run.rss_sum_y = 3.0 * slope;
    run.rss_sum_ty = 5.0 * slope;
    assert_only_red(LIMIT_MEMORY_SLOPE);
    run.ticks = RUN_STATS_SLOPE_TICKS - 1;
    assert_green();
    start(NULL);
    run.rss_at_warm_bytes = 0;
    assert_only_red(LIMIT_RSS_DELTA_RATIO);
}

static void test_verdict_gates_the_first_view_by_gpu(void **state)
{
    (void)state;
    run.first_view_ms = 1500.0;
    assert_only_red(LIMIT_FIRST_VIEW_MS);
    input.gpu = LIMIT_GPU_NONE;
    assert_only_red(LIMIT_FIRST_VIEW_MS);
    input.gpu = LIMIT_GPU_SOFTWARE;
    assert_green();
    run.first_view_ms = 2001.0;
    assert_only_red(LIMIT_FIRST_VIEW_MS);
    input.live = true;
    assert_green();
}

static void test_verdict_is_red_when_the_view_was_never_complete(void **state)
{
    (void)state;
    run.first_view_ms = -1.0;
    run.sharp_of = 0;
    Verdict verdict = verdict_judge(&input);
    assert_int_equal(verdict.broken, 2);
    assert_false(verdict_row(&verdict, LIMIT_FIRST_VIEW_MS)->pass);
    assert_false(verdict_row(&verdict, LIMIT_SHARP_TICK_RATIO)->pass);
    assert_true(isnan(verdict_row(&verdict, LIMIT_FIRST_VIEW_MS)->value));
}

static void test_verdict_gates_the_view_after_a_jump_on_teleport(void **state)
{
    (void)state;
    run.teleport_view_ms_max = 1001.0;
    assert_green();
    input.path = FLIGHT_TELEPORT;
    assert_only_red(LIMIT_TELEPORT_VIEW_MS);
    input.gpu = LIMIT_GPU_SOFTWARE;
    assert_green();
}

static void test_verdict_gates_sharpness_and_prefetch(void **state)
{
    (void)state;
    run.sharp_ticks = 989;
    assert_only_red(LIMIT_SHARP_TICK_RATIO);
    run.sharp_ticks = 990;
    assert_green();
    run.counters.lobe_used = 74;
    assert_only_red(LIMIT_PREFETCH_USED_RATIO);
    input.path = FLIGHT_ORBIT;
    assert_green();
    input.path = FLIGHT_DIVE;
    run.counters.lobe_issued = 0;
    assert_only_red(LIMIT_PREFETCH_USED_RATIO);
    input.prefetch_off = true;
    assert_green();
}

static void test_verdict_gates_lod_transitions_from_fifty_on(void **state)
{
    (void)state;
    run.counters.lod_generated = 11;
    assert_only_red(LIMIT_LOD_GENERATED_RATIO);
    run.counters.lod_transitions = 49;
    Verdict verdict = verdict_judge(&input);
    assert_true(verdict.pass);
    assert_string_equal(verdict_row(&verdict, LIMIT_LOD_GENERATED_RATIO)->reason,
                        "fewer than 50 transitions");
    start(NULL);
    fill(&run.serve, 0.051);
    assert_only_red(LIMIT_SERVE_MS_P99);
}

static void test_verdict_gates_the_throttle_on_shock(void **state)
{
    (void)state;
    input.path = FLIGHT_SHOCK;
    run.throttle.released_ms_max = 1001.0;
    assert_only_red(LIMIT_THROTTLE_RELEASED_MS);
    run.throttle.released_ms_max = 900.0;
    run.throttle.engaged = true;
    run.throttle.calm_s = 1.5; // calm, and still not given back
    assert_only_red(LIMIT_THROTTLE_RELEASED_MS);
    run.throttle.engaged = false;
    run.throttle_held_demand_ticks = 1;
    assert_only_red(LIMIT_THROTTLE_HELD_DEMAND);
    run.throttle_held_demand_ticks = 0;
    run.throttle.engaged_count = 0;
    assert_only_red(LIMIT_THROTTLE_RELEASED_MS);
    input.throttle_off = true;
    assert_green();
}

static void test_verdict_gates_wall_time_on_hardware_only(void **state)
{
    (void)state;
    run.frame_hitches = 10;
    assert_only_red(LIMIT_FRAME_HITCHES);
    input.gpu = LIMIT_GPU_SOFTWARE;
    assert_green();
    Verdict verdict = verdict_judge(&input);
    const VerdictRow *row = verdict_row(&verdict, LIMIT_FRAME_HITCHES);
    assert_true(row->value == 10.0); // reported all the same
    assert_true(row->reason[0] != '\0');
    start(NULL);
    fill(&run.stream_wall, 2.2);
    assert_only_red(LIMIT_STREAM_WALL_MS_P99);
}

static void test_verdict_says_what_a_short_run_could_not_measure(void **state)
{
    (void)state;
    run.warm = false;
    run.allocations = 5;
    run.rss_max_bytes *= 2;
    Verdict verdict = verdict_judge(&input);
    assert_true(verdict.pass);
    assert_false(verdict_row(&verdict, LIMIT_ALLOCATIONS_STEADY)->applies);
    assert_string_equal(verdict_row(&verdict, LIMIT_RSS_DELTA_RATIO)->reason,
                        "the run ended before warm-up did");
    run_stats_start(&run);
    verdict = verdict_judge(&input);
    assert_false(verdict.pass); // nothing was flown at all
}

static void test_limit_knows_software_rasterisers(void **state)
{
    (void)state;
    assert_int_equal(limit_gpu(NULL), LIMIT_GPU_NONE);
    assert_int_equal(limit_gpu("llvmpipe (LLVM 15.0.6, 256 bits)"), LIMIT_GPU_SOFTWARE);
    assert_int_equal(limit_gpu("NVIDIA H200/PCIe/SSE2"), LIMIT_GPU_HARDWARE);
    assert_false(limit_keep(LIMIT_AT_MOST, (double)NAN, 1.0));
    assert_false(limit_keep(LIMIT_AT_LEAST, (double)NAN, 1.0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_verdict_is_green_when_every_limit_is_kept, start),
        cmocka_unit_test_setup(test_verdict_gates_stream_time, start),
        cmocka_unit_test_setup(test_verdict_gates_missing_on_walk_only, start),
        cmocka_unit_test_setup(test_verdict_gates_holes, start),
        cmocka_unit_test_setup(test_verdict_gates_bookkeeping, start),
        cmocka_unit_test_setup(test_verdict_gates_memory, start),
        cmocka_unit_test_setup(test_verdict_gates_the_first_view_by_gpu, start),
        cmocka_unit_test_setup(test_verdict_is_red_when_the_view_was_never_complete, start),
        cmocka_unit_test_setup(test_verdict_gates_the_view_after_a_jump_on_teleport, start),
        cmocka_unit_test_setup(test_verdict_gates_sharpness_and_prefetch, start),
        cmocka_unit_test_setup(test_verdict_gates_lod_transitions_from_fifty_on, start),
        cmocka_unit_test_setup(test_verdict_gates_the_throttle_on_shock, start),
        cmocka_unit_test_setup(test_verdict_gates_wall_time_on_hardware_only, start),
        cmocka_unit_test_setup(test_verdict_says_what_a_short_run_could_not_measure, start),
        cmocka_unit_test_setup(test_limit_knows_software_rasterisers, start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
