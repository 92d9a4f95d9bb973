#include "base/os_clock.h"
#include "engine_rig.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define MIB (UINT64_C(1) << 20)

static bool fits(const EngineConfig *config)
{
    ResultText text = {{0}};
    return engine_check(config, &text) == RESULT_OK;
}

// The least value of one of the ceilings that passes the check.
static uint64_t least_ceiling(EngineConfig *config, uint64_t *ceiling)
{
    uint64_t low = MIB, high = 4096 * MIB;
    while (high - low > MIB / 8) {
        *ceiling = (low + high) / 2;
        if (fits(config))
            high = *ceiling;
        else
            low = *ceiling;
    }
    *ceiling = high;
    assert_true(fits(config));
    return high;
}

static void tracked_bytes_stay_under_the_ram_ceiling(void **state)
{
    (void)state;
    EngineConfig config = engine_rig_config();
    uint64_t least = least_ceiling(&config, &config.ram_ceiling_bytes);
    assert_true(least < 256 * MIB);
    EngineRig rig;
    uint64_t outside = os_memory_stats().live_total_bytes;
    engine_rig_create(&rig, &config);
    for (int i = 0; i < 150; i++) {
        engine_rig_move_to(&rig, 128.0 + 10.0 * i, 900.0, 128.0);
        assert_true(engine_rig_tick(&rig)->tracked_bytes - outside <= least);
    }
    // With hardly more blocks than the least the view still becomes whole.
    assert_true(engine_rig_complete(&rig));
    assert_int_equal(rig.holes, 0);
    assert_true(engine_frame(rig.engine)->tracked_bytes - outside <= least);
    assert_int_equal(engine_run(rig.engine)->counters.dropped, 0);
    engine_rig_destroy(&rig);
}

static void too_little_ram_is_said_with_numbers(void **state)
{
    (void)state;
    EngineConfig config = engine_rig_config();
    config.ram_ceiling_bytes = 20 * MIB;
    ResultText text = {{0}};
    assert_int_equal(engine_check(&config, &text), RESULT_LIMIT);
    assert_non_null(strstr(text.text, "20 MiB"));
    const char *sum = strstr(text.text, "= ");
    unsigned needed = 0;
    assert_non_null(sum);
    assert_int_equal(sscanf(sum, "= %u MiB", &needed), 1);
    config.ram_ceiling_bytes = needed * MIB;
    assert_true(fits(&config));
    config.ram_ceiling_bytes -= 2 * MIB;
    assert_false(fits(&config));
}

static void a_tight_vram_ceiling_is_kept_and_leaves_no_hole(void **state)
{
    (void)state;
    EngineConfig config = engine_rig_config();
    uint64_t least = least_ceiling(&config, &config.vram_ceiling_bytes);
    EngineRig rig;
    engine_rig_create(&rig, &config);
    for (int i = 0; i < 120; i++) {
        engine_rig_move_to(&rig, 128.0, 900.0, 128.0 + 5.0 * i);
        assert_true(engine_rig_tick(&rig)->gpu_bytes <= least);
    }
    assert_true(engine_rig_settle(&rig));
    assert_int_equal(rig.holes, 0);
    engine_rig_destroy(&rig);
}

