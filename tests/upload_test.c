#include "base/os_clock.h"
#include "stream_rig.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define PLENTY (UINT64_C(1) << 40)
#define SLOW_NS UINT64_C(1000000)

static ChunkKey chunk(int64_t x, int64_t z)
{
    return (ChunkKey){x, z, 0};
}

static uint32_t staged_count(const StreamRig *rig)
{
    uint32_t count;
    (void)loader_staged(rig->loader, &count);
    return count;
}

// Publishes the rig's list and brings all of it to the staging slots, uploading nothing.
static void stage(StreamRig *rig)
{
    stream_rig_publish(rig);
    LoaderStats stats;
    do {
        stream_rig_step(rig);
        loader_drain(rig->loader, &rig->limits);
        stats = loader_stats(rig->loader);
    } while (stats.pending);
}

static UploadStats run(StreamRig *rig, const UploadBudget *budget)
{
    UploadContext context = stream_rig_context(rig);
    return upload_run(&context, budget, rig->limits.now_ns, NULL);
}

static StreamRig *row_rig(uint32_t count)
{
    StreamRig *rig = stream_rig_create(&(StreamRigDesc){0});
    stream_rig_want_row(rig, 0, 0, count, CHUNK_WANT_DEMAND);
    stage(rig);
    assert_int_equal(staged_count(rig), count);
    return rig;
}

static UploadBudget plenty(void)
{
    return (UploadBudget){
        .demand_bytes = PLENTY, .speculative_bytes = PLENTY, .time_ms = 1e6, .count = 1000};
}

// The first `count` of the row are resident, the rest is not.
static void assert_uploaded(const StreamRig *rig, uint32_t count, uint32_t of)
{
    for (uint32_t i = 0; i < of; i++)
        assert_int_equal(stream_rig_resident(rig, chunk(i, 0), 2), i < count);
    assert_int_equal(staged_count(rig), of - count);
}

static void each_tick_stops_at_its_bytes(void **state)
{
    (void)state;
    StreamRig *rig = row_rig(20);
    uint64_t bytes = rig->layouts[LOD_GRID_32].bytes;
    UploadBudget budget = plenty();
    budget.demand_bytes = budget.speculative_bytes = bytes * 7 / 2;
    for (uint32_t tick = 1; tick <= 6; tick++) {
        UploadStats stats = run(rig, &budget);
        assert_true(stats.bytes <= budget.demand_bytes && stats.bytes == stats.count * bytes);
        assert_uploaded(rig, 3 * tick, 20);
    }
    assert_int_equal(run(rig, &budget).count, 2);
    assert_int_equal(run(rig, &budget).count, 0);
    assert_int_equal(rig->counters.uploaded, 20);
    stream_rig_destroy(rig);
}

static void each_tick_stops_at_its_count(void **state)
{
    (void)state;
    StreamRig *rig = row_rig(10);
    UploadBudget budget = plenty();
    budget.count = 4;
    for (uint32_t tick = 1; tick <= 2; tick++) {
        assert_int_equal(run(rig, &budget).count, 4);
        assert_uploaded(rig, 4 * tick, 10);
    }
    assert_int_equal(run(rig, &budget).count, 2);
    stream_rig_destroy(rig);
}

static void (*quick_upload)(void *object, LodGrid grid, uint32_t layer, uint32_t slot);

static void slow_upload(void *object, LodGrid grid, uint32_t layer, uint32_t slot)
{
    os_clock_sleep_until_ns(os_clock_now_ns() + SLOW_NS);
    quick_upload(object, grid, layer, slot);
}

static void each_tick_stops_at_its_time(void **state)
{
    (void)state;
    StreamRig *rig = row_rig(10);
    quick_upload = rig->sink.upload;
    rig->sink.upload = slow_upload; // at least 1 ms each, however busy the machine is
    UploadBudget budget = plenty();
    budget.time_ms = 2.5;
    UploadStats stats = run(rig, &budget);
    assert_true(stats.count >= 1 && stats.count <= 3);
    assert_true(stats.ms >= stats.count * 1.0);
    assert_uploaded(rig, stats.count, 10);
    stream_rig_destroy(rig);
}

static void the_smallest_budget_still_lets_one_through(void **state)
{
    (void)state;
    StreamRig *rig = row_rig(5);
    UploadBudget nothing = {0};
    for (uint32_t tick = 1; tick <= 5; tick++) {
        UploadStats stats = run(rig, &nothing);
        assert_int_equal(stats.count, 1);
        assert_uploaded(rig, tick, 5);
    }
    stream_rig_destroy(rig);
}

static void without_a_budget_everything_goes_at_once(void **state)
{
    (void)state;
    StreamRig *rig = row_rig(50);
    assert_int_equal(run(rig, &(UploadBudget){.unlimited = true}).count, 50);
    stream_rig_destroy(rig);
}

static void the_most_urgent_goes_first_whatever_came_first(void **state)
{
    (void)state;
    StreamRig *rig = stream_rig_create(&(StreamRigDesc){0});
    for (int64_t x = 0; x < 30; x++) // staged in the order of x, urgent in another
        stream_rig_want(rig, chunk(x, 0), (int)(x % 3), CHUNK_WANT_DEMAND,
                        (float)PLANNER_CLASS_SQUARE + (float)((x * 7 + 3) % 30) / 32.0f);
    stage(rig);
    UploadBudget one = plenty();
    one.count = 1;
    for (int64_t tick = 0; tick < 30; tick++) {
        assert_int_equal(run(rig, &one).count, 1);
        for (int64_t x = 0; x < 30; x++)
            assert_int_equal(stream_rig_resident(rig, chunk(x, 0), (int)(x % 3)),
                             (x * 7 + 3) % 30 <= tick);
    }
    stream_rig_destroy(rig);
}

