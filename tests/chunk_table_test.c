#include "base/os_memory.h"
#include "base/rng.h"
#include "dies.h"
#include "stream/chunk_table.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#define CAPACITY 600
#define FUZZ_SEED UINT64_C(31)
#define FUZZ_STEPS 20000
#define CHAIN 6 // a chunk of level 0 and its ancestors of levels 2 to 6

static ChunkTable *table;

static int begin(void **state)
{
    (void)state;
    return chunk_table_create(CAPACITY, &table) == RESULT_OK ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    chunk_table_destroy(table);
    return 0;
}

static ChunkKey chunk(int64_t x, int64_t z)
{
    return (ChunkKey){x, z, 0};
}

static void set_mesh(ChunkKey key, int mesh, bool resident)
{
    uint32_t index = chunk_table_insert(table, key);
    ChunkEntry *entry = chunk_table_entry(table, index);
    if (resident) {
        chunk_table_set_mesh(table, entry, mesh, FRAME_STATS_MESH_BUILDING);
        chunk_table_set_mesh(table, entry, mesh, FRAME_STATS_MESH_STAGED);
        chunk_table_set_mesh(table, entry, mesh, FRAME_STATS_MESH_RESIDENT);
    } else {
        chunk_table_set_mesh(table, entry, mesh, FRAME_STATS_MESH_EVICTING);
        chunk_table_set_mesh(table, entry, mesh, FRAME_STATS_MESH_ABSENT);
    }
}

static void an_entry_is_found_with_its_ancestors(void **state)
{
    (void)state;
    assert_int_equal(chunk_table_find(table, chunk(-5, 7)), CHUNK_TABLE_NONE);
    uint32_t index = chunk_table_insert(table, chunk(-5, 7));
    assert_int_equal(chunk_table_insert(table, chunk(-5, 7)), index);
    assert_int_equal(chunk_table_find(table, chunk(-5, 7)), index);
    assert_int_equal(chunk_table_stats(table).count, CHAIN);
    assert_int_equal(chunk_table_stats(table).data_states[FRAME_STATS_DATA_ABSENT], CHAIN);
    assert_int_equal(chunk_table_stats(table).mesh_states[FRAME_STATS_MESH_ABSENT], CHAIN - 1 + 3);
    ChunkKey key = chunk(-5, 7);
    while (key.level < CHUNK_KEY_LEVEL_MAX) {
        const ChunkEntry *entry = chunk_table_peek(table, chunk_table_find(table, key));
        assert_true(chunk_key_equal(entry->key, key));
        key = chunk_key_parent(key);
        assert_int_equal(entry->parent, chunk_table_find(table, key));
        assert_int_equal(chunk_table_peek(table, entry->parent)->child_entries, 1);
    }
    assert_int_equal(chunk_table_peek(table, chunk_table_find(table, key))->parent,
                     CHUNK_TABLE_NONE);
    // The neighbour in the same block needs no further ancestors.
    chunk_table_insert(table, chunk(-6, 7));
    assert_int_equal(chunk_table_stats(table).count, CHAIN + 1);
}

static void a_full_table_refuses_and_keeps_what_it_has(void **state)
{
    (void)state;
    int64_t x = 0;
    while (chunk_table_insert(table, chunk(x, 0)) != CHUNK_TABLE_NONE)
        x++;
    assert_true(x > 400 && x < CAPACITY);
    assert_int_equal(chunk_table_stats(table).count, CAPACITY);
    assert_int_equal(chunk_table_stats(table).refused, 1);
    assert_int_equal(chunk_table_find(table, chunk(x, 0)), CHUNK_TABLE_NONE);
    for (int64_t i = 0; i < x; i++)
        assert_true(chunk_key_equal(
            chunk_table_peek(table, chunk_table_find(table, chunk(i, 0)))->key, chunk(i, 0)));
    chunk_table_remove(table, chunk_table_find(table, chunk(3, 0)));
    assert_int_not_equal(chunk_table_insert(table, chunk(0, 1)), CHUNK_TABLE_NONE);
}