static void too_large_a_view_is_refused_with_the_largest_that_fits(void **state)
{
    (void)state;
    EngineConfig config = engine_rig_config();
    config.view_chunks = 24;
    config.prefetch_chunks = 8;
    ResultText text = {{0}};
    assert_int_equal(engine_check(&config, &text), RESULT_LIMIT);
    assert_non_null(strstr(text.text, "view 24"));
    assert_non_null(strstr(text.text, "320 MiB"));
    const char *tail = strstr(text.text, "the largest view that fits is ");
    int largest = 0;
    assert_non_null(tail);
    assert_int_equal(sscanf(tail, "the largest view that fits is %d", &largest), 1);
    config.view_chunks = largest;
    assert_true(fits(&config));
    config.view_chunks = largest + 1;
    assert_false(fits(&config));
    // Not even the smallest view fits: how much would.
    config.view_chunks = 8;
    config.vram_ceiling_bytes = 30 * MIB;
    assert_int_equal(engine_check(&config, &text), RESULT_LIMIT);
    tail = strstr(text.text, "raise --vram-mib to ");
    unsigned needed = 0;
    assert_non_null(tail);
    assert_int_equal(sscanf(tail, "raise --vram-mib to %u", &needed), 1);
    config.vram_ceiling_bytes = needed * MIB;
    assert_true(fits(&config));
    // An engine is not made of it either.
    config.vram_ceiling_bytes = 30 * MIB;
    EngineRig rig;
    uint64_t before = os_memory_stats().live_total_bytes;
    engine_rig_begin(&rig);
    assert_int_equal(engine_rig_start(&rig, &config), RESULT_LIMIT);
    assert_null(rig.engine);
    engine_rig_destroy(&rig);
    assert_int_equal(os_memory_stats().live_total_bytes, before);
}

// Targets and materials count like tiles, and materials in RAM like chunks.
static void what_the_picture_needs_counts(void **state)
{
    (void)state;
    EngineConfig config = engine_rig_config();
    config.vram_ceiling_bytes = least_ceiling(&config, &config.vram_ceiling_bytes);
    config.needs.gpu_bytes = 40 * MIB;
    assert_false(fits(&config));
    config.vram_ceiling_bytes += 40 * MIB;
    assert_true(fits(&config));
    config.vram_ceiling_bytes = 0;
    config.ram_ceiling_bytes = least_ceiling(&config, &config.ram_ceiling_bytes);
    config.needs.ram_bytes = 30 * MIB;
    assert_false(fits(&config));
    config.ram_ceiling_bytes += 30 * MIB;
    assert_true(fits(&config));
}

static void settings_out_of_range_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        EngineConfig config;
    } cases[] = {
        {"view", {.view_chunks = 7}},
        {"view", {.view_chunks = 25}},
        {"prefetch", {.prefetch_chunks = 1}},
        {"prefetch", {.prefetch_chunks = 9}},
        {"loads", {.loads_max = -1}},
        {"throttled loads", {.loads_throttled = 9}},
        {"queue", {.queue_requests = 8}},
        {"results queue", {.queue_results = 5000}},
        {"threads", {.threads = -1}},
        {"tier", {.tier = 4}},
        {"quality", {.quality = 1.5f}},
        {"quality", {.quality = 0.5f}},
        {"most quality", {.quality_max = 1.5f}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ResultText text = {{0}};
        assert_int_equal(engine_check(&cases[i].config, &text), RESULT_BAD_INPUT);
        assert_int_equal(strncmp(text.text, cases[i].name, strlen(cases[i].name)), 0);
    }
    assert_true(fits(&(EngineConfig){0}));
}

static void settle_at(EngineRig *rig, float quality, float expected)
{
    rig->input.quality = quality;
    engine_rig_tick(rig);
    assert_true(engine_rig_settle(rig));
    const FrameStats *frame = engine_rig_tick(rig);
    LodRanges nominal = lod_ranges_nominal(expected);
    for (int lod = 0; lod < 3; lod++)
        assert_float_equal(frame->range_m[lod], nominal.end_m[lod], 2.0f);
    assert_int_equal(frame->late, 0);
}

static void quality_goes_both_ways_up_to_the_most_there_is_room_for(void **state)
{
    (void)state;
    static const float most[] = {1.3f, 1.1f, 0.0f};
    for (int i = 0; i < 3; i++) {
        EngineConfig config = engine_rig_config();
        config.quality_max = most[i];
        float top = most[i] > 1.0f ? most[i] : config.quality; // 0: no room beyond the start's
        EngineRig rig;
        engine_rig_create(&rig, &config);
        settle_at(&rig, 0.0f, 1.0f);
        settle_at(&rig, 1.3f, top);
        settle_at(&rig, 0.8f, 0.8f);
        settle_at(&rig, 9.0f, top);
        assert_int_equal(rig.holes, 0);
        assert_int_equal(engine_run(rig.engine)->counters.dropped, 0);
        engine_rig_destroy(&rig);
    }
}

