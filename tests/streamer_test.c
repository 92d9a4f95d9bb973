#include "base/os_clock.h"
#include "base/os_memory.h"
#include "base/os_thread.h"
#include "fake_world.h"
#include "stream/null_sink.h"
#include "stream/streamer_sizes.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <limits.h>
#include <math.h>
#include <string.h>
#include <time.h>

#define TICK_S (1.0 / 60.0)
#define TICK_NS UINT64_C(16666667)
#define MIB (UINT64_C(1) << 20)

static struct {
    FakeWorld *world;
    Source source;
    NullSink *null_sink;
    GpuSink sink;
    RunStats run;
    StreamerDesc desc;
    Streamer *streamer;
    StreamerTick tick;
    double busy_ms; // what the throttle is told
    LedgerPen pen;
} rig;

// Time that only the test moves on, so that latencies and the lead do not depend on the machine.
static atomic_ullong virtual_ns;

static uint64_t virtual_now_ns(void *object)
{
    (void)object;
    return atomic_load(&virtual_ns);
}

static void nap(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 50000}, NULL);
}

static void virtual_sleep(void *object, uint64_t deadline_ns)
{
    (void)object;
    nap();
    atomic_store(&virtual_ns, deadline_ns);
}

static int begin(void **state)
{
    (void)state;
    static const OsClock clock = {.now_ns = virtual_now_ns, .sleep_until_ns = virtual_sleep};
    memset(&rig, 0, sizeof rig);
    atomic_store(&virtual_ns, TICK_NS);
    os_clock_override(&clock);
    rig.world = fake_world_create();
    rig.source = fake_world_source(rig.world);
    if (null_sink_create(&rig.null_sink) != RESULT_OK)
        return -1;
    rig.sink = null_sink_interface(rig.null_sink);
    run_stats_start(&rig.run);
    rig.desc = (StreamerDesc){.source = &rig.source,
                              .sink = &rig.sink,
                              .run = &rig.run,
                              .view_chunks = 8,
                              .prefetch_chunks = 4,
                              .workers = 2,
                              .queue_requests = 256,
                              .queue_results = 256,
                              .ram_ceiling_bytes = 150 * MIB,
                              .vram_ceiling_bytes = 256 * MIB,
                              .map_shift = 1,
                              .root_lod = 7,
                              .quality = 1.0f,
                              .growth_per_s = 0.25f,
                              .throttle = {.bytes_max = MIB}};
    rig.tick = (StreamerTick){.eye_m = {128.0, 900.0, 128.0},
                              .agl_m = 400.0f,
                              .dt_s = TICK_S,
                              .time_scale = 1.0,
                              .stream_dt_s = TICK_S,
                              .quality = 1.0f,
                              .prefetch = true,
                              .keep_data = true,
                              .results_max = 256,
                              .upload_ms = 1000.0,
                              .upload_count = 1000};
    return streamer_create(&rig.desc, &rig.streamer, NULL) == RESULT_OK ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    if (atomic_load(&rig.world->held))
        fake_world_open(rig.world);
    streamer_destroy(rig.streamer);
    null_sink_destroy(rig.null_sink);
    fake_world_destroy(rig.world);
    os_clock_override(NULL);
    return 0;
}

static LoaderStats loader(void)
{
    return loader_stats(streamer_loader(rig.streamer));
}

// The workers get as long as they need: a tick then depends on nothing but the ticks before.
static void let_workers_finish(void)
{
    for (int i = 0; i < 100000; i++) {
        JobPoolStats pool = job_pool_stats(streamer_pool(rig.streamer));
        uint32_t jobs = (uint32_t)pool.running;
        for (int c = 0; c < JOB_CLASS_COUNT; c++)
            jobs += pool.queues[c].depth;
        if (jobs == 0)
            return;
        nap();
    }
    fail_msg("the workers do not finish");
}

