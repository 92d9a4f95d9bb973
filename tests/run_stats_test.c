// What a run adds up to, fed with made-up ticks.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/log.h"
#include "stream/run_stats.h"
#include <math.h>
#include <string.h>

static RunStats run;
static FrameStats frame;
static uint64_t asked_for; // allocations and objects, beside one allocation a tick

static int start(void **state)
{
    (void)state;
    run_stats_start(&run);
    asked_for = 0;
    memset(&frame, 0, sizeof frame);
    frame.hole_pixels = -1;
    return 0;
}

// One tick of 4 ms wall and 1 ms in plan, `stream_ms` of it; `run` is fed with what `frame` says.
static void feed(double stream_ms, double wall_ms)
{
    frame.ledger.cpu_ns[LEDGER_UPLOAD] = (uint64_t)(stream_ms * 1e6);
    frame.ledger.stream_cpu_ns = frame.ledger.cpu_ns[LEDGER_UPLOAD];
    frame.ledger.stream_wall_ns = frame.ledger.stream_cpu_ns;
    frame.ledger.tick_cpu_ns = frame.ledger.stream_cpu_ns + 1000000;
    frame.ledger.tick_wall_ns = (uint64_t)(wall_ms * 1e6);
    frame.time_s = (double)frame.tick / 60.0;
    RunStatsTick tick = {.frame = &frame,
                         .since_create_ms = 16.0 * (double)(frame.tick + 1),
                         .allocations = 1000 + frame.tick + asked_for,
                         .gl_objects = 7 + asked_for};
    run_stats_add(&run, &tick);
    ++frame.tick;
}

static void test_run_stats_splits_cold_from_steady_at_the_first_view(void **state)
{
    (void)state;
    for (int i = 0; i < 10; ++i) {
        feed(1.0, 4.0);
    }
    frame.view_complete = true;
    feed(1.0, 4.0); // the tick that completes the view is still cold
    feed(0.2, 4.0);
    assert_int_equal(run.stream_cold.count, 11);
    assert_int_equal(run.stream_steady.count, 1);
    assert_int_equal(run.stream.count, 12);
    assert_true(fabs(run.first_view_ms - 16.0 * 11.0) < 1e-9);
    assert_int_equal(run.view_complete_tick, 10);
}

static void test_run_stats_warms_up_five_seconds_after_the_first_view(void **state)
{
    (void)state;
    frame.rss_bytes = 1000;
    frame.view_complete = true;
    for (int i = 0; i < 300; ++i) {
        feed(0.1, 4.0);
    }
    assert_false(run.warm);
    frame.rss_bytes = 2000;
    feed(0.1, 4.0);
    assert_true(run.warm);
    assert_int_equal(run.warm_tick, 300);
    assert_int_equal(run.allocations_at_warm, 1300);
    frame.rss_bytes = 2100;
    feed(0.1, 4.0);
    frame.rss_bytes = 2050;
    feed(0.1, 4.0);
    assert_true(fabs(run_stats_rss_delta_ratio(&run) - 0.05) < 1e-12);
    assert_int_equal(run.allocations - run.allocations_at_warm, 2);
}

static void test_run_stats_counts_nothing_that_was_asked_for(void **state)
{
    (void)state;
    frame.view_complete = true;
    for (int i = 0; i < 100; ++i)
        feed(0.1, 4.0);
    run_stats_excuse(&run, run.allocations, run.gl_objects); // before warm-up it all is the start's
    while (!run.warm)
        feed(0.1, 4.0);
    assert_int_equal(run.allocations - run.allocations_at_warm, 0);
    asked_for = 3;
    run_stats_excuse(&run, run.allocations + 3, run.gl_objects + 3);
    feed(0.1, 4.0); // takes one of its own
    assert_int_equal(run.allocations - run.allocations_at_warm, 1);
    assert_int_equal(run.gl_objects - run.gl_objects_at_warm, 0);
}

static void test_run_stats_blames_a_hitch_on_its_largest_streaming_row(void **state)
{
    (void)state;
    frame.ledger.cpu_ns[LEDGER_SUBMIT] = 9000000; // larger, but no streaming row
    frame.ledger.cpu_ns[LEDGER_PLAN] = 500000;
    frame.ledger.largest[LEDGER_UPLOAD] = (LedgerItem){"copy", 42, 2500000};
    frame.queue_depths[JOB_DEMAND] = 17;
    frame.ledger.stream_usage = (OsThreadUsage){.involuntary_switches = 2, .page_faults = 3};
    feed(2.0, 4.0); // on the threshold: no hitch
    assert_int_equal(run.hitch_count, 0);
    feed(3.0, 4.0);
    assert_int_equal(run.hitch_count, 1);
    assert_int_equal(run.hitch_steady_count, 0);
    const RunStatsHitch *hitch = run_stats_hitch(&run, 0);
    assert_int_equal(hitch->tick, 1);
    assert_int_equal(hitch->row, LEDGER_UPLOAD);
    assert_string_equal(hitch->item.name, "copy");
    assert_int_equal(hitch->queue_depths[JOB_DEMAND], 17);
    assert_int_equal(hitch->usage.involuntary_switches, 2);
    assert_int_equal(hitch->usage.page_faults, 3);
}

