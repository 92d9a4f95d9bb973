// Chunks read in haste: what is read sparsely, what is read in full later, and that nothing is lost in between.
#include "stream_rig.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static atomic_uint sparse_reads;

static Result read_sparse(void *object, ChunkKey key, Arena *scratch, const atomic_bool *cancelled,
                          Chunk *out)
{
    atomic_fetch_add(&sparse_reads, 1);
    Source source = fake_world_source(object);
    Result result = source.read(object, key, scratch, cancelled, out);
    out->sparse = true;
    return result;
}

// Its layouts have maps of half size: L1, L2 and the rings show only every second sample.
static StreamRig *hasty_rig(StreamRigDesc desc)
{
    desc.read_sparse = read_sparse;
    StreamRig *rig = stream_rig_create(&desc);
    atomic_store(&sparse_reads, 0);
    rig->limits.hasty = true;
    return rig;
}

// The view is complete; all that is wanted from now on is near.
static void calm_down(StreamRig *rig)
{
    rig->soon = true;
    rig->limits.hasty = false;
    rig->limits.refine = true;
}

static ChunkKey chunk(int64_t x)
{
    return (ChunkKey){x, 0, 0};
}

static const ChunkEntry *entry_of(const StreamRig *rig, ChunkKey key)
{
    uint32_t index = chunk_table_find(rig->table, key);
    assert_int_not_equal(index, CHUNK_TABLE_NONE);
    return chunk_table_peek(rig->table, index);
}

static void in_haste_twice_as_many_jobs_are_in_flight(void **state)
{
    (void)state;
    StreamRig *rig = hasty_rig((StreamRigDesc){.workers = 2});
    fake_world_hold(rig->world);
    const uint32_t calm = 2 * LOADER_DEMAND_PER_WORKER;
    for (int hasty = 0; hasty < 2; hasty++) {
        rig->limits.hasty = hasty;
        stream_rig_want_row(rig, 0, 0, 120, CHUNK_WANT_DEMAND);
        stream_rig_publish(rig);
        stream_rig_step(rig);
        assert_int_equal(loader_stats(rig->loader).in_flight_demand, calm << hasty);
    }
    fake_world_open(rig->world);
    assert_true(stream_rig_settle(rig));
    stream_rig_destroy(rig);
}

static void haste_reads_sparsely_and_the_rest_comes_later_once(void **state)
{
    (void)state;
    StreamRig *rig = hasty_rig((StreamRigDesc){.workers = 2});
    const ChunkKey ring = {0, 0, 3};
    for (int round = 0; round < 2; round++) {
        stream_rig_want_row(rig, 0, 0, 20, CHUNK_WANT_DEMAND);
        stream_rig_want(rig, chunk(0), 0, CHUNK_WANT_DEMAND, PLANNER_CLASS_REFINE);
        stream_rig_want(rig, ring, lod_of_key_level(3), CHUNK_WANT_DEMAND, PLANNER_CLASS_REFINE);
        stream_rig_publish(rig);
        assert_true(stream_rig_settle(rig));
        // The chunk below the eye is read in full: it is wanted at L0.
        assert_int_equal(atomic_load(&sparse_reads), 20);
        assert_int_equal(rig->counters.sparse, 20);
        assert_int_equal(entry_of(rig, chunk(0))->serves, 0);
        assert_int_equal(entry_of(rig, ring)->serves, 0);
        assert_int_equal(entry_of(rig, chunk(7))->serves, round == 0 ? 1 : 0);
        assert_int_equal(rig->counters.refined, round == 0 ? 0 : 19);
        calm_down(rig);
    }
    assert_int_equal(atomic_load(&rig->world->total), 21 + 19);
    assert_int_equal(fake_world_reads(rig->world, ring), 1);
    assert_int_equal(fake_world_reads_max(rig->world), 2);
    // Ahead of time is what is read for no want; this was none of it.
    assert_int_equal(rig->counters.ring_issued + rig->counters.lobe_issued, 0);
    // Now a finer mesh finds its data.
    stream_rig_want_row(rig, 0, 0, 20, CHUNK_WANT_DEMAND);
    stream_rig_want(rig, chunk(7), 0, CHUNK_WANT_DEMAND, PLANNER_CLASS_REFINE);
    stream_rig_publish(rig);
    assert_true(stream_rig_settle(rig));
    assert_true(stream_rig_resident(rig, chunk(7), 0));
    assert_int_equal(atomic_load(&rig->world->total), 40);
    assert_int_equal(rig->counters.lod_rebuilt, 1);
    assert_int_equal(rig->counters.lod_generated, 0);
    assert_int_equal(rig->counters.duplicates + rig->counters.dropped, 0);
    assert_true(stream_rig_idle(rig));
    stream_rig_destroy(rig);
}