static FrameStats step(void)
{
    ledger_begin_tick(&rig.pen);
    ledger_begin(&rig.pen, LEDGER_PLAN);
    rig.sink.frame_wait(rig.null_sink);
    streamer_plan(rig.streamer, &rig.tick, &rig.pen);
    streamer_collect(rig.streamer, &rig.tick);
    streamer_apply(rig.streamer, &rig.tick, &rig.pen);
    streamer_submit(rig.streamer, &rig.tick);
    streamer_upload(rig.streamer, &rig.tick, &rig.pen);
    streamer_evict(rig.streamer);
    streamer_reside(rig.streamer, &rig.tick);
    (void)ledger_end_tick(&rig.pen);
    Ledger told = {.tick_cpu_ns = (uint64_t)(rig.busy_ms * 1e6), .tick_wall_ns = 1000000};
    streamer_throttle(rig.streamer, &rig.tick, &told);
    FrameStats frame = {0};
    streamer_frame(rig.streamer, &frame);
    rig.tick.tick++;
    atomic_fetch_add(&virtual_ns, TICK_NS);
    let_workers_finish();
    return frame;
}

static void settle(void)
{
    for (int i = 0; i < 2000 && !streamer_settled(rig.streamer); i++)
        step();
    assert_true(streamer_settled(rig.streamer));
}

static void a_view_begins_with_its_first_ring_and_snaps_to_what_arrives(void **state)
{
    (void)state;
    assert_int_equal(streamer_first_ring(rig.streamer, &rig.tick, NULL), RESULT_OK);
    for (int lod = LOD_CHUNK_COUNT; lod <= 7; lod++) {
        ChunkKey below = chunk_key_at(lod_key_level(lod), rig.tick.eye_m[0], rig.tick.eye_m[2]);
        assert_non_null(streamer_find(rig.streamer, below, lod));
    }
    for (int64_t i = 0; i < 81; i++) {
        ChunkKey key = {i % 9 - 4, i / 9 - 4, 6};
        bool within = chunk_key_distance_m(key, 128.0, 128.0) < 65536.0;
        if (within)
            assert_non_null(streamer_find(rig.streamer, key, 7));
    }
    FrameStats frame = step();
    assert_int_equal(frame.holes, 0);
    settle();
    assert_false(streamer_cold(rig.streamer));
    // A jump is a cold start again: its ranges do not grow, they are there with their tiles.
    rig.tick.eye_m[0] += 30000.0;
    int ticks = 0;
    do
        step();
    while (streamer_cold(rig.streamer) && ++ticks < 200);
    assert_true(ticks > 0 && ticks < 200);
    LodRanges nominal = lod_ranges_nominal(1.0f);
    for (int lod = 0; lod < LOD_COUNT; lod++)
        assert_float_equal(streamer_residency(rig.streamer)->effective.end_m[lod],
                           nominal.end_m[lod], 0.001f);
}

static int prepares_left;

// Has no end of its own until the ground below the eye stands.
static Result prepare_until_tiles_stand(void *object, bool *out_more, ResultText *text)
{
    (void)object;
    (void)text;
    nap();
    ChunkKey root = chunk_key_at(lod_key_level(7), rig.tick.eye_m[0], rig.tick.eye_m[2]);
    *out_more = !streamer_find(rig.streamer, root, 7) && --prepares_left > 0;
    return RESULT_OK;
}

static Result prepare_in_vain(void *object, bool *out_more, ResultText *text)
{
    (void)object;
    *out_more = true;
    if (--prepares_left > 0)
        return RESULT_OK;
    return result_fail(text, RESULT_UNSUPPORTED, "no such program");
}

static void workers_begin_while_the_sink_prepares(void **state)
{
    (void)state;
    prepares_left = 10000;
    rig.sink.prepare = prepare_until_tiles_stand;
    assert_int_equal(streamer_first_ring(rig.streamer, &rig.tick, NULL), RESULT_OK);
    assert_true(prepares_left > 0);
    prepares_left = 3;
    rig.sink.prepare = prepare_in_vain;
    ResultText text = {0};
    assert_int_equal(streamer_first_ring(rig.streamer, &rig.tick, &text), RESULT_UNSUPPORTED);
    assert_string_equal(text.text, "no such program");
    assert_int_equal(prepares_left, 0);
}

