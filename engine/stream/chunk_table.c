#include "stream/chunk_table.h"

#include "base/os_memory.h"
#include <assert.h>

struct ChunkTable {
    ChunkEntry *entries;
    uint32_t *index; // entry + 1, 0: empty; linear probing
    bool *live;
    uint32_t capacity, index_mask;
    uint32_t count, first_free;
    uint64_t refused;
    uint32_t data_states[FRAME_STATS_DATA_COUNT];
    uint32_t mesh_states[FRAME_STATS_MESH_COUNT];
};

// Row: from, column: to. A mesh that is dropped before it was shown goes straight back to ABSENT.
static const bool data_allowed[FRAME_STATS_DATA_COUNT][FRAME_STATS_DATA_COUNT] = {
    [FRAME_STATS_DATA_ABSENT] = {[FRAME_STATS_DATA_QUEUED] = true},
    [FRAME_STATS_DATA_QUEUED] =
        {[FRAME_STATS_DATA_RUNNING] = true, [FRAME_STATS_DATA_ABSENT] = true},
    [FRAME_STATS_DATA_RUNNING] = {[FRAME_STATS_DATA_READY] = true,
                                  [FRAME_STATS_DATA_FAILED] = true,
                                  [FRAME_STATS_DATA_ABSENT] = true},
    [FRAME_STATS_DATA_READY] = {[FRAME_STATS_DATA_ABSENT] = true},
    [FRAME_STATS_DATA_FAILED] =
        {[FRAME_STATS_DATA_QUEUED] = true, [FRAME_STATS_DATA_ABSENT] = true},
};

static const bool mesh_allowed[FRAME_STATS_MESH_COUNT][FRAME_STATS_MESH_COUNT] = {
    [FRAME_STATS_MESH_ABSENT] = {[FRAME_STATS_MESH_BUILDING] = true},
    [FRAME_STATS_MESH_BUILDING] =
        {[FRAME_STATS_MESH_STAGED] = true, [FRAME_STATS_MESH_ABSENT] = true},
    [FRAME_STATS_MESH_STAGED] =
        {[FRAME_STATS_MESH_RESIDENT] = true, [FRAME_STATS_MESH_ABSENT] = true},
    [FRAME_STATS_MESH_RESIDENT] = {[FRAME_STATS_MESH_EVICTING] = true},
    [FRAME_STATS_MESH_EVICTING] = {[FRAME_STATS_MESH_ABSENT] = true},
};

Result chunk_table_create(uint32_t capacity, ChunkTable **out)
{
    assert(capacity > 0 && capacity < (1u << 24));
    uint32_t index_size = 2;
    while (index_size < capacity * 2)
        index_size *= 2;
    ChunkTable *table = os_memory_alloc(sizeof *table, OS_MEMORY_TABLES);
    if (!table)
        return RESULT_OUT_OF_MEMORY;
    table->capacity = capacity;
    table->index_mask = index_size - 1;
    table->entries = os_memory_alloc(capacity * sizeof *table->entries, OS_MEMORY_TABLES);
    table->index = os_memory_alloc(index_size * sizeof *table->index, OS_MEMORY_TABLES);
    table->live = os_memory_alloc(capacity * sizeof *table->live, OS_MEMORY_TABLES);
    if (!table->entries || !table->index || !table->live) {
        chunk_table_destroy(table);
        return RESULT_OUT_OF_MEMORY;
    }
    for (uint32_t i = 0; i < capacity; i++)
        table->entries[i].next_free = i + 1 < capacity ? i + 1 : CHUNK_TABLE_NONE;
    *out = table;
    return RESULT_OK;
}

void chunk_table_destroy(ChunkTable *table)
{
    if (!table)
        return;
    size_t capacity = table->capacity;
    os_memory_free(table->entries, capacity * sizeof *table->entries, OS_MEMORY_TABLES);
    os_memory_free(table->index, ((size_t)table->index_mask + 1) * sizeof *table->index,
                   OS_MEMORY_TABLES);
    os_memory_free(table->live, capacity * sizeof *table->live, OS_MEMORY_TABLES);
    os_memory_free(table, sizeof *table, OS_MEMORY_TABLES);
}

// Place in the index of `key`, or of the empty cell where it would go.
static uint32_t probe(const ChunkTable *table, ChunkKey key)
{
    uint32_t at = (uint32_t)chunk_key_hash(key) & table->index_mask;
    while (table->index[at] && !chunk_key_equal(table->entries[table->index[at] - 1].key, key))
        at = (at + 1) & table->index_mask;
    return at;
}