static void without_prefetch_nothing_is_loaded_ahead(void **state)
{
    (void)state;
    EngineConfig config = engine_rig_config();
    config.features_off = 1u << ENGINE_FEATURE_PREFETCH | 1u << ENGINE_FEATURE_LOD_CACHE;
    EngineRig rig;
    engine_rig_create(&rig, &config);
    for (int i = 0; i < 60; i++) {
        engine_rig_move_to(&rig, 128.0 + 5.0 * i, 900.0, 128.0);
        const FrameStats *frame = engine_rig_tick(&rig);
        assert_int_equal(frame->in_flight_speculative, 0);
        assert_int_equal(frame->wanted, frame->wanted_demand);
        // Without the LOD cache no heights are kept either.
        assert_int_equal(frame->data_states[FRAME_STATS_DATA_READY], 0);
    }
    assert_true(engine_rig_settle(&rig));
    const RunStatsCounters *counters = &engine_run(rig.engine)->counters;
    assert_int_equal(counters->lobe_issued + counters->ring_issued, 0);
    // Switched on while it runs.
    engine_set_feature(rig.engine, ENGINE_FEATURE_PREFETCH, true);
    engine_set_feature(rig.engine, ENGINE_FEATURE_LOD_CACHE, true);
    assert_true(engine_rig_settle(&rig));
    assert_true(counters->lobe_issued + counters->ring_issued > 0);
    assert_true(engine_frame(rig.engine)->data_states[FRAME_STATS_DATA_READY] > 0);
    engine_rig_destroy(&rig);
}

static void without_throttle_or_upload_budget_they_do_not_act(void **state)
{
    (void)state;
    EngineConfig config = engine_rig_config();
    config.throttle_ms = 2.0;
    config.upload_bytes = 65536;
    config.upload_count = 1;
    config.features_off = 1u << ENGINE_FEATURE_THROTTLE | 1u << ENGINE_FEATURE_UPLOAD_BUDGET;
    EngineRig rig;
    engine_rig_begin(&rig);
    rig.world->slow_us = 60000; // creating it does not bring all
    assert_int_equal(engine_rig_start(&rig, &config), RESULT_OK);
    uint32_t most = 0;
    // The workers get longer and longer moments, so that two tiles wait for one tick on a slow machine too.
    uint64_t moment_ns = 1000000;
    while (most < 2 && !engine_frame(rig.engine)->view_complete) {
        os_clock_sleep_until_ns(os_clock_now_ns() + moment_ns);
        moment_ns += moment_ns < 100000000 ? moment_ns / 2 : 0;
        const FrameStats *frame = engine_rig_tick(&rig);
        most = frame->upload_count > most ? frame->upload_count : most;
    }
    assert_true(most > 1);
    rig.input.main_burn_ms = 4.0;
    for (int i = 0; i < 10; i++)
        assert_false(engine_rig_tick(&rig)->throttled);
    engine_set_feature(rig.engine, ENGINE_FEATURE_THROTTLE, true);
    assert_true(engine_rig_tick(&rig)->throttled);
    assert_int_equal(engine_frame(rig.engine)->loads_allowed, 2);
    engine_set_feature(rig.engine, ENGINE_FEATURE_UPLOAD_BUDGET, true);
    engine_rig_move_to(&rig, 9000.0, 900.0, 128.0);
    uint32_t uploads = 0, waiting = 0;
    for (int i = 0; i < 30; i++) {
        os_clock_sleep_until_ns(os_clock_now_ns() + 100000000);
        const FrameStats *frame = engine_rig_tick(&rig);
        assert_true(frame->upload_count <= 1);
        uploads += frame->upload_count;
        waiting = frame->staged > waiting ? frame->staged : waiting;
    }
    assert_true(uploads > 1 && waiting > 1);
    engine_rig_destroy(&rig);
}