static void a_finer_mesh_of_a_sparse_chunk_has_it_read_in_full(void **state)
{
    (void)state;
    StreamRig *rig = hasty_rig((StreamRigDesc){.workers = 2});
    stream_rig_want_row(rig, 0, 0, 4, CHUNK_WANT_DEMAND);
    stream_rig_publish(rig);
    assert_true(stream_rig_settle(rig));
    assert_int_equal(rig->counters.sparse, 4);
    stream_rig_want_row(rig, 0, 0, 4, CHUNK_WANT_DEMAND);
    stream_rig_want(rig, chunk(1), 1, CHUNK_WANT_DEMAND, PLANNER_CLASS_REFINE); // data will do
    stream_rig_want(rig, chunk(2), 0, CHUNK_WANT_DEMAND, PLANNER_CLASS_REFINE);
    stream_rig_publish(rig);
    assert_true(stream_rig_settle(rig));
    assert_true(stream_rig_resident(rig, chunk(1), 1) && stream_rig_resident(rig, chunk(2), 0));
    assert_int_equal(fake_world_reads(rig->world, chunk(1)), 1);
    assert_int_equal(fake_world_reads(rig->world, chunk(2)), 2);
    assert_int_equal(rig->counters.refined, 1);
    assert_int_equal(rig->counters.lod_rebuilt, 1);
    assert_int_equal(rig->counters.lod_generated, 1);
    assert_int_equal(rig->counters.duplicates + rig->counters.dropped, 0);
    assert_int_equal(entry_of(rig, chunk(2))->serves, 0);
    stream_rig_destroy(rig);
}

static void a_full_read_gives_way_when_nobody_wants_it_or_a_finer_mesh_is_due(void **state)
{
    (void)state;
    StreamRig *rig = hasty_rig((StreamRigDesc){.workers = 1});
    stream_rig_want_row(rig, 0, 0, 5, CHUNK_WANT_DEMAND);
    stream_rig_publish(rig);
    assert_true(stream_rig_settle(rig));
    fake_world_hold(rig->world);
    calm_down(rig);
    rig->limits.loads = 4;
    stream_rig_want_row(rig, 0, 0, 5, CHUNK_WANT_DEMAND);
    stream_rig_publish(rig);
    stream_rig_step(rig);
    assert_true(fake_world_wait_held(rig->world, 1));
    assert_int_equal(loader_stats(rig->loader).in_flight_speculative, 4);
    // Chunk 0 is being read; of the queued ones 1 is due at L0, 2 goes on, 3 and 4 are wanted no more.
    stream_rig_want_row(rig, 0, 0, 3, CHUNK_WANT_DEMAND);
    stream_rig_want(rig, chunk(1), 0, CHUNK_WANT_DEMAND, PLANNER_CLASS_REFINE);
    stream_rig_publish(rig);
    assert_int_equal(rig->counters.cancelled, 2);
    stream_rig_step(rig);
    assert_int_equal(loader_stats(rig->loader).in_flight_demand, 1);
    fake_world_open(rig->world);
    assert_true(stream_rig_settle(rig));
    assert_true(chunk_key_equal(rig->world->log[6], chunk(1))); // ahead of chunk 2
    assert_true(stream_rig_resident(rig, chunk(1), 0));
    assert_int_equal(entry_of(rig, chunk(2))->serves, 0);
    assert_int_equal(fake_world_reads(rig->world, chunk(3)), 1);
    assert_int_equal(rig->counters.duplicates + rig->counters.dropped, 0);
    assert_true(stream_rig_idle(rig));
    stream_rig_destroy(rig);
}