uint32_t chunk_table_find(const ChunkTable *table, ChunkKey key)
{
    return table->index[probe(table, key)] - 1; // an empty cell's 0 wraps to CHUNK_TABLE_NONE
}

uint32_t chunk_table_insert(ChunkTable *table, ChunkKey key)
{
    uint32_t at = probe(table, key);
    if (table->index[at])
        return table->index[at] - 1;
    if (table->first_free == CHUNK_TABLE_NONE) {
        table->refused++;
        return CHUNK_TABLE_NONE;
    }
    uint32_t index = table->first_free;
    ChunkEntry *entry = &table->entries[index];
    table->first_free = entry->next_free;
    *entry = (ChunkEntry){.key = key, .next_free = CHUNK_TABLE_NONE};
    table->index[at] = index + 1;
    table->live[index] = true;
    table->count++;
    table->data_states[FRAME_STATS_DATA_ABSENT]++;
    int meshes = key.level == 0 ? CHUNK_TABLE_MESHES : 1;
    table->mesh_states[FRAME_STATS_MESH_ABSENT] += (uint32_t)meshes;
    return index;
}

bool chunk_table_unused(const ChunkEntry *entry)
{
    if (entry->tickets ||
        (entry->data != FRAME_STATS_DATA_ABSENT && entry->data != FRAME_STATS_DATA_FAILED))
        return false;
    for (int i = 0; i < CHUNK_TABLE_MESHES; i++)
        if (entry->meshes[i].state != FRAME_STATS_MESH_ABSENT || entry->meshes[i].want)
            return false;
    return true;
}

void chunk_table_remove(ChunkTable *table, uint32_t index)
{
    ChunkEntry *entry = chunk_table_entry(table, index);
    assert(chunk_table_unused(entry));
    uint32_t hole = probe(table, entry->key);
    assert(table->index[hole] == index + 1);
    // Backward shift: close the gap with every later entry of the run that may move there.
    for (uint32_t at = (hole + 1) & table->index_mask; table->index[at];
         at = (at + 1) & table->index_mask) {
        uint32_t home =
            (uint32_t)chunk_key_hash(table->entries[table->index[at] - 1].key) & table->index_mask;
        if (((at - home) & table->index_mask) < ((at - hole) & table->index_mask))
            continue;
        table->index[hole] = table->index[at];
        hole = at;
    }
    table->index[hole] = 0;
    table->data_states[entry->data]--;
    int meshes = entry->key.level == 0 ? CHUNK_TABLE_MESHES : 1;
    table->mesh_states[FRAME_STATS_MESH_ABSENT] -= (uint32_t)meshes;
    table->live[index] = false;
    entry->next_free = table->first_free;
    table->first_free = index;
    table->count--;
}

ChunkEntry *chunk_table_entry(ChunkTable *table, uint32_t index)
{
    assert(index < table->capacity && table->live[index]);
    return &table->entries[index];
}

const ChunkEntry *chunk_table_peek(const ChunkTable *table, uint32_t index)
{
    assert(index < table->capacity && table->live[index]);
    return &table->entries[index];
}

bool chunk_table_live(const ChunkTable *table, uint32_t index)
{
    assert(index < table->capacity);
    return table->live[index];
}

void chunk_table_set_data(ChunkTable *table, ChunkEntry *entry, FrameStatsData state)
{
    assert(data_allowed[entry->data][state]);
    table->data_states[entry->data]--;
    table->data_states[state]++;
    entry->data = (uint8_t)state;
}

void chunk_table_set_mesh(ChunkTable *table, ChunkEntry *entry, int mesh, FrameStatsMesh state)
{
    assert(mesh >= 0 && mesh < (entry->key.level == 0 ? CHUNK_TABLE_MESHES : 1));
    ChunkMesh *m = &entry->meshes[mesh];
    assert(mesh_allowed[m->state][state]);
    table->mesh_states[m->state]--;
    table->mesh_states[state]++;
    m->state = (uint8_t)state;
}

ChunkTableStats chunk_table_stats(const ChunkTable *table)
{
    ChunkTableStats stats = {
        .capacity = table->capacity, .count = table->count, .refused = table->refused};
    for (int i = 0; i < FRAME_STATS_DATA_COUNT; i++)
        stats.data_states[i] = table->data_states[i];
    for (int i = 0; i < FRAME_STATS_MESH_COUNT; i++)
        stats.mesh_states[i] = table->mesh_states[i];
    return stats;
}

int chunk_table_mesh_of(int lod)
{
    return lod < LOD_CHUNK_COUNT ? lod : 0;
}

int chunk_table_lod_of(int level, int mesh)
{
    return level == 0 ? mesh : lod_of_key_level(level);
}