static void an_unwanted_tile_gives_its_slot_back_and_keeps_its_data(void **state)
{
    (void)state;
    StreamRig *rig = row_rig(12);
    stream_rig_want_row(rig, 0, 0, 3, CHUNK_WANT_DEMAND);
    stream_rig_publish(rig);
    UploadBudget one = plenty();
    one.count = 1;
    assert_int_equal(run(rig, &one).count, 1);
    assert_int_equal(staged_count(rig), 2);
    StagingStats slots = staging_stats(rig->staging);
    assert_int_equal(slots.free[LOD_GRID_32], slots.slots[LOD_GRID_32] - 3); // one is in flight
    ChunkTableStats table = chunk_table_stats(rig->table);
    assert_int_equal(table.mesh_states[FRAME_STATS_MESH_STAGED], 2);
    assert_int_equal(table.data_states[FRAME_STATS_DATA_READY], 12);
    stream_rig_destroy(rig);
}

static void without_a_free_layer_a_tile_waits_and_the_others_go_on(void **state)
{
    (void)state;
    StreamRig *rig = stream_rig_create(&(StreamRigDesc){.layers = {8, 8, 4}});
    stream_rig_want_row(rig, 0, 0, 10, CHUNK_WANT_DEMAND);
    for (int64_t x = 0; x < 3; x++)
        stream_rig_want(rig, chunk(x, 0), 1, CHUNK_WANT_DEMAND, (float)PLANNER_CLASS_REFINE);
    stage(rig);
    UploadBudget budget = plenty();
    assert_int_equal(run(rig, &budget).count, 7);
    assert_int_equal(staged_count(rig), 6);
    for (int64_t x = 0; x < 3; x++)
        assert_true(stream_rig_resident(rig, chunk(x, 0), 1));
    assert_true(stream_rig_resident(rig, chunk(3, 0), 2));
    assert_false(stream_rig_resident(rig, chunk(4, 0), 2));
    assert_int_equal(run(rig, &budget).count, 0);
    // Two of the four are let go: the next two take their layers.
    for (int64_t x = 2; x < 10; x++)
        stream_rig_want(rig, chunk(x, 0), 2, CHUNK_WANT_DEMAND,
                        (float)PLANNER_CLASS_SQUARE + (float)x / 1024.0f);
    stream_rig_publish(rig);
    assert_int_equal(run(rig, &budget).count, 2);
    assert_true(stream_rig_resident(rig, chunk(5, 0), 2));
    assert_false(stream_rig_resident(rig, chunk(0, 0), 2));
    stream_rig_destroy(rig);
}

static void a_throttled_budget_holds_back_only_what_is_ahead_of_time(void **state)
{
    (void)state;
    StreamRig *rig = stream_rig_create(&(StreamRigDesc){0});
    rig->limits.loads = 64;
    stream_rig_want_row(rig, 0, 0, 10, CHUNK_WANT_DEMAND);
    stream_rig_want_row(rig, 0, 1, 10, CHUNK_WANT_LOBE);
    stage(rig);
    uint64_t bytes = rig->layouts[LOD_GRID_32].bytes;
    UploadBudget budget = plenty();
    budget.demand_bytes = 16 * bytes;
    budget.speculative_bytes = 2 * bytes;
    UploadStats stats = run(rig, &budget);
    assert_int_equal(stats.count, 10); // all that is due, nothing else
    for (int64_t x = 0; x < 10; x++) {
        assert_true(stream_rig_resident(rig, chunk(x, 0), 2));
        assert_false(stream_rig_resident(rig, chunk(x, 1), 2));
    }
    assert_int_equal(run(rig, &budget).count, 2);
    stream_rig_destroy(rig);
}

static void each_upload_is_timed_and_blamed(void **state)
{
    (void)state;
    StreamRig *rig = stream_rig_create(&(StreamRigDesc){0});
    stream_rig_want_row(rig, 5, 5, 4, CHUNK_WANT_DEMAND);
    stage(rig);
    rig->limits.now_ns += UINT64_C(30000000);
    UploadContext context = stream_rig_context(rig);
    UploadBudget budget = plenty();
    LedgerPen pen;
    ledger_begin_tick(&pen);
    ledger_begin(&pen, LEDGER_UPLOAD);
    (void)upload_run(&context, &budget, rig->limits.now_ns, &pen);
    Ledger ledger = ledger_end_tick(&pen);
    assert_string_equal(ledger.largest[LEDGER_UPLOAD].name, "tile");
    assert_int_not_equal(ledger.largest[LEDGER_UPLOAD].key, 0);
    double p50_ms = (double)histogram_quantile_ns(&rig->latency, 0.5) * 1e-6;
    assert_true(p50_ms > 28.0 && p50_ms < 32.0);
    stream_rig_destroy(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_tick_stops_at_its_bytes),
        cmocka_unit_test(each_tick_stops_at_its_count),
        cmocka_unit_test(each_tick_stops_at_its_time),
        cmocka_unit_test(the_smallest_budget_still_lets_one_through),
        cmocka_unit_test(without_a_budget_everything_goes_at_once),
        cmocka_unit_test(the_most_urgent_goes_first_whatever_came_first),
        cmocka_unit_test(an_unwanted_tile_gives_its_slot_back_and_keeps_its_data),
        cmocka_unit_test(without_a_free_layer_a_tile_waits_and_the_others_go_on),
        cmocka_unit_test(a_throttled_budget_holds_back_only_what_is_ahead_of_time),
        cmocka_unit_test(each_upload_is_timed_and_blamed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
