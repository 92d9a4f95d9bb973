#include "base/os_clock.h"
#include "base/rng.h"
#include "stream_rig.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static ChunkKey chunk(int64_t x, int64_t z)
{
    return (ChunkKey){x, z, 0};
}

// The same 96 chunks, in another order each time.
static void want_shuffled(StreamRig *rig, uint64_t round)
{
    uint32_t order[96];
    for (uint32_t i = 0; i < 96; i++) {
        uint32_t j = (uint32_t)(rng_u64(1, round, i) % (i + 1));
        order[i] = order[j];
        order[j] = i;
    }
    for (uint32_t i = 0; i < 96; i++)
        stream_rig_want(rig, chunk(order[i] % 12, order[i] / 12), 2, CHUNK_WANT_DEMAND,
                        (float)PLANNER_CLASS_SQUARE + (float)i / 1024.0f);
}

static void a_chunk_that_is_wanted_every_tick_is_read_once(void **state)
{
    (void)state;
    StreamRig *rig = stream_rig_create(&(StreamRigDesc){.workers = 3});
    rig->world->slow_us = 50;
    for (uint64_t round = 0; round < 60; round++) {
        want_shuffled(rig, round);
        stream_rig_publish(rig);
        stream_rig_step(rig);
        stream_rig_upload(rig);
    }
    assert_true(stream_rig_settle(rig));
    assert_int_equal(atomic_load(&rig->world->total), 96);
    assert_int_equal(fake_world_reads_max(rig->world), 1);
    assert_int_equal(rig->counters.generated, 96);
    assert_int_equal(rig->counters.duplicates, 0);
    assert_int_equal(rig->counters.dropped, 0);
    // Unwanted, without its mesh, and wanted again: built from the cached heights.
    stream_rig_publish(rig);
    assert_int_equal(lod_cache_trim(rig->lod_cache, 1000, 1000), 96);
    assert_false(stream_rig_resident(rig, chunk(3, 3), 2));
    want_shuffled(rig, 0);
    stream_rig_publish(rig);
    assert_true(stream_rig_settle(rig));
    assert_true(stream_rig_resident(rig, chunk(3, 3), 2));
    assert_int_equal(atomic_load(&rig->world->total), 96);
    stream_rig_destroy(rig);
}

static void all_meshes_of_a_chunk_come_from_one_read(void **state)
{
    (void)state;
    StreamRig *rig = stream_rig_create(&(StreamRigDesc){0});
    for (int lod = 2; lod >= 0; lod--)
        stream_rig_want(rig, chunk(5, -7), lod, CHUNK_WANT_DEMAND, (float)PLANNER_CLASS_SQUARE);
    stream_rig_publish(rig);
    assert_true(stream_rig_settle(rig));
    for (int lod = 0; lod < 3; lod++)
        assert_true(stream_rig_resident(rig, chunk(5, -7), lod));
    assert_int_equal(atomic_load(&rig->world->total), 1);
    stream_rig_destroy(rig);
}

static void queued_jobs_that_nobody_wants_any_more_are_cancelled(void **state)
{
    (void)state;
    StreamRig *rig = stream_rig_create(&(StreamRigDesc){.workers = 1});
    fake_world_hold(rig->world);
    stream_rig_want_row(rig, 0, 0, 20, CHUNK_WANT_DEMAND);
    stream_rig_publish(rig);
    stream_rig_step(rig);
    assert_true(fake_world_wait_held(rig->world, 1));
    assert_int_equal(loader_stats(rig->loader).in_flight_demand, 20);
    stream_rig_publish(rig);
    assert_int_equal(rig->counters.cancelled, 19);
    assert_int_equal(loader_stats(rig->loader).in_flight_demand, 1);
    StagingStats slots = staging_stats(rig->staging);
    assert_int_equal(slots.free[LOD_GRID_32], slots.slots[LOD_GRID_32] - 1);
    assert_int_equal(mem_cache_stats(rig->cache).pinned, 1);
    fake_world_open(rig->world);
    assert_true(stream_rig_settle(rig));
    loader_drain(rig->loader, &rig->limits);
    // What ran has finished into the cache, without a tile that nobody wants.
    assert_int_equal(atomic_load(&rig->world->total), 1);
    assert_int_equal(rig->counters.generated, 1);
    assert_non_null(mem_cache_peek(rig->cache, chunk(0, 0)));
    assert_false(stream_rig_resident(rig, chunk(0, 0), 2));
    assert_true(stream_rig_idle(rig));
    // Wanted again, its heights are still there.
    assert_int_equal(rig->counters.cache_hits, 0);
    stream_rig_want_row(rig, 0, 0, 1, CHUNK_WANT_DEMAND);
    stream_rig_publish(rig);
    assert_true(stream_rig_settle(rig));
    assert_int_equal(rig->counters.cache_hits, 1);
    assert_int_equal(rig->counters.generated, 1);
    stream_rig_destroy(rig);
}

