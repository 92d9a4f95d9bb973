#include "base/os_clock.h"
#include "base/rng.h"
#include "stream_rig.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <limits.h>

#define MS UINT64_C(1000000)
#define DESTROY_ROUNDS 80
#define DESTROY_SEED UINT64_C(20240517)

static ChunkKey chunk(int64_t x, int64_t z)
{
    return (ChunkKey){x, z, 0};
}

// Steps until the job of a single chunk has come back.
static void finish_attempt(StreamRig *rig)
{
    stream_rig_step(rig);
    loader_drain(rig->loader, &rig->limits);
    stream_rig_upload(rig);
}

static void a_failed_read_is_tried_again_with_a_longer_pause_each_time(void **state)
{
    (void)state;
    StreamRig *rig = stream_rig_create(&(StreamRigDesc){0});
    rig->world->fail_reads = UINT_MAX;
    stream_rig_want_row(rig, 3, 4, 1, CHUNK_WANT_DEMAND);
    stream_rig_publish(rig);
    uint64_t pause_ns = LOADER_BACKOFF_NS;
    for (unsigned attempt = 1; attempt <= LOADER_ATTEMPTS_MAX; attempt++) {
        finish_attempt(rig);
        assert_int_equal(fake_world_reads(rig->world, chunk(3, 4)), attempt);
        assert_int_equal(rig->counters.failed, attempt);
        assert_true(stream_rig_idle(rig));
        rig->limits.now_ns += pause_ns - MS;
        finish_attempt(rig);
        assert_int_equal(fake_world_reads(rig->world, chunk(3, 4)), attempt);
        rig->limits.now_ns += MS;
        pause_ns *= 2;
    }
    assert_int_equal(loader_stats(rig->loader).failed, 1);
    assert_int_equal(chunk_table_stats(rig->table).data_states[FRAME_STATS_DATA_FAILED], 1);
    // Given up: not even after a day, nor does it count as demand that waits.
    rig->limits.now_ns += UINT64_C(86400000) * MS;
    finish_attempt(rig);
    assert_int_equal(fake_world_reads(rig->world, chunk(3, 4)), LOADER_ATTEMPTS_MAX);
    assert_int_equal(loader_stats(rig->loader).pending_demand, 0);
    stream_rig_destroy(rig);
}

static void a_read_that_works_in_the_end_starts_afresh(void **state)
{
    (void)state;
    StreamRig *rig = stream_rig_create(&(StreamRigDesc){0});
    rig->world->fail_reads = 2;
    stream_rig_want_row(rig, 0, 0, 5, CHUNK_WANT_DEMAND);
    stream_rig_publish(rig);
    for (int i = 0; i < 3; i++) {
        finish_attempt(rig);
        rig->limits.now_ns += 10000 * MS;
    }
    assert_true(stream_rig_settle(rig));
    assert_int_equal(rig->counters.failed, 10);
    assert_int_equal(rig->counters.retried, 5);
    assert_int_equal(rig->counters.generated, 5);
    assert_int_equal(loader_stats(rig->loader).failed, 0);
    for (int64_t x = 0; x < 5; x++) {
        assert_true(stream_rig_resident(rig, chunk(x, 0), 2));
        uint32_t index = chunk_table_find(rig->table, chunk(x, 0));
        assert_int_equal(chunk_table_peek(rig->table, index)->attempts, 0);
    }
    stream_rig_destroy(rig);
}