static void a_third_of_all_chunks_failing_leaves_no_hole(void **state)
{
    (void)state;
    EngineConfig config = engine_rig_config();
    EngineRig rig;
    engine_rig_begin(&rig);
    rig.world->fail_reads = UINT_MAX;
    rig.world->fail_one_of = 3;
    rig.world->fail_level = 0;
    assert_int_equal(engine_rig_start(&rig, &config), RESULT_OK);
    const FrameStats *frame = NULL;
    for (int i = 0; i < 200 || frame->data_states[FRAME_STATS_DATA_FAILED] <= 50; i++) {
        assert_true(i < 10000);
        engine_rig_move_to(&rig, 128.0 + 5.0 * (i % 200), 900.0, 128.0);
        frame = engine_rig_tick(&rig);
        assert_int_equal(frame->holes, 0);
    }
    assert_false(frame->view_complete);
    assert_true(frame->tiles_drawn > 0);
    engine_rig_destroy(&rig);
}

static uint64_t real_ns(void)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (uint64_t)at.tv_sec * UINT64_C(1000000000) + (uint64_t)at.tv_nsec;
}

// A clock that runs 40 times as fast.
static uint64_t fast_now_ns(void *object)
{
    (void)object;
    return real_ns() * 40;
}

static void fast_sleep(void *object, uint64_t deadline_ns)
{
    (void)object;
    while (real_ns() * 40 < deadline_ns)
        nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
}

static void a_world_that_gives_nothing_still_lets_the_engine_start(void **state)
{
    (void)state;
    OsClock fast = {.now_ns = fast_now_ns, .sleep_until_ns = fast_sleep};
    EngineConfig config = engine_rig_config();
    EngineRig rig;
    engine_rig_begin(&rig);
    rig.world->fail_reads = UINT_MAX;
    os_clock_override(&fast);
    assert_int_equal(engine_rig_start(&rig, &config), RESULT_OK);
    for (int i = 0; i < 20; i++)
        assert_int_equal(engine_rig_tick(&rig)->holes, 289); // it is said, not hidden
    assert_true(engine_run(rig.engine)->counters.failed > 0);
    engine_rig_destroy(&rig);
    os_clock_override(NULL);
}

static void create_without_memory_fails_cleanly(void **state)
{
    (void)state;
    EngineConfig config = engine_rig_config();
    config.ram_ceiling_bytes = least_ceiling(&config, &config.ram_ceiling_bytes);
    uint64_t before = os_memory_stats().live_total_bytes;
    static const uint64_t nths[] = {1, 2, 4, 9, 14, 19, 24, 30, 37, 40};
    for (size_t i = 0; i < sizeof nths / sizeof *nths; i++) {
        EngineRig rig;
        engine_rig_begin(&rig);
        os_memory_fail_at(nths[i], 0);
        Result result = engine_rig_start(&rig, &config);
        os_memory_fail_at(0, 0);
        assert_int_equal(result, RESULT_OUT_OF_MEMORY);
        assert_true(strlen(rig.text.text) > 0);
        engine_rig_destroy(&rig);
        assert_int_equal(os_memory_stats().live_total_bytes, before);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tracked_bytes_stay_under_the_ram_ceiling),
        cmocka_unit_test(too_little_ram_is_said_with_numbers),
        cmocka_unit_test(a_tight_vram_ceiling_is_kept_and_leaves_no_hole),
        cmocka_unit_test(what_the_picture_needs_counts),
        cmocka_unit_test(too_large_a_view_is_refused_with_the_largest_that_fits),
        cmocka_unit_test(settings_out_of_range_are_named),
        cmocka_unit_test(quality_goes_both_ways_up_to_the_most_there_is_room_for),
        cmocka_unit_test(without_prefetch_nothing_is_loaded_ahead),
        cmocka_unit_test(without_throttle_or_upload_budget_they_do_not_act),
        cmocka_unit_test(a_third_of_all_chunks_failing_leaves_no_hole),
        cmocka_unit_test(a_world_that_gives_nothing_still_lets_the_engine_start),
        cmocka_unit_test(create_without_memory_fails_cleanly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