static void a_speculative_job_that_becomes_due_goes_ahead_of_the_others(void **state)
{
    (void)state;
    StreamRig *rig = stream_rig_create(&(StreamRigDesc){.workers = 1});
    fake_world_hold(rig->world);
    stream_rig_want_row(rig, 0, 0, 1, CHUNK_WANT_DEMAND);
    stream_rig_want_row(rig, 10, 0, 6, CHUNK_WANT_RING);
    stream_rig_publish(rig);
    stream_rig_step(rig);
    assert_true(fake_world_wait_held(rig->world, 1));
    assert_int_equal(loader_stats(rig->loader).in_flight_speculative, 6);
    stream_rig_want_row(rig, 0, 0, 1, CHUNK_WANT_DEMAND);
    stream_rig_want_row(rig, 14, 0, 1, CHUNK_WANT_DEMAND);
    stream_rig_want_row(rig, 10, 0, 4, CHUNK_WANT_RING);
    stream_rig_want_row(rig, 15, 0, 1, CHUNK_WANT_RING);
    stream_rig_publish(rig);
    stream_rig_step(rig);
    LoaderStats stats = loader_stats(rig->loader);
    assert_int_equal(stats.in_flight_demand, 2);
    assert_int_equal(stats.in_flight_speculative, 5);
    fake_world_open(rig->world);
    assert_true(stream_rig_settle(rig));
    assert_true(chunk_key_equal(rig->world->log[1], chunk(14, 0)));
    assert_int_equal(atomic_load(&rig->world->total), 7);
    assert_int_equal(fake_world_reads_max(rig->world), 1);
    assert_int_equal(rig->counters.duplicates, 0);
    assert_int_equal(rig->counters.ring_issued, 5); // the promoted one is no prefetch
    loader_drain(rig->loader, &rig->limits);
    assert_true(stream_rig_idle(rig));
    stream_rig_destroy(rig);
}

static void after_a_move_the_nearest_of_the_new_list_runs_first(void **state)
{
    (void)state;
    StreamRig *rig = stream_rig_create(&(StreamRigDesc){.workers = 1});
    fake_world_hold(rig->world);
    stream_rig_want_row(rig, 0, 0, 60, CHUNK_WANT_DEMAND);
    stream_rig_publish(rig);
    stream_rig_step(rig);
    assert_true(fake_world_wait_held(rig->world, 1));
    // The eye is now beside the last of them: the order is turned round.
    for (uint32_t i = 0; i < 60; i++)
        stream_rig_want(rig, chunk(100 - (int64_t)i, 0), 2, CHUNK_WANT_DEMAND,
                        (float)PLANNER_CLASS_SQUARE + (float)i / 1024.0f);
    stream_rig_publish(rig);
    stream_rig_step(rig);
    fake_world_open(rig->world);
    assert_true(stream_rig_settle(rig));
    assert_int_equal(rig->world->log[0].x, 0);
    for (int64_t i = 0; i < 60; i++)
        assert_int_equal(rig->world->log[i + 1].x, 100 - i);
    stream_rig_destroy(rig);
}

static void the_throttle_limits_what_is_ahead_of_time_and_nothing_else(void **state)
{
    (void)state;
    StreamRig *rig = stream_rig_create(&(StreamRigDesc){.workers = 4});
    rig->world->slow_us = 100;
    rig->limits.loads = 2;
    stream_rig_want_row(rig, 0, 0, 60, CHUNK_WANT_LOBE);
    stream_rig_publish(rig);
    LoaderStats stats;
    do {
        stream_rig_step(rig);
        stream_rig_upload(rig);
        stats = loader_stats(rig->loader);
        assert_true(stats.in_flight_speculative <= 2);
    } while (stats.pending || stats.in_flight_speculative);
    assert_int_equal(rig->counters.lobe_issued, 60);
    rig->limits.loads = 0;
    stream_rig_want_row(rig, 0, 9, 60, CHUNK_WANT_DEMAND);
    stream_rig_want_row(rig, 0, 19, 10, CHUNK_WANT_RING);
    stream_rig_publish(rig);
    stream_rig_step(rig);
    assert_int_equal(loader_stats(rig->loader).in_flight_demand, 60);
    do {
        stream_rig_step(rig);
        stream_rig_upload(rig);
        stats = loader_stats(rig->loader);
        assert_int_equal(stats.in_flight_speculative, 0);
    } while (stats.in_flight_demand);
    assert_int_equal(stats.pending, 10);
    stream_rig_destroy(rig);
}

static void nothing_is_started_ahead_of_time_while_demand_waits(void **state)
{
    (void)state;
    StreamRig *rig = stream_rig_create(&(StreamRigDesc){.workers = 1});
    fake_world_hold(rig->world);
    stream_rig_want_row(rig, 0, 0, LOADER_DEMAND_PER_WORKER + 6, CHUNK_WANT_DEMAND);
    stream_rig_want_row(rig, 0, 9, 10, CHUNK_WANT_LOBE);
    stream_rig_publish(rig);
    stream_rig_step(rig);
    LoaderStats stats = loader_stats(rig->loader);
    assert_int_equal(stats.in_flight_demand, LOADER_DEMAND_PER_WORKER);
    assert_int_equal(stats.pending_demand, 6);
    assert_int_equal(stats.in_flight_speculative, 0);
    fake_world_open(rig->world);
    assert_true(stream_rig_settle(rig));
    // So all that is due was read before the first that is not.
    for (uint32_t i = 0; i < LOADER_DEMAND_PER_WORKER + 6; i++)
        assert_int_equal(rig->world->log[i].z, 0);
    stream_rig_destroy(rig);
}