static void a_cancelled_retry_keeps_its_back_off(void **state)
{
    (void)state;
    StreamRig *rig = stream_rig_create(&(StreamRigDesc){0});
    rig->world->fail_reads = 2;
    stream_rig_want_row(rig, 3, 4, 1, CHUNK_WANT_DEMAND);
    stream_rig_publish(rig);
    finish_attempt(rig);
    rig->limits.now_ns += LOADER_BACKOFF_NS;
    job_pool_pause(loader_pool(rig->loader), true);
    stream_rig_step(rig);
    assert_int_equal(loader_stats(rig->loader).in_flight_demand, 1);
    stream_rig_publish(rig);
    assert_int_equal(rig->counters.cancelled, 1);
    assert_int_equal(chunk_table_stats(rig->table).data_states[FRAME_STATS_DATA_FAILED], 1);
    // A moment too soon, then on time.
    rig->limits.now_ns -= MS;
    stream_rig_want_row(rig, 3, 4, 1, CHUNK_WANT_DEMAND);
    stream_rig_publish(rig);
    stream_rig_step(rig);
    assert_int_equal(loader_stats(rig->loader).in_flight_demand, 0);
    rig->limits.now_ns += MS;
    job_pool_pause(loader_pool(rig->loader), false);
    finish_attempt(rig);
    assert_int_equal(rig->counters.failed, 2);
    // The second pause is twice as long.
    rig->limits.now_ns += 2 * LOADER_BACKOFF_NS - MS;
    finish_attempt(rig);
    assert_int_equal(fake_world_reads(rig->world, chunk(3, 4)), 2);
    rig->limits.now_ns += MS;
    finish_attempt(rig);
    assert_int_equal(rig->counters.retried, 1);
    stream_rig_destroy(rig);
}

static void failures_do_not_hold_back_the_others(void **state)
{
    (void)state;
    StreamRig *rig = stream_rig_create(&(StreamRigDesc){.slots = {1, 1, 4}, .queue = 16});
    rig->world->fail_reads = UINT_MAX;
    rig->world->fail_one_of = 3;
    stream_rig_want_row(rig, 0, 0, 150, CHUNK_WANT_DEMAND);
    stream_rig_publish(rig);
    uint32_t failing = 0, resident = 0;
    for (int i = 0; i < 20000 && failing + resident < 150; i++) {
        stream_rig_step(rig);
        stream_rig_upload(rig);
        ChunkTableStats table = chunk_table_stats(rig->table);
        failing = table.data_states[FRAME_STATS_DATA_FAILED];
        resident = table.mesh_states[FRAME_STATS_MESH_RESIDENT];
        os_clock_sleep_until_ns(os_clock_now_ns() + 50000);
    }
    assert_true(failing > 20);
    for (int64_t x = 0; x < 150; x++)
        assert_int_not_equal(stream_rig_resident(rig, chunk(x, 0), 2),
                             fake_world_fails(rig->world, chunk(x, 0)));
    assert_true(stream_rig_idle(rig));
    stream_rig_destroy(rig);
}

static void without_the_lod_cache_no_data_is_kept(void **state)
{
    (void)state;
    StreamRig *rig = stream_rig_create(&(StreamRigDesc){0});
    rig->limits.keep_data = false;
    stream_rig_want_row(rig, 0, 0, 10, CHUNK_WANT_DEMAND);
    stream_rig_publish(rig);
    assert_true(stream_rig_settle(rig));
    assert_int_equal(mem_cache_stats(rig->cache).used, 0);
    assert_int_equal(chunk_table_stats(rig->table).data_states[FRAME_STATS_DATA_READY], 0);
    stream_rig_publish(rig);
    assert_false(stream_rig_resident(rig, chunk(0, 0), 2));
    stream_rig_destroy(rig);
}

static void a_full_table_leaves_out_the_least_urgent(void **state)
{
    (void)state;
    StreamRig *rig = stream_rig_create(&(StreamRigDesc){.entries = 40});
    stream_rig_want_row(rig, 0, 0, 100, CHUNK_WANT_DEMAND);
    stream_rig_publish(rig);
    assert_true(stream_rig_settle(rig));
    uint32_t resident = chunk_table_stats(rig->table).mesh_states[FRAME_STATS_MESH_RESIDENT];
    assert_true(resident >= 16 && resident <= 40);
    for (uint32_t i = 0; i < 100; i++)
        assert_int_equal(stream_rig_resident(rig, chunk(i, 0), 2), i < resident);
    assert_true(chunk_table_stats(rig->table).refused > 0);
    stream_rig_destroy(rig);
}