static bool prepare_one_later(void *object)
{
    (void)object;
    assert_false(streamer_cold(rig.streamer));
    return --prepares_left > 0;
}

static void what_a_first_picture_can_do_without_comes_after_it(void **state)
{
    (void)state;
    // A few chunks can never be read: the view is as complete as it gets.
    rig.world->fail_reads = UINT_MAX;
    rig.world->fail_one_of = 40;
    rig.world->fail_level = 0;
    prepares_left = 3;
    rig.sink.prepare_later = prepare_one_later;
    assert_int_equal(streamer_first_ring(rig.streamer, &rig.tick, NULL), RESULT_OK);
    streamer_prepare_later(rig.streamer);
    assert_int_equal(prepares_left, 3);
    for (int i = 0; i < 2000 && streamer_cold(rig.streamer); i++)
        step();
    assert_false(streamer_residency(rig.streamer)->complete);
    for (int left = 2; left >= 0; left--) {
        streamer_prepare_later(rig.streamer);
        assert_int_equal(prepares_left, left);
    }
    streamer_prepare_later(rig.streamer); // nothing was left
    assert_int_equal(prepares_left, 0);
}

static void do_nothing(void *object)
{
    (void)object;
}

static void a_start_without_a_thread_to_spare_takes_longer_and_no_more(void **state)
{
    (void)state;
    os_thread_fail_at(1, 0);
    assert_int_equal(streamer_first_ring(rig.streamer, &rig.tick, NULL), RESULT_OK);
    ChunkKey root = chunk_key_at(lod_key_level(7), rig.tick.eye_m[0], rig.tick.eye_m[2]);
    assert_non_null(streamer_find(rig.streamer, root, 7));
    OsThread *thread;
    assert_int_equal(os_thread_create("next", 0, do_nothing, NULL, &thread), RESULT_OK);
    os_thread_join(thread); // so it was the start that did not get one
    // The cache is resident: the next time asks for none.
    uint64_t allocations = os_memory_stats().allocation_count;
    assert_int_equal(streamer_first_ring(rig.streamer, &rig.tick, NULL), RESULT_OK);
    assert_int_equal(os_memory_stats().allocation_count, allocations);
}

// Until the plan that a change calls for is in force.
static void let_plan_settle(void)
{
    uint64_t plans = rig.run.counters.plans;
    for (int i = 0; i < 20 && rig.run.counters.plans == plans; i++)
        step();
}

static void a_plan_is_made_only_when_something_changed(void **state)
{
    (void)state;
    step();
    uint64_t plans = rig.run.counters.plans;
    for (int i = 0; i < 30; i++)
        step();
    assert_int_equal(rig.run.counters.plans, plans);
    rig.tick.eye_m[0] += PLANNER_SLACK_M * 0.6;
    let_plan_settle();
    assert_int_equal(rig.run.counters.plans, plans + 1);
    rig.tick.prefetch = false;
    let_plan_settle();
    rig.tick.quality = 0.9f;
    let_plan_settle();
    assert_int_equal(rig.run.counters.plans, plans + 3);
    rig.tick.eye_m[0] += 50000.0;
    assert_true(step().teleported);
    assert_int_equal(rig.run.counters.plans, plans + 4);
    assert_int_equal(rig.run.counters.teleports, 1);
}

static void what_finds_no_layer_is_counted(void **state)
{
    (void)state;
    const RunStatsCounters *counters = &rig.run.counters;
    streamer_destroy(rig.streamer);
    rig.desc.quality = rig.tick.quality = 0.8f;
    assert_int_equal(streamer_create(&rig.desc, &rig.streamer, NULL), RESULT_OK);
    step();
    assert_int_equal(counters->plans, 1);
    assert_int_equal(counters->plan_left_out, 0);
    rig.tick.quality = 1.3f; // the layers were counted for less
    let_plan_settle();
    assert_int_equal(counters->plans, 2);
    assert_true(counters->plan_left_out > 0);
    assert_int_equal(counters->plan_overflow, 0);
}

