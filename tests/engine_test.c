#include "base/os_clock.h"
#include "engine_rig.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

static EngineRig rig;

static int begin_engine(void **state)
{
    (void)state;
    EngineConfig config = engine_rig_config();
    engine_rig_create(&rig, &config);
    return 0;
}

static int end_engine(void **state)
{
    (void)state;
    engine_rig_destroy(&rig);
    return 0;
}

static const RunStatsCounters *counters(void)
{
    return &engine_run(rig.engine)->counters;
}

static void the_first_tick_draws_everywhere_long_before_all_has_come(void **state)
{
    (void)state;
    EngineRig slow;
    EngineConfig config = engine_rig_config();
    engine_rig_begin(&slow);
    slow.world->slow_us = 60000; // the whole view takes twenty seconds
    assert_int_equal(engine_rig_start(&slow, &config), RESULT_OK);
    const FrameStats *first = engine_rig_tick(&slow);
    assert_int_equal(first->holes, 0);
    assert_true(first->missing > 200);
    assert_true(first->tiles_drawn > 0 && first->triangles > 0);
    assert_false(first->view_complete || engine_settled(slow.engine));
    engine_rig_destroy(&slow);
}

static void the_view_completes_and_is_then_at_rest(void **state)
{
    (void)state;
    assert_int_equal(engine_rig_tick(&rig)->holes, 0);
    assert_true(engine_rig_settle(&rig));
    const FrameStats *last = engine_frame(rig.engine);
    assert_true(last->view_complete && last->sharp);
    assert_int_equal(rig.holes, 0);
    assert_int_equal(last->missing, 0);
    assert_int_equal(last->late, 0);
    assert_float_equal(last->range_m[0], 512.0f * engine_config(rig.engine)->quality, 2.0f);
    assert_float_equal(last->range_m[7], 65536.0f, 2.0f);
    assert_int_equal(counters()->duplicates, 0);
    assert_int_equal(counters()->dropped, 0);
    assert_int_equal(counters()->generated, atomic_load(&rig.world->total));
    assert_int_equal(fake_world_reads_max(rig.world), 1);
    const RunStats *run = engine_run(rig.engine);
    assert_true(run->first_view_ms > 0.0);
    assert_int_equal(run->workers.workers_started, 2);
    assert_int_equal(run->workers.workers_ran, 2);
    // Settled is at rest: nothing more is read, built or uploaded.
    uint64_t uploaded = counters()->uploaded;
    for (int i = 0; i < 30; i++)
        engine_rig_tick(&rig);
    assert_int_equal(counters()->uploaded, uploaded);
    assert_true(engine_settled(rig.engine));
}

static void a_jump_lands_on_ground_and_completes_again(void **state)
{
    (void)state;
    assert_true(engine_rig_settle(&rig)); // the coarse tiles around reach as far as the jump
    engine_rig_move_to(&rig, 35000.0, 900.0, -35000.0);
    const FrameStats *frame = engine_rig_tick(&rig);
    assert_true(frame->teleported);
    assert_int_equal(frame->holes, 0);
    assert_int_equal(counters()->teleports, 1);
    for (int i = 0; i < 3; i++)
        assert_float_equal((float)frame->velocity_m_s[i], 0.0f, 0.0f);
    assert_true(engine_rig_complete(&rig));
    assert_int_equal(rig.holes, 0);
    assert_int_equal(counters()->duplicates, 0);
    assert_int_equal(counters()->dropped, 0);
    assert_true(engine_run(rig.engine)->teleport_view_ms_max > 0.0);
    // Farther than anything known: late, but in the end as complete as anywhere.
    engine_rig_move_to(&rig, -1e7, 900.0, 1e7);
    engine_rig_tick(&rig);
    assert_true(engine_rig_complete(&rig));
    assert_int_equal(engine_frame(rig.engine)->holes, 0);
    assert_int_equal(fake_world_reads_max(rig.world), 1);
}

static void a_straight_flight_stays_without_holes_and_duplicates(void **state)
{
    (void)state;
    assert_true(engine_rig_complete(&rig));
    for (int i = 0; i < 240; i++) {
        engine_rig_move_to(&rig, 128.0 + 5.0 * i, 900.0, 128.0 - 3.0 * i);
        rig.input.dt_s = FLIGHT_TICK_S;
        const FrameStats *frame = engine_rig_tick(&rig);
        assert_false(frame->throttle_held_demand);
        // Time stands still until the workers have kept up, however slow the machine is.
        rig.input.dt_s = 0.0;
        for (int k = 0; k < 20000 && frame->in_flight_demand + frame->in_flight_speculative; k++) {
            frame = engine_rig_tick(&rig);
            assert_true(frame->results_applied <= 64);
        }
    }
    assert_int_equal(rig.holes, 0);
    const FrameStats *frame = engine_frame(rig.engine);
    assert_float_equal((float)frame->velocity_m_s[0], 300.0f, 1.0f);
    assert_float_equal((float)frame->velocity_m_s[2], -180.0f, 1.0f);
    assert_true(counters()->lobe_used > 0 && counters()->lobe_issued >= counters()->lobe_used);
    assert_int_equal(counters()->duplicates, 0);
    assert_int_equal(counters()->dropped, 0);
}