static void sweeps_remove_what_nothing_uses(void **state)
{
    (void)state;
    StreamRig *rig = stream_rig_create(&(StreamRigDesc){.blocks = 4});
    stream_rig_want_row(rig, 0, 0, 50, CHUNK_WANT_DEMAND);
    stream_rig_publish(rig);
    assert_true(stream_rig_settle(rig));
    chunk_table_sweep(rig->table, 4096);
    for (int64_t x = 0; x < 50; x++)
        assert_true(stream_rig_resident(rig, chunk(x, 0), 2));
    stream_rig_publish(rig);
    lod_cache_trim(rig->lod_cache, 1000, 1000);
    for (int i = 0; i < 4; i++) // an entry goes after the last of its children has gone
        chunk_table_sweep(rig->table, 4096);
    // Four chunks are left in the memory cache, with their ancestors.
    ChunkTableStats table = chunk_table_stats(rig->table);
    assert_int_equal(table.data_states[FRAME_STATS_DATA_READY], 4);
    assert_true(table.count >= 4 && table.count <= 4 * 6);
    stream_rig_destroy(rig);
}

static void a_dropped_result_is_counted_and_made_again(void **state)
{
    (void)state;
    StreamRig *rig = stream_rig_create(&(StreamRigDesc){0});
    loader_drop_next(rig->loader);
    stream_rig_want_row(rig, 0, 0, 6, CHUNK_WANT_DEMAND);
    stream_rig_publish(rig);
    assert_true(stream_rig_settle(rig));
    assert_int_equal(rig->counters.dropped, 1);
    for (int64_t x = 0; x < 6; x++)
        assert_true(stream_rig_resident(rig, chunk(x, 0), 2));
    assert_true(stream_rig_idle(rig));
    stream_rig_destroy(rig);
}

static void a_second_generation_is_counted_and_harms_nothing(void **state)
{
    (void)state;
    StreamRig *rig = stream_rig_create(&(StreamRigDesc){.workers = 1, .blocks = 2});
    stream_rig_want_row(rig, 0, 0, 2, CHUNK_WANT_DEMAND);
    stream_rig_publish(rig);
    assert_false(loader_duplicate_next(rig->loader)); // nothing is ready
    assert_true(stream_rig_settle(rig));
    fake_world_hold(rig->world);
    assert_true(loader_duplicate_next(rig->loader));
    assert_int_equal(rig->counters.duplicates, 1);
    assert_true(fake_world_wait_held(rig->world, 1));
    // While it runs the cache, which is full, must find room for others.
    stream_rig_want_row(rig, 0, 0, 6, CHUNK_WANT_DEMAND);
    stream_rig_publish(rig);
    for (int i = 0; i < 5; i++)
        stream_rig_step(rig);
    fake_world_open(rig->world);
    assert_true(stream_rig_settle(rig));
    assert_int_equal(fake_world_reads_max(rig->world), 2);
    for (int64_t x = 0; x < 6; x++)
        assert_true(stream_rig_resident(rig, chunk(x, 0), 2));
    assert_true(stream_rig_idle(rig));
    stream_rig_destroy(rig);
}

// Number `n` of a round, below `limit`.
static uint32_t drawn(uint64_t round, uint64_t n, uint32_t limit)
{
    return (uint32_t)(rng_u64(DESTROY_SEED, round, n) % limit);
}