// Full maps: only L2 shows every second sample.
static void at_higher_tiers_only_the_coarsest_mesh_takes_sparse_data(void **state)
{
    (void)state;
    StreamRig *rig = hasty_rig((StreamRigDesc){.full_maps = true});
    stream_rig_want_row(rig, 0, 0, 3, CHUNK_WANT_DEMAND);
    stream_rig_want(rig, chunk(1), 1, CHUNK_WANT_DEMAND, PLANNER_CLASS_REFINE);
    stream_rig_want(rig, (ChunkKey){0, 0, 3}, lod_of_key_level(3), CHUNK_WANT_DEMAND,
                    PLANNER_CLASS_REFINE);
    stream_rig_publish(rig);
    assert_true(stream_rig_settle(rig));
    assert_int_equal(rig->counters.generated, 4);
    assert_int_equal(rig->counters.sparse, 2);
    assert_int_equal(entry_of(rig, chunk(0))->serves, 2);
    assert_int_equal(entry_of(rig, chunk(1))->serves, 0);
    stream_rig_destroy(rig);
}

static void sparse_data_stay_until_there_is_a_slot_for_what_they_give_way_to(void **state)
{
    (void)state;
    StreamRig *rig = hasty_rig((StreamRigDesc){.slots = {1, 64, 128}});
    stream_rig_want_row(rig, 0, 0, 6, CHUNK_WANT_DEMAND);
    stream_rig_publish(rig);
    assert_true(stream_rig_settle(rig));
    fake_world_hold(rig->world);
    stream_rig_want_row(rig, 0, 0, 6, CHUNK_WANT_DEMAND);
    for (int64_t x = 0; x < 6; x++)
        stream_rig_want(rig, chunk(x), 0, CHUNK_WANT_LOBE, PLANNER_CLASS_LOBE);
    stream_rig_publish(rig);
    stream_rig_step(rig);
    assert_int_equal(chunk_table_stats(rig->table).data_states[FRAME_STATS_DATA_READY], 5);
    fake_world_open(rig->world);
    assert_true(stream_rig_settle(rig));
    for (int64_t x = 0; x < 6; x++)
        assert_true(stream_rig_resident(rig, chunk(x), 0));
    assert_int_equal(rig->counters.refined, 6);
    // Read for a mesh that is wanted ahead of time, but not for the first time.
    assert_int_equal(rig->counters.lobe_issued, 0);
    stream_rig_destroy(rig);
}

static void what_is_near_is_read_in_full_and_what_is_far_stays_sparse(void **state)
{
    (void)state;
    StreamRig *rig = hasty_rig((StreamRigDesc){.workers = 2});
    for (int round = 0; round < 2; round++) {
        rig->soon = true;
        stream_rig_want_row(rig, 0, 0, 3, CHUNK_WANT_DEMAND);
        rig->soon = false;
        stream_rig_want_row(rig, 3, 0, 5, CHUNK_WANT_DEMAND);
        stream_rig_publish(rig);
        assert_true(stream_rig_settle(rig));
        assert_int_equal(rig->counters.sparse, 5);
        assert_int_equal(entry_of(rig, chunk(1))->serves, 0);
        assert_int_equal(entry_of(rig, chunk(4))->serves, 1);
        calm_down(rig);
    }
    assert_int_equal(rig->counters.refined, 0);
    stream_rig_destroy(rig);
}

static void want_rings_and(StreamRig *rig, int64_t x, uint32_t count)
{
    stream_rig_want_row(rig, x, 0, count, CHUNK_WANT_DEMAND);
    for (int i = 0; i < 100; i++)
        stream_rig_want(rig, (ChunkKey){i / 2, 0, 3 + i % 2}, lod_of_key_level(3 + i % 2),
                        CHUNK_WANT_DEMAND, PLANNER_CLASS_REFINE);
    stream_rig_want_row(rig, 0, 0, 10, CHUNK_WANT_DEMAND);
    stream_rig_publish(rig);
}