static void each_fault_shows_in_its_counter(void **state)
{
    (void)state;
    assert_true(engine_rig_settle(&rig));
    engine_inject(rig.engine, ENGINE_FAULT_DUPLICATE);
    assert_int_equal(counters()->duplicates, 1);
    engine_inject(rig.engine, ENGINE_FAULT_HOLE);
    assert_true(engine_rig_tick(&rig)->holes > 0);
    assert_true(engine_rig_settle(&rig));
    engine_inject(rig.engine, ENGINE_FAULT_DROP);
    engine_rig_move_to(&rig, 900.0, 900.0, 128.0);
    assert_true(engine_rig_settle(&rig));
    assert_int_equal(counters()->dropped, 1);
    engine_inject(rig.engine, ENGINE_FAULT_LOCK);
    assert_true(engine_rig_tick(&rig)->ledger.stream_usage.voluntary_switches > 0);
    engine_inject(rig.engine, ENGINE_FAULT_STALL);
    uint64_t slowest_ns = 0, hitches = engine_run(rig.engine)->hitch_count;
    for (int i = 0; i < 32; i++) {
        uint64_t ns = engine_rig_tick(&rig)->ledger.stream_cpu_ns;
        slowest_ns = ns > slowest_ns ? ns : slowest_ns;
    }
    assert_true(slowest_ns >= 5000000);
    assert_true(engine_run(rig.engine)->hitch_count > hitches);
    engine_inject(rig.engine, ENGINE_FAULT_LEAK);
    uint64_t before = engine_rig_tick(&rig)->tracked_bytes;
    for (int i = 0; i < 180; i++)
        engine_rig_tick(&rig);
    uint64_t leaked = engine_frame(rig.engine)->tracked_bytes - before;
    assert_true(leaked >= 2u << 20 && leaked <= 4u << 20);
}

static void time_that_stands_still_and_a_hidden_window_are_no_trouble(void **state)
{
    (void)state;
    rig.input.idle = true;
    for (int i = 0; i < 50; i++)
        assert_int_equal(engine_rig_tick(&rig)->tiles_drawn, 0);
    rig.input.idle = false;
    rig.input.dt_s = 0.0;
    assert_true(engine_rig_complete(&rig));
    assert_true(engine_frame(rig.engine)->tiles_drawn > 0);
    assert_float_equal((float)engine_run(rig.engine)->virtual_s, 50.0f / 60.0f, 0.01f);
}

static void the_frames_kept_are_the_last_in_order(void **state)
{
    (void)state;
    int first, count;
    for (int i = 0; i < 5; i++)
        engine_rig_tick(&rig);
    const FrameStats *frames = engine_frames(rig.engine, &first, &count);
    assert_int_equal(first, 0);
    assert_int_equal(count, 5);
    rig.input.idle = true;
    for (int i = 5; i < ENGINE_FRAMES_KEPT + 7; i++)
        engine_tick(rig.engine, NULL);
    frames = engine_frames(rig.engine, &first, &count);
    assert_int_equal(count, ENGINE_FRAMES_KEPT);
    for (int i = 0; i < count; i++)
        assert_int_equal(frames[(first + i) % ENGINE_FRAMES_KEPT].tick, 7 + i);
    assert_ptr_equal(engine_frame(rig.engine), &frames[(first + count - 1) % ENGINE_FRAMES_KEPT]);
}

static void the_map_shows_the_square_around_the_eye(void **state)
{
    (void)state;
    static EngineMapCell cells[ENGINE_MAP_SIDE * ENGINE_MAP_SIDE];
    assert_true(engine_rig_settle(&rig));
    engine_map(rig.engine, cells);
    int demand = 0, centre = ENGINE_MAP_SIDE / 2;
    for (int i = 0; i < ENGINE_MAP_SIDE * ENGINE_MAP_SIDE; i++) {
        int dx = i % ENGINE_MAP_SIDE - centre, dz = i / ENGINE_MAP_SIDE - centre;
        bool square = dx >= -8 && dx <= 8 && dz >= -8 && dz <= 8;
        demand += square && cells[i].wanted == 1 && cells[i].best_lod <= 2;
    }
    assert_int_equal(demand, 289);
    const EngineMapCell *eye = &cells[centre * ENGINE_MAP_SIDE + centre];
    assert_int_equal(eye->data_state, FRAME_STATS_DATA_READY);
    assert_int_equal(eye->best_lod, 0);
    assert_int_equal(cells[0].best_lod, 255);
}

#define ENGINE_TEST(name) cmocka_unit_test_setup_teardown(name, begin_engine, end_engine)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_tick_draws_everywhere_long_before_all_has_come),
        ENGINE_TEST(the_view_completes_and_is_then_at_rest),
        ENGINE_TEST(a_jump_lands_on_ground_and_completes_again),
        ENGINE_TEST(a_straight_flight_stays_without_holes_and_duplicates),
        ENGINE_TEST(each_fault_shows_in_its_counter),
        ENGINE_TEST(time_that_stands_still_and_a_hidden_window_are_no_trouble),
        ENGINE_TEST(the_frames_kept_are_the_last_in_order),
        ENGINE_TEST(the_map_shows_the_square_around_the_eye),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