// A short random life, cut off wherever it is.
static void live_and_die(uint64_t round)
{
    StreamRig *rig = stream_rig_create(&(StreamRigDesc){.workers = 1 + (int)drawn(round, 1, 4),
                                                        .queue = 16u << drawn(round, 2, 4),
                                                        .blocks = 8 + drawn(round, 3, 60)});
    rig->world->slow_us = drawn(round, 4, 3) * 100;
    rig->world->fail_reads = drawn(round, 5, 2);
    rig->world->fail_one_of = 3;
    uint64_t steps = drawn(round, 6, 12);
    for (uint64_t step = 0; step < steps; step++) {
        int64_t x = drawn(round, step * 8 + 10, 30);
        stream_rig_want_row(rig, x, 0, 1 + drawn(round, step * 8 + 11, 80), CHUNK_WANT_DEMAND);
        stream_rig_want_row(rig, x, 1, 1 + drawn(round, step * 8 + 12, 20), CHUNK_WANT_LOBE);
        stream_rig_publish(rig);
        stream_rig_step(rig);
        if (drawn(round, step * 8 + 13, 2))
            stream_rig_upload(rig);
        rig->limits.now_ns += 100 * MS;
        assert_int_equal(rig->counters.duplicates, 0);
    }
    // CPU time, as others may keep the machine, and a wide bound for an end that only waits.
    uint64_t cpu_ns = os_clock_process_cpu_ns(), wall_ns = os_clock_now_ns();
    stream_rig_destroy(rig);
    assert_true(os_clock_process_cpu_ns() - cpu_ns < 1000 * MS);
    assert_true(os_clock_now_ns() - wall_ns < 5000 * MS);
}

static void destroy_at_any_moment_is_quick_and_leaks_nothing(void **state)
{
    (void)state;
    uint64_t before = os_memory_stats().live_total_bytes;
    for (uint64_t round = 0; round < DESTROY_ROUNDS; round++) {
        live_and_die(round);
        if (os_memory_stats().live_total_bytes != before)
            fail_msg("round %d of seed %d leaks", (int)round, (int)DESTROY_SEED);
    }
}

static void create_without_memory_fails_cleanly(void **state)
{
    (void)state;
    StreamRig *rig = stream_rig_create(&(StreamRigDesc){0});
    LoaderDesc desc = {.source = &rig->source,
                       .layouts = rig->layouts,
                       .table = rig->table,
                       .cache = rig->cache,
                       .lod_cache = rig->lod_cache,
                       .staging = rig->staging,
                       .counters = &rig->counters,
                       .workers = 2,
                       .queue_requests = 16,
                       .queue_results = 16};
    uint64_t before = os_memory_stats().live_total_bytes;
    uint64_t nth = 1;
    for (; nth < 100; nth++) {
        Loader *loader = NULL;
        os_memory_fail_at(nth, 0);
        Result result = loader_create(&desc, &loader);
        os_memory_fail_at(0, 0);
        if (result == RESULT_OK) {
            loader_destroy(loader);
            break;
        }
        assert_int_equal(result, RESULT_OUT_OF_MEMORY);
        assert_int_equal(os_memory_stats().live_total_bytes, before);
    }
    assert_true(nth > 4 && nth < 100);
    assert_int_equal(os_memory_stats().live_total_bytes, before);
    stream_rig_destroy(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failed_read_is_tried_again_with_a_longer_pause_each_time),
        cmocka_unit_test(a_read_that_works_in_the_end_starts_afresh),
        cmocka_unit_test(a_cancelled_retry_keeps_its_back_off),
        cmocka_unit_test(failures_do_not_hold_back_the_others),
        cmocka_unit_test(without_the_lod_cache_no_data_is_kept),
        cmocka_unit_test(a_full_table_leaves_out_the_least_urgent),
        cmocka_unit_test(sweeps_remove_what_nothing_uses),
        cmocka_unit_test(a_dropped_result_is_counted_and_made_again),
        cmocka_unit_test(a_second_generation_is_counted_and_harms_nothing),
        cmocka_unit_test(destroy_at_any_moment_is_quick_and_leaks_nothing),
        cmocka_unit_test(create_without_memory_fails_cleanly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
