#include "base/os_memory.h"
#include "dies.h"
#include "stream/lod_cache.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

static const uint32_t layers[LOD_GRID_COUNT] = {3, 4, 5};

static struct {
    ChunkTable *table;
    LodCache *cache;
    RunStatsCounters counters;
    Histogram serve;
} rig;

static int begin(void **state)
{
    (void)state;
    memset(&rig, 0, sizeof rig);
    if (chunk_table_create(256, &rig.table) != RESULT_OK)
        return -1;
    return lod_cache_create(rig.table, layers, &rig.counters, &rig.serve, &rig.cache) == RESULT_OK
               ? 0
               : -1;
}

static int end(void **state)
{
    (void)state;
    lod_cache_destroy(rig.cache);
    chunk_table_destroy(rig.table);
    return 0;
}

static uint32_t entry_of(int64_t x)
{
    return chunk_table_insert(rig.table, (ChunkKey){x, 0, 0});
}

static ChunkMesh *mesh_of(int64_t x, int mesh)
{
    return &chunk_table_entry(rig.table, entry_of(x))->meshes[mesh];
}

static void want(int64_t x, int mesh)
{
    lod_cache_want(rig.cache, entry_of(x), mesh);
    mesh_of(x, mesh)->want = CHUNK_WANT_DEMAND;
}

static void unwant(int64_t x, int mesh, bool keep)
{
    mesh_of(x, mesh)->want = CHUNK_WANT_NONE;
    lod_cache_unwant(rig.cache, entry_of(x), mesh, keep);
}

// As upload does: takes a layer and makes the mesh resident.
static bool show(int64_t x, int mesh)
{
    uint32_t layer = lod_cache_try_layer(rig.cache, (LodGrid)mesh);
    if (layer == LOD_CACHE_NONE)
        return false;
    ChunkEntry *entry = chunk_table_entry(rig.table, entry_of(x));
    chunk_table_set_mesh(rig.table, entry, mesh, FRAME_STATS_MESH_BUILDING);
    chunk_table_set_mesh(rig.table, entry, mesh, FRAME_STATS_MESH_STAGED);
    chunk_table_set_mesh(rig.table, entry, mesh, FRAME_STATS_MESH_RESIDENT);
    entry->meshes[mesh].layer = layer;
    entry->ever_resident = true;
    return true;
}

static bool resident(int64_t x, int mesh)
{
    return mesh_of(x, mesh)->state == FRAME_STATS_MESH_RESIDENT;
}

static void each_layer_is_given_out_once(void **state)
{
    (void)state;
    bool used[5] = {false};
    for (int64_t x = 0; x < 5; x++) {
        want(x, 2);
        assert_true(show(x, 2));
        uint32_t layer = mesh_of(x, 2)->layer;
        assert_true(layer < 5 && !used[layer]);
        used[layer] = true;
    }
    assert_int_equal(lod_cache_stats(rig.cache).free[LOD_GRID_32], 0);
    assert_int_equal(lod_cache_try_layer(rig.cache, LOD_GRID_32), LOD_CACHE_NONE);
    assert_int_equal(lod_cache_stats(rig.cache).refused, 1);
    assert_int_equal(lod_cache_stats(rig.cache).free[LOD_GRID_64], 4); // the grids do not mix
}

static void the_oldest_unwanted_mesh_makes_room(void **state)
{
    (void)state;
    for (int64_t x = 0; x < 5; x++) {
        want(x, 2);
        show(x, 2);
    }
    unwant(3, 2, true);
    unwant(1, 2, true);
    unwant(4, 2, true);
    assert_int_equal(lod_cache_stats(rig.cache).cached[LOD_GRID_32], 3);
    want(1, 2); // comes back from the middle of the list
    assert_true(show(10, 2));
    assert_false(resident(3, 2));
    assert_true(resident(1, 2) && resident(4, 2));
    assert_true(show(11, 2));
    assert_false(resident(4, 2));
    assert_false(show(12, 2)); // all that is left is wanted or new
    assert_int_equal(lod_cache_stats(rig.cache).evicted, 2);
}

static void without_keeping_a_mesh_goes_at_once(void **state)
{
    (void)state;
    want(0, 2);
    show(0, 2);
    unwant(0, 2, false);
    assert_false(resident(0, 2));
    assert_int_equal(lod_cache_stats(rig.cache).free[LOD_GRID_32], 5);
    unwant(0, 2, false); // nothing there: nothing to do
    assert_int_equal(lod_cache_stats(rig.cache).free[LOD_GRID_32], 5);
}

static void trim_frees_the_oldest_within_its_budget(void **state)
{
    (void)state;
    for (int64_t x = 0; x < 5; x++) {
        want(x, 2);
        show(x, 2);
    }
    for (int64_t x = 0; x < 4; x++)
        unwant(x, 2, true);
    assert_int_equal(lod_cache_trim(rig.cache, 3, 2), 2); // three asked for, two allowed
    assert_false(resident(0, 2) || resident(1, 2));
    assert_true(resident(2, 2) && resident(3, 2));
    assert_int_equal(lod_cache_trim(rig.cache, 3, 16), 1);
    assert_int_equal(lod_cache_trim(rig.cache, 3, 16), 0);
    assert_int_equal(lod_cache_trim(rig.cache, 5, 16), 1); // what is wanted stays
    assert_true(resident(4, 2));
}