// A hitch of a slow machine slows everything; one of streaming's own nothing else.
static void test_run_stats_tells_a_slow_machine_from_a_hitch_of_its_own(void **state)
{
    (void)state;
    static const LedgerRow others[] = {LEDGER_GL_WAIT, LEDGER_SELECT, LEDGER_SUBMIT, LEDGER_UI,
                                       LEDGER_PRESENT};
    for (int tick = 0; tick < 60; ++tick) {
        for (int i = 0; i < 5; ++i)
            frame.ledger.cpu_ns[others[i]] = (uint64_t)(1 + i) * 20000;
        feed(0.1, 4.0);
    }
    feed(3.0, 6.0);
    assert_true(fabs(run_stats_hitch(&run, 0)->slowness - 1.0) < 0.1);
    for (int i = 0; i < 4; ++i)
        frame.ledger.cpu_ns[others[i]] *= 10;
    feed(3.0, 6.0);
    assert_true(fabs(run_stats_hitch(&run, 1)->slowness - 10.0) < 1.0);
    assert_false(run_stats_hitch(&run, 1)->steady);
}

static void test_run_stats_keeps_the_last_hitches_and_counts_all(void **state)
{
    (void)state;
    for (int i = 0; i < RUN_STATS_HITCHES_MAX + 5; ++i) {
        feed(3.0, 4.0);
    }
    assert_int_equal(run.hitch_count, RUN_STATS_HITCHES_MAX + 5);
    assert_int_equal(run.hitches_kept, RUN_STATS_HITCHES_MAX);
    assert_int_equal(run_stats_hitch(&run, 0)->tick, 5);
    assert_int_equal(run_stats_hitch(&run, RUN_STATS_HITCHES_MAX - 1)->tick,
                     RUN_STATS_HITCHES_MAX + 4);
}

static void catch_line(void *object, LogLevel level, const char *text)
{
    assert_int_equal(level, LOG_WARN);
    assert_non_null(strstr(text, "1 of 2 worker threads"));
    ++*(int *)object;
}

// Warnings of a run of 20 s in which so many of two workers ran.
static int warnings(int ran)
{
    int count = 0;
    start(NULL);
    run.workers.workers_requested = 2;
    run.workers.workers_ran = ran;
    frame.view_complete = true;
    log_set_sink(catch_line, &count);
    for (int i = 0; i < 1200; ++i) {
        feed(0.2, 4.0);
    }
    log_set_sink(NULL, NULL);
    return count;
}

static void test_run_stats_says_once_that_a_worker_never_ran(void **state)
{
    (void)state;
    assert_int_equal(warnings(1), 1);
    assert_int_equal(warnings(2), 0);
}

static void test_run_stats_counts_hitches_after_warm_up_apart(void **state)
{
    (void)state;
    frame.view_complete = true;
    for (int i = 0; i < 301; ++i) {
        feed(0.1, 4.0);
    }
    feed(3.0, 4.0);
    assert_int_equal(run.hitch_steady_count, 1);
}

static void test_run_stats_finds_frames_over_twice_the_median(void **state)
{
    (void)state;
    for (int i = 0; i < 60; ++i) {
        feed(0.1, i == 3 ? 30.0 : 4.0); // too early to know the median
    }
    assert_int_equal(run.frame_hitches, 0);
    feed(0.1, 7.9);
    assert_int_equal(run.frame_hitches, 0);
    feed(0.1, 8.1);
    assert_int_equal(run.frame_hitches, 1);
    assert_true(fabs(run.jank_ms - (30.0 - 16.7)) < 1e-6);
}

static void test_run_stats_sums_missing_holes_and_pixels(void **state)
{
    (void)state;
    assert_int_equal(run.missing_last_tick, -1);
    frame.missing = 5;
    frame.holes = 2;
    feed(0.1, 4.0);
    assert_int_equal(run.hole_pixels, -1);
    frame.hole_pixels = 3;
    feed(0.1, 4.0);
    frame.missing = 0;
    frame.hole_pixels = -1;
    feed(0.1, 4.0);
    assert_int_equal(run.missing_checks, 10);
    assert_int_equal(run.missing_last_tick, 1);
    assert_int_equal(run.holes, 6);
    assert_int_equal(run.hole_pixels, 3);
}