// Flies east at 300 m/s for five seconds, with a spike of the main thread in every tick of the second second.
// Fills what waits and what runs in each tick.
static void fly(bool spikes, uint32_t out_demand[300], uint32_t out_all[300])
{
    for (int i = 0; i < 300; i++) {
        rig.tick.eye_m[0] += 300.0 * TICK_S;
        rig.busy_ms = spikes && i >= 60 && i < 120 ? 30.0 : 1.0;
        FrameStats frame = step();
        assert_false(frame.throttle_held_demand);
        assert_int_equal(frame.holes, 0);
        assert_int_equal(frame.throttled, spikes && i >= 60 && i < 180 - 1);
        assert_int_equal(frame.loads_allowed, frame.throttled ? 2 : 8);
        if (frame.throttled && i > 60)
            assert_true(frame.in_flight_speculative <= 2);
        LoaderStats stats = loader();
        out_demand[i] = stats.pending_demand + stats.in_flight_demand;
        out_all[i] = stats.pending + stats.in_flight_demand + stats.in_flight_speculative;
    }
}

static void frame_spikes_do_not_grow_the_backlog(void **state)
{
    static uint32_t calm_demand[300], calm_all[300], demand[300], all[300];
    settle();
    fly(false, calm_demand, calm_all);
    assert_int_equal(rig.run.throttle.engaged_count, 0);
    end(state);
    begin(state);
    settle();
    fly(true, demand, all);
    assert_int_equal(rig.run.throttle.engaged_count, 1);
    assert_int_equal(rig.run.counters.dropped, 0);
    uint32_t calm_demand_max = 0, demand_max = 0, calm_max = 0;
    for (int i = 0; i < 300; i++) {
        calm_demand_max = calm_demand[i] > calm_demand_max ? calm_demand[i] : calm_demand_max;
        demand_max = demand[i] > demand_max ? demand[i] : demand_max;
        calm_max = calm_all[i] > calm_max ? calm_all[i] : calm_max;
    }
    assert_true(calm_max > 0);
    // What waits is at no time more than what a calm flight has at once, and none of it is due.
    for (int i = 0; i < 300; i++)
        assert_true(all[i] <= calm_max);
    assert_int_equal(demand_max, calm_demand_max);
    for (int i = 240; i < 300; i++) // a second after the release nothing is left of it
        assert_int_equal(all[i], calm_all[i]);
}

static void what_is_due_is_not_throttled(void **state)
{
    (void)state;
    settle();
    rig.busy_ms = 30.0;
    for (int i = 0; i < 30; i++)
        step();
    assert_true(streamer_throttle_state(rig.streamer)->engaged);
    rig.tick.eye_m[0] += 2500.0; // a new square without a teleport's snap: all of it is due
    rig.tick.dt_s = 1.0;
    step();
    assert_int_equal(rig.run.counters.teleports, 0);
    rig.tick.dt_s = TICK_S;
    int ticks = 0;
    for (; ticks < 60 && !streamer_residency(rig.streamer)->square_ready; ticks++) {
        FrameStats frame = step();
        assert_true(frame.throttled);
        assert_int_equal(frame.in_flight_speculative, 0);
        assert_false(frame.throttle_held_demand);
    }
    assert_true(ticks < 20);
}

// At four times the pace an eye at 100 m/s meets 400 m/s of ground: what is ahead must be known as long before.
static void fast_time_looks_as_far_ahead_in_real_seconds(void **state)
{
    (void)state;
    settle();
    rig.tick.time_scale = 4.0;
    rig.tick.dt_s = rig.tick.stream_dt_s = 4.0 * TICK_S;
    FrameStats frame = {0};
    for (int i = 0; i < 120; i++) {
        rig.tick.eye_m[0] += 400.0 * TICK_S;
        frame = step();
    }
    assert_true(fabs(frame.velocity_m_s[0] - 100.0) < 0.1);
    double real_s = (frame.predicted_m[0] - rig.tick.eye_m[0]) / 400.0;
    print_message("%.2f s ahead\n", real_s);
    assert_true(real_s > 0.5 - 0.01 && real_s < 4.0 + 0.01);
}