// Random inserts and removals against a plain list of what must be there.
static void after_any_inserts_and_removals_the_right_entries_are_found(void **state)
{
    (void)state;
    static bool known[24 * 24];
    memset(known, 0, sizeof known);
    for (uint64_t step = 0; step < FUZZ_STEPS; step++) {
        uint64_t cell = rng_u64(FUZZ_SEED, 1, step) % (24 * 24);
        ChunkKey key = chunk((int64_t)(cell % 24) - 12, (int64_t)(cell / 24) - 12);
        uint32_t index = chunk_table_find(table, key);
        assert_int_equal(index != CHUNK_TABLE_NONE, known[cell]);
        if (known[cell])
            chunk_table_remove(table, index);
        else if (chunk_table_insert(table, key) == CHUNK_TABLE_NONE)
            continue;
        known[cell] = !known[cell];
    }
    uint32_t count = 0;
    for (int cell = 0; cell < 24 * 24; cell++) {
        ChunkKey key = chunk(cell % 24 - 12, cell / 24 - 12);
        assert_int_equal(chunk_table_find(table, key) != CHUNK_TABLE_NONE, known[cell]);
        count += known[cell];
    }
    // Without its leaves the rest goes from the bottom up.
    for (int round = 0; round < CHAIN; round++)
        for (uint32_t i = 0; i < CAPACITY; i++)
            if (chunk_table_live(table, i) && chunk_table_unused(chunk_table_peek(table, i)))
                chunk_table_remove(table, i);
    assert_true(count > 100);
    assert_int_equal(chunk_table_stats(table).count, 0);
    assert_int_equal(chunk_table_stats(table).data_states[FRAME_STATS_DATA_ABSENT], 0);
    assert_int_equal(chunk_table_stats(table).mesh_states[FRAME_STATS_MESH_ABSENT], 0);
}

static void a_block_is_ready_when_each_of_its_children_shows_its_coarsest_mesh(void **state)
{
    (void)state;
    ChunkKey block = {-3, 2, 2};
    const ChunkEntry *entry = chunk_table_peek(table, chunk_table_insert(table, block));
    for (int i = 0; i < 16; i++) {
        assert_false(chunk_table_children_ready(entry));
        set_mesh(chunk_key_child(block, i % 4, i / 4), 0, true); // L0 does not count
        set_mesh(chunk_key_child(block, i % 4, i / 4), 2, true);
    }
    assert_true(chunk_table_children_ready(entry));
    set_mesh(chunk_key_child(block, 2, 1), 0, false);
    assert_true(chunk_table_children_ready(entry));
    set_mesh(chunk_key_child(block, 2, 1), 2, false);
    assert_false(chunk_table_children_ready(entry));
    ChunkKey high = {1, 1, 4};
    entry = chunk_table_peek(table, chunk_table_insert(table, high));
    for (int i = 0; i < 4; i++) {
        assert_false(chunk_table_children_ready(entry));
        set_mesh(chunk_key_child(high, i % 2, i / 2), 0, true);
    }
    assert_true(chunk_table_children_ready(entry));
}

static void what_is_used_is_not_unused(void **state)
{
    (void)state;
    uint32_t index = chunk_table_insert(table, chunk(0, 0));
    ChunkEntry *entry = chunk_table_entry(table, index);
    assert_true(chunk_table_unused(entry));
    assert_false(chunk_table_unused(chunk_table_entry(table, entry->parent)));
    entry->tickets = 1;
    assert_false(chunk_table_unused(entry));
    entry->tickets = 0;
    entry->meshes[1].want = CHUNK_WANT_RING;
    assert_false(chunk_table_unused(entry));
    entry->meshes[1].want = CHUNK_WANT_NONE;
    chunk_table_set_data(table, entry, FRAME_STATS_DATA_QUEUED);
    assert_false(chunk_table_unused(entry));
    chunk_table_set_data(table, entry, FRAME_STATS_DATA_RUNNING);
    chunk_table_set_data(table, entry, FRAME_STATS_DATA_FAILED);
    assert_true(chunk_table_unused(entry));
    set_mesh(chunk(0, 0), 1, true);
    assert_false(chunk_table_unused(entry));
    assert_int_equal(chunk_table_stats(table).mesh_states[FRAME_STATS_MESH_RESIDENT], 1);
    assert_int_equal(chunk_table_stats(table).data_states[FRAME_STATS_DATA_FAILED], 1);
}