static void a_finer_mesh_of_a_shown_chunk_is_a_transition(void **state)
{
    (void)state;
    want(0, 2); // the first view of a chunk is none
    assert_int_equal(rig.counters.lod_transitions, 0);
    show(0, 2);
    ChunkEntry *entry = chunk_table_entry(rig.table, entry_of(0));
    want(0, 1); // its data is gone
    assert_int_equal(rig.counters.lod_generated, 1);
    chunk_table_set_data(rig.table, entry, FRAME_STATS_DATA_QUEUED);
    chunk_table_set_data(rig.table, entry, FRAME_STATS_DATA_RUNNING);
    chunk_table_set_data(rig.table, entry, FRAME_STATS_DATA_READY);
    want(0, 0); // its data is there
    assert_int_equal(rig.counters.lod_rebuilt, 1);
    show(0, 0);
    unwant(0, 1, true);
    unwant(0, 0, true);
    want(0, 0); // its mesh is there
    assert_int_equal(rig.counters.lod_hits, 1);
    assert_int_equal(rig.counters.lod_transitions, 3);
    assert_int_equal(rig.serve.count, 1);
}

static void going_back_to_a_coarser_mesh_is_a_transition_too(void **state)
{
    (void)state;
    for (int mesh = 2; mesh >= 0; mesh--) {
        want(0, mesh);
        show(0, mesh);
    }
    RunStatsCounters before = rig.counters;
    unwant(0, 0, true); // L1 is wanted and there: a hit
    assert_int_equal(rig.counters.lod_transitions, before.lod_transitions + 1);
    assert_int_equal(rig.counters.lod_hits, before.lod_hits + 1);
    lod_cache_free(rig.cache, entry_of(0), 2);
    unwant(0, 1, true); // L2 is wanted and gone
    assert_int_equal(rig.counters.lod_transitions, before.lod_transitions + 2);
    assert_int_equal(rig.counters.lod_generated, before.lod_generated + 1);
    before = rig.counters;
    unwant(0, 2, true); // out of the view altogether: none
    assert_int_equal(rig.counters.lod_transitions, before.lod_transitions);
}

static void the_rings_share_a_pool_with_the_second_grid(void **state)
{
    (void)state;
    uint32_t ring = chunk_table_insert(rig.table, (ChunkKey){7, 7, 4});
    lod_cache_want(rig.cache, ring, 0);
    assert_int_not_equal(lod_cache_try_layer(rig.cache, LOD_GRID_64), LOD_CACHE_NONE);
    ChunkEntry *entry = chunk_table_entry(rig.table, ring);
    chunk_table_set_mesh(rig.table, entry, 0, FRAME_STATS_MESH_BUILDING);
    chunk_table_set_mesh(rig.table, entry, 0, FRAME_STATS_MESH_STAGED);
    chunk_table_set_mesh(rig.table, entry, 0, FRAME_STATS_MESH_RESIDENT);
    lod_cache_unwant(rig.cache, ring, 0, true);
    assert_int_equal(lod_cache_stats(rig.cache).cached[LOD_GRID_64], 1);
    lod_cache_free(rig.cache, ring, 0);
    assert_int_equal(lod_cache_stats(rig.cache).cached[LOD_GRID_64], 0);
    assert_int_equal(lod_cache_stats(rig.cache).free[LOD_GRID_64], 4);
    assert_int_equal(rig.counters.lod_transitions, 0);
}

static void free_absent(void)
{
    lod_cache_free(rig.cache, entry_of(0), 0);
}

static void freeing_what_is_not_resident_is_a_bug(void **state)
{
    (void)state;
    assert_true(dies(free_absent));
}

static void create_without_memory_fails_cleanly(void **state)
{
    (void)state;
    uint64_t before = os_memory_stats().live_total_bytes;
    for (uint64_t nth = 1; nth <= 4; nth++) {
        LodCache *cache = NULL;
        os_memory_fail_at(nth, 0);
        assert_int_equal(lod_cache_create(rig.table, layers, &rig.counters, &rig.serve, &cache),
                         RESULT_OUT_OF_MEMORY);
        os_memory_fail_at(0, 0);
        assert_int_equal(os_memory_stats().live_total_bytes, before);
    }
}

#define CACHE_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CACHE_TEST(each_layer_is_given_out_once),
        CACHE_TEST(the_oldest_unwanted_mesh_makes_room),
        CACHE_TEST(without_keeping_a_mesh_goes_at_once),
        CACHE_TEST(trim_frees_the_oldest_within_its_budget),
        CACHE_TEST(a_finer_mesh_of_a_shown_chunk_is_a_transition),
        CACHE_TEST(going_back_to_a_coarser_mesh_is_a_transition_too),
        CACHE_TEST(the_rings_share_a_pool_with_the_second_grid),
        CACHE_TEST(freeing_what_is_not_resident_is_a_bug),
        CACHE_TEST(create_without_memory_fails_cleanly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