static void jump(void)
{
    rig.tick.eye_m[2] += 40000.0;
    rig.tick.tick++;
    streamer_plan(rig.streamer, &rig.tick, &rig.pen);
}

static void a_jump_drops_what_was_queued_for_the_old_place(void **state)
{
    (void)state;
    settle();
    fake_world_hold(rig.world);
    ledger_begin_tick(&rig.pen);
    ledger_begin(&rig.pen, LEDGER_PLAN);
    jump();
    streamer_submit(rig.streamer, &rig.tick);
    assert_true(fake_world_wait_held(rig.world, 2));
    assert_int_equal(rig.run.counters.cancelled, 0);
    uint32_t queued = loader().in_flight_demand - 2;
    assert_true(queued > 20);
    jump();
    // A few tiles of the coarse rings are wanted from either place.
    assert_true(rig.run.counters.cancelled > queued / 2);
    assert_int_equal(loader().in_flight_demand, queued + 2 - rig.run.counters.cancelled);
    fake_world_open(rig.world);
    settle();
    assert_int_equal(rig.run.counters.duplicates, 0);
    assert_int_equal(rig.run.counters.dropped, 0);
    assert_int_equal(fake_world_reads_max(rig.world), 1);
}

static void a_hole_made_on_purpose_is_seen_and_filled_again(void **state)
{
    (void)state;
    settle();
    streamer_make_hole(rig.streamer);
    FrameStats frame = {0};
    streamer_reside(rig.streamer, &rig.tick);
    streamer_frame(rig.streamer, &frame);
    assert_true(frame.holes > 0 && frame.missing > 0);
    settle();
    assert_int_equal(step().holes, 0);
}

static void the_sizes_follow_the_ceilings(void **state)
{
    (void)state;
    StreamerSizes roomy, tight;
    ResultText text = {{0}};
    assert_int_equal(streamer_sizes(&rig.desc, &roomy, &text), RESULT_OK);
    assert_true(roomy.gpu_bytes <= 256 * MIB && roomy.ram_bytes <= 150 * MIB);
    StreamerDesc desc = rig.desc;
    desc.vram_ceiling_bytes = roomy.gpu_bytes - 1; // the tenth for the LOD cache is given up first
    desc.ram_ceiling_bytes = 120 * MIB;
    assert_int_equal(streamer_sizes(&desc, &tight, &text), RESULT_OK);
    assert_true(tight.gpu_bytes < roomy.gpu_bytes && tight.blocks < roomy.blocks);
    uint32_t need[LOD_GRID_COUNT];
    LodRanges nominal = lod_ranges_nominal(1.0f);
    planner_capacity(8, 4, &nominal, 7, need);
    for (int g = 0; g < LOD_GRID_COUNT; g++) {
        assert_true(tight.gpu.layer_counts[g] >= need[g]);
        assert_true(roomy.gpu.layer_counts[g] > need[g]);
    }
}

#define STREAMER_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STREAMER_TEST(a_view_begins_with_its_first_ring_and_snaps_to_what_arrives),
        STREAMER_TEST(workers_begin_while_the_sink_prepares),
        STREAMER_TEST(a_start_without_a_thread_to_spare_takes_longer_and_no_more),
        STREAMER_TEST(what_a_first_picture_can_do_without_comes_after_it),
        STREAMER_TEST(a_plan_is_made_only_when_something_changed),
        STREAMER_TEST(what_finds_no_layer_is_counted),
        STREAMER_TEST(frame_spikes_do_not_grow_the_backlog),
        STREAMER_TEST(what_is_due_is_not_throttled),
        STREAMER_TEST(fast_time_looks_as_far_ahead_in_real_seconds),
        STREAMER_TEST(a_jump_drops_what_was_queued_for_the_old_place),
        STREAMER_TEST(a_hole_made_on_purpose_is_seen_and_filled_again),
        STREAMER_TEST(the_sizes_follow_the_ceilings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