static void test_run_stats_counts_sharp_ticks_after_the_first_view_only(void **state)
{
    (void)state;
    frame.sharp = false;
    feed(0.1, 4.0);
    frame.view_complete = true;
    feed(0.1, 4.0);
    assert_int_equal(run.sharp_of, 0);
    frame.sharp = true;
    feed(0.1, 4.0);
    frame.sharp = false;
    feed(0.1, 4.0);
    assert_int_equal(run.sharp_of, 2);
    assert_int_equal(run.sharp_ticks, 1);
}

static void test_run_stats_times_a_jump_until_the_view_is_complete_again(void **state)
{
    (void)state;
    frame.teleported = true;
    feed(0.1, 4.0); // before the first view a jump is part of the cold start
    frame.teleported = false;
    frame.view_complete = true;
    feed(0.1, 4.0);
    assert_true(run.teleport_view_ms_max == 0.0);
    frame.teleported = true;
    frame.view_complete = false;
    feed(0.1, 4.0);
    frame.teleported = false;
    feed(0.1, 4.0);
    assert_true(fabs(run.teleport_view_ms_max - 20.0) < 1e-9); // already counts
    frame.view_complete = true;
    feed(0.1, 4.0);
    feed(0.1, 4.0);
    assert_true(fabs(run.teleport_view_ms_max - 36.0) < 1e-9);
    assert_false(run.teleport_pending);
}

static void test_run_stats_slope_needs_ten_minutes_and_finds_a_leak(void **state)
{
    (void)state;
    frame.view_complete = true;
    for (int i = 0; i < RUN_STATS_SLOPE_TICKS - 1; ++i) {
        frame.rss_bytes = 100000000 + (frame.tick / 60) * 1000;
        feed(0.1, 4.0);
    }
    assert_true(isnan(run_stats_slope_bytes_per_min(&run)));
    feed(0.1, 4.0);
    assert_true(fabs(run_stats_slope_bytes_per_min(&run) - 60000.0) < 60.0);
}

static void test_run_stats_smoothness_falls_with_uneven_frames(void **state)
{
    (void)state;
    assert_true(run_stats_smoothness(&run) == 0.0);
    for (int i = 0; i < 10; ++i) {
        feed(0.1, 10.0);
    }
    assert_true(run_stats_smoothness(&run) > 0.999);
    for (int i = 0; i < 10; ++i) {
        feed(0.1, 30.0);
    }
    // Mean 20, variance 100: 1 - 100 / 400.
    assert_true(fabs(run_stats_smoothness(&run) - 0.75) < 1e-6);
}

static void test_run_stats_remembers_waits_and_late_chunks(void **state)
{
    (void)state;
    frame.ledger.stream_usage.voluntary_switches = 2;
    frame.late = 9;
    frame.late_longest_ms = 120.0;
    frame.throttle_held_demand = true;
    feed(0.1, 4.0);
    frame.late = 4;
    frame.late_longest_ms = 80.0;
    frame.throttle_held_demand = false;
    feed(0.1, 4.0);
    assert_int_equal(run.stream_switches, 4);
    assert_int_equal(run.late_count_max, 9);
    assert_true(run.late_longest_ms == 120.0);
    assert_int_equal(run.throttle_held_demand_ticks, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_run_stats_splits_cold_from_steady_at_the_first_view, start),
        cmocka_unit_test_setup(test_run_stats_warms_up_five_seconds_after_the_first_view, start),
        cmocka_unit_test_setup(test_run_stats_counts_nothing_that_was_asked_for, start),
        cmocka_unit_test_setup(test_run_stats_blames_a_hitch_on_its_largest_streaming_row, start),
        cmocka_unit_test_setup(test_run_stats_tells_a_slow_machine_from_a_hitch_of_its_own, start),
        cmocka_unit_test_setup(test_run_stats_keeps_the_last_hitches_and_counts_all, start),
        cmocka_unit_test_setup(test_run_stats_says_once_that_a_worker_never_ran, start),
        cmocka_unit_test_setup(test_run_stats_counts_hitches_after_warm_up_apart, start),
        cmocka_unit_test_setup(test_run_stats_finds_frames_over_twice_the_median, start),
        cmocka_unit_test_setup(test_run_stats_sums_missing_holes_and_pixels, start),
        cmocka_unit_test_setup(test_run_stats_counts_sharp_ticks_after_the_first_view_only, start),
        cmocka_unit_test_setup(test_run_stats_times_a_jump_until_the_view_is_complete_again, start),
        cmocka_unit_test_setup(test_run_stats_slope_needs_ten_minutes_and_finds_a_leak, start),
        cmocka_unit_test_setup(test_run_stats_smoothness_falls_with_uneven_frames, start),
        cmocka_unit_test_setup(test_run_stats_remembers_waits_and_late_chunks, start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