static void want_and_settle(StreamRig *rig, uint32_t count, uint32_t in_flight_max)
{
    stream_rig_want_row(rig, 0, 0, count, CHUNK_WANT_DEMAND);
    stream_rig_publish(rig);
    LoaderStats stats;
    do {
        stream_rig_step(rig);
        stats = loader_stats(rig->loader);
        assert_true(stats.in_flight_demand <= in_flight_max);
        stream_rig_upload(rig);
    } while (stats.pending || stats.in_flight_demand);
    for (uint32_t i = 0; i < count; i++)
        assert_true(stream_rig_resident(rig, chunk(i, 0), 2));
    assert_int_equal(rig->counters.dropped, 0);
    assert_int_equal(rig->counters.cancelled, 0);
    assert_int_equal(atomic_load(&rig->world->total), count);
    assert_true(stream_rig_idle(rig));
    stream_rig_destroy(rig);
}

static void full_queues_hold_back_and_drop_nothing(void **state)
{
    (void)state;
    want_and_settle(stream_rig_create(&(StreamRigDesc){.workers = 4, .queue = 16}), 200, 16);
}

static void few_slots_hold_back_and_drop_nothing(void **state)
{
    (void)state;
    want_and_settle(stream_rig_create(&(StreamRigDesc){.slots = {1, 1, 3}}), 200, 3);
}

static void few_blocks_hold_back_and_drop_nothing(void **state)
{
    (void)state;
    want_and_settle(stream_rig_create(&(StreamRigDesc){.blocks = 5}), 200, 5);
}

static void a_tick_applies_no_more_results_than_it_may(void **state)
{
    (void)state;
    StreamRig *rig = stream_rig_create(&(StreamRigDesc){.workers = 4});
    stream_rig_want_row(rig, 0, 0, 96, CHUNK_WANT_DEMAND);
    stream_rig_publish(rig);
    stream_rig_step(rig);
    for (int i = 0; i < 50000 && loader_stats(rig->loader).results_depth < 96; i++)
        os_clock_sleep_until_ns(os_clock_now_ns() + 100000);
    assert_int_equal(loader_stats(rig->loader).results_depth, 96);
    assert_int_equal(loader_collect(rig->loader, &rig->limits), 64);
    loader_apply(rig->loader, &rig->limits, NULL);
    uint32_t staged;
    (void)loader_staged(rig->loader, &staged);
    assert_int_equal(staged, 64);
    assert_int_equal(loader_collect(rig->loader, &rig->limits), 32);
    loader_apply(rig->loader, &rig->limits, NULL);
    stream_rig_destroy(rig);
}

static void the_workers_that_ran_are_counted(void **state)
{
    (void)state;
    StreamRig *rig = stream_rig_create(&(StreamRigDesc){.workers = 5});
    fake_world_hold(rig->world);
    stream_rig_want_row(rig, 0, 0, 3, CHUNK_WANT_DEMAND);
    stream_rig_publish(rig);
    stream_rig_step(rig);
    assert_true(fake_world_wait_held(rig->world, 3));
    assert_int_equal(job_pool_stats(loader_pool(rig->loader)).workers_ran, 3);
    stream_rig_want_row(rig, 0, 0, 40, CHUNK_WANT_DEMAND);
    stream_rig_publish(rig);
    stream_rig_step(rig);
    assert_true(fake_world_wait_held(rig->world, 5));
    assert_int_equal(job_pool_stats(loader_pool(rig->loader)).workers_ran, 5);
    assert_int_equal(atomic_load(&rig->world->running_max), 5);
    stream_rig_destroy(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chunk_that_is_wanted_every_tick_is_read_once),
        cmocka_unit_test(all_meshes_of_a_chunk_come_from_one_read),
        cmocka_unit_test(queued_jobs_that_nobody_wants_any_more_are_cancelled),
        cmocka_unit_test(a_speculative_job_that_becomes_due_goes_ahead_of_the_others),
        cmocka_unit_test(after_a_move_the_nearest_of_the_new_list_runs_first),
        cmocka_unit_test(the_throttle_limits_what_is_ahead_of_time_and_nothing_else),
        cmocka_unit_test(nothing_is_started_ahead_of_time_while_demand_waits),
        cmocka_unit_test(full_queues_hold_back_and_drop_nothing),
        cmocka_unit_test(few_slots_hold_back_and_drop_nothing),
        cmocka_unit_test(few_blocks_hold_back_and_drop_nothing),
        cmocka_unit_test(a_tick_applies_no_more_results_than_it_may),
        cmocka_unit_test(the_workers_that_ran_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