// More wants than one tick looks at, and reads that were on their way when haste ended.
static void refining_goes_on_until_nothing_sparse_is_left(void **state)
{
    (void)state;
    StreamRig *rig = hasty_rig((StreamRigDesc){.workers = 2});
    want_rings_and(rig, 20, 0);
    assert_true(stream_rig_settle(rig));
    want_rings_and(rig, 20, 4);
    fake_world_hold(rig->world);
    stream_rig_step(rig);
    assert_true(fake_world_wait_held(rig->world, 2));
    calm_down(rig);
    want_rings_and(rig, 20, 4);
    for (int i = 0; i < 8; i++)
        stream_rig_step(rig);
    assert_true(loader_stats(rig->loader).refining);
    fake_world_open(rig->world);
    while (loader_stats(rig->loader).refining) {
        assert_true(stream_rig_settle(rig));
        stream_rig_step(rig);
    }
    assert_true(stream_rig_settle(rig));
    for (int64_t x = 0; x < 24; x++)
        if (x < 10 || x >= 20)
            assert_int_equal(entry_of(rig, chunk(x))->serves, 0);
    assert_int_equal(rig->counters.refined, 14);
    assert_int_equal(rig->counters.duplicates + rig->counters.dropped, 0);
    assert_true(stream_rig_idle(rig));
    stream_rig_destroy(rig);
}

static void a_second_read_that_fails_costs_nobody_a_tile(void **state)
{
    (void)state;
    StreamRig *rig = hasty_rig((StreamRigDesc){.workers = 2});
    stream_rig_want_row(rig, 0, 0, 4, CHUNK_WANT_DEMAND);
    stream_rig_publish(rig);
    assert_true(stream_rig_settle(rig));
    rig->world->fail_level = -1;
    rig->world->fail_reads = 2; // of each chunk: the first was good
    calm_down(rig);
    stream_rig_want_row(rig, 0, 0, 4, CHUNK_WANT_DEMAND);
    stream_rig_publish(rig);
    assert_true(stream_rig_settle(rig));
    assert_int_equal(rig->counters.failed, 4);
    assert_int_equal(rig->counters.refined, 0);
    assert_int_equal(loader_stats(rig->loader).failed, 0);
    assert_int_equal(entry_of(rig, chunk(2))->attempts, 0);
    stream_rig_want_row(rig, 0, 0, 4, CHUNK_WANT_DEMAND);
    stream_rig_want(rig, chunk(2), 0, CHUNK_WANT_DEMAND, PLANNER_CLASS_REFINE);
    stream_rig_publish(rig);
    assert_true(stream_rig_settle(rig));
    assert_true(stream_rig_resident(rig, chunk(2), 0));
    assert_true(stream_rig_idle(rig));
    stream_rig_destroy(rig);
}

static void a_world_without_sparse_reads_is_read_in_full(void **state)
{
    (void)state;
    StreamRig *rig = stream_rig_create(&(StreamRigDesc){0});
    rig->limits.hasty = true;
    stream_rig_want_row(rig, 0, 0, 6, CHUNK_WANT_DEMAND);
    stream_rig_publish(rig);
    assert_true(stream_rig_settle(rig));
    assert_int_equal(rig->counters.sparse, 0);
    assert_int_equal(entry_of(rig, chunk(3))->serves, 0);
    stream_rig_destroy(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_haste_twice_as_many_jobs_are_in_flight),
        cmocka_unit_test(haste_reads_sparsely_and_the_rest_comes_later_once),
        cmocka_unit_test(a_finer_mesh_of_a_sparse_chunk_has_it_read_in_full),
        cmocka_unit_test(a_full_read_gives_way_when_nobody_wants_it_or_a_finer_mesh_is_due),
        cmocka_unit_test(at_higher_tiers_only_the_coarsest_mesh_takes_sparse_data),
        cmocka_unit_test(sparse_data_stay_until_there_is_a_slot_for_what_they_give_way_to),
        cmocka_unit_test(what_is_near_is_read_in_full_and_what_is_far_stays_sparse),
        cmocka_unit_test(refining_goes_on_until_nothing_sparse_is_left),
        cmocka_unit_test(a_second_read_that_fails_costs_nobody_a_tile),
        cmocka_unit_test(a_world_without_sparse_reads_is_read_in_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