static struct {
    ChunkEntry *entry;
    int state;
} attempt;

static void set_data_state(void)
{
    chunk_table_set_data(table, attempt.entry, (FrameStatsData)attempt.state);
}

static void set_mesh_state(void)
{
    chunk_table_set_mesh(table, attempt.entry, 0, (FrameStatsMesh)attempt.state);
}

static void a_wrong_transition_of_data_is_a_bug(void **state)
{
    (void)state;
    // From absent, queued, running, ready, failed: which are right.
    static const char *const right[] = {"-Q---", "A-R-F", "A--RF", "A----", "AQ---"};
    attempt.entry = chunk_table_entry(table, chunk_table_insert(table, chunk(1, 1)));
    for (uint8_t from = 0; from < FRAME_STATS_DATA_COUNT; from++)
        for (attempt.state = 0; attempt.state < FRAME_STATS_DATA_COUNT; attempt.state++) {
            attempt.entry->data = from;
            assert_int_equal(dies(set_data_state), right[from][attempt.state] == '-');
        }
    attempt.entry->data = FRAME_STATS_DATA_ABSENT;
}

static void a_wrong_transition_of_a_mesh_is_a_bug(void **state)
{
    (void)state;
    // From absent, building, staged, resident, evicting.
    static const char *const right[] = {"-B---", "A-S--", "A--R-", "----E", "A----"};
    attempt.entry = chunk_table_entry(table, chunk_table_insert(table, chunk(1, 1)));
    for (uint8_t from = 0; from < FRAME_STATS_MESH_COUNT; from++)
        for (attempt.state = 0; attempt.state < FRAME_STATS_MESH_COUNT; attempt.state++) {
            attempt.entry->meshes[0].state = from;
            assert_int_equal(dies(set_mesh_state), right[from][attempt.state] == '-');
        }
    attempt.entry->meshes[0].state = FRAME_STATS_MESH_ABSENT;
}

static void remove_parent(void)
{
    chunk_table_remove(table, chunk_table_find(table, (ChunkKey){0, 0, 2}));
}

static void removing_what_is_used_is_a_bug(void **state)
{
    (void)state;
    uint32_t index = chunk_table_insert(table, chunk(1, 1));
    assert_true(dies(remove_parent));
    chunk_table_remove(table, index);
    assert_false(dies(remove_parent));
}

static void meshes_and_lods_are_numbered_alike(void **state)
{
    (void)state;
    for (int lod = 0; lod < LOD_COUNT; lod++)
        assert_int_equal(chunk_table_lod_of(lod_key_level(lod), chunk_table_mesh_of(lod)), lod);
}

static void create_without_memory_fails_cleanly(void **state)
{
    (void)state;
    uint64_t before = os_memory_stats().live_total_bytes;
    for (uint64_t nth = 1; nth <= 4; nth++) {
        ChunkTable *other = NULL;
        os_memory_fail_at(nth, 0);
        assert_int_equal(chunk_table_create(100, &other), RESULT_OUT_OF_MEMORY);
        os_memory_fail_at(0, 0);
        assert_int_equal(os_memory_stats().live_total_bytes, before);
    }
}

#define TABLE_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TABLE_TEST(an_entry_is_found_with_its_ancestors),
        TABLE_TEST(a_full_table_refuses_and_keeps_what_it_has),
        TABLE_TEST(after_any_inserts_and_removals_the_right_entries_are_found),
        TABLE_TEST(a_block_is_ready_when_each_of_its_children_shows_its_coarsest_mesh),
        TABLE_TEST(what_is_used_is_not_unused),
        TABLE_TEST(a_wrong_transition_of_data_is_a_bug),
        TABLE_TEST(a_wrong_transition_of_a_mesh_is_a_bug),
        TABLE_TEST(removing_what_is_used_is_a_bug),
        TABLE_TEST(meshes_and_lods_are_numbered_alike),
        TABLE_TEST(create_without_memory_fails_cleanly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
