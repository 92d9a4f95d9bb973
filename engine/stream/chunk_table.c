#include "stream/chunk_table.h"

#include "base/key_index.h"
#include <assert.h>

struct ChunkTable {
    ChunkEntry *entries;
    bool *live;
    KeyIndex index; // from keys to entries
    uint32_t capacity;
    uint32_t count, first_free, sweep_at;
    uint64_t refused;
    uint32_t data_states[FRAME_STATS_DATA_COUNT];
    uint32_t mesh_states[FRAME_STATS_MESH_COUNT];
};

// Row: from, column: to. A mesh that is dropped before it was shown goes straight back to ABSENT.
static const bool data_allowed[FRAME_STATS_DATA_COUNT][FRAME_STATS_DATA_COUNT] = {
    [FRAME_STATS_DATA_ABSENT] = {[FRAME_STATS_DATA_QUEUED] = true},
    [FRAME_STATS_DATA_QUEUED] = {[FRAME_STATS_DATA_RUNNING] = true,
                                 [FRAME_STATS_DATA_FAILED] = true, // a retry that was cancelled
                                 [FRAME_STATS_DATA_ABSENT] = true},
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
    ChunkTable *table = os_memory_alloc(sizeof *table, OS_MEMORY_TABLES);
    if (!table)
        return RESULT_OUT_OF_MEMORY;
    table->capacity = capacity;
    table->entries = os_memory_alloc(capacity * sizeof *table->entries, OS_MEMORY_TABLES);
    table->live = os_memory_alloc(capacity * sizeof *table->live, OS_MEMORY_TABLES);
    if (!table->entries || !table->live ||
        key_index_create(capacity, OS_MEMORY_TABLES, &table->index) != RESULT_OK) {
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
    key_index_destroy(&table->index);
    os_memory_free(table->live, capacity * sizeof *table->live, OS_MEMORY_TABLES);
    os_memory_free(table, sizeof *table, OS_MEMORY_TABLES);
}

static int mesh_count(ChunkKey key)
{
    return key.level == 0 ? CHUNK_TABLE_MESHES : 1;
}

uint32_t chunk_table_find(const ChunkTable *table, ChunkKey key)
{
    uint64_t hash = chunk_key_hash(key);
    uint32_t step = 0, index;
    do {
        index = key_index_next(&table->index, hash, &step);
    } while (index != KEY_INDEX_NONE && !chunk_key_equal(table->entries[index].key, key));
    return index;
}

static uint32_t insert_one(ChunkTable *table, ChunkKey key, uint32_t parent)
{
    if (table->first_free == CHUNK_TABLE_NONE) {
        table->refused++;
        return CHUNK_TABLE_NONE;
    }
    uint32_t index = table->first_free;
    ChunkEntry *entry = &table->entries[index];
    table->first_free = entry->next_free;
    *entry = (ChunkEntry){.key = key, .parent = parent, .next_free = CHUNK_TABLE_NONE};
    key_index_add(&table->index, chunk_key_hash(key), index);
    table->live[index] = true;
    table->count++;
    table->data_states[FRAME_STATS_DATA_ABSENT]++;
    table->mesh_states[FRAME_STATS_MESH_ABSENT] += (uint32_t)mesh_count(key);
    if (parent != CHUNK_TABLE_NONE)
        table->entries[parent].child_entries++;
    return index;
}

uint32_t chunk_table_insert(ChunkTable *table, ChunkKey key)
{
    uint32_t found = chunk_table_find(table, key);
    if (found != CHUNK_TABLE_NONE)
        return found;
    // The missing ancestors first, from the top down.
    ChunkKey missing[CHUNK_KEY_LEVEL_MAX + 1];
    int count = 0;
    uint32_t parent = CHUNK_TABLE_NONE;
    for (ChunkKey at = key;; at = chunk_key_parent(at)) {
        parent = chunk_table_find(table, at);
        if (parent != CHUNK_TABLE_NONE)
            break;
        missing[count++] = at;
        if (at.level == CHUNK_KEY_LEVEL_MAX)
            break;
    }
    while (count > 0) {
        parent = insert_one(table, missing[--count], parent);
        if (parent == CHUNK_TABLE_NONE)
            break; // ancestors already made are unused and will be swept
    }
    return parent;
}

bool chunk_table_children_ready(const ChunkEntry *entry)
{
    int side = chunk_key_children_side(entry->key.level);
    return entry->ready_children == side * side;
}

bool chunk_table_unused(const ChunkEntry *entry)
{
    if (entry->tickets || entry->child_entries ||
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
    key_index_remove(&table->index, chunk_key_hash(entry->key), index);
    table->data_states[entry->data]--;
    table->mesh_states[FRAME_STATS_MESH_ABSENT] -= (uint32_t)mesh_count(entry->key);
    if (entry->parent != CHUNK_TABLE_NONE)
        table->entries[entry->parent].child_entries--;
    table->live[index] = false;
    entry->next_free = table->first_free;
    table->first_free = index;
    table->count--;
}

uint32_t chunk_table_sweep(ChunkTable *table, uint32_t count)
{
    uint32_t removed = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t index = table->sweep_at;
        table->sweep_at = (table->sweep_at + 1) % table->capacity;
        if (!table->live[index] || !chunk_table_unused(&table->entries[index]))
            continue;
        chunk_table_remove(table, index);
        removed++;
    }
    return removed;
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
    assert(mesh >= 0 && mesh < mesh_count(entry->key));
    ChunkMesh *m = &entry->meshes[mesh];
    assert(mesh_allowed[m->state][state]);
    table->mesh_states[m->state]--;
    table->mesh_states[state]++;
    m->state = (uint8_t)state;
    // A chunk stands in for its part of the parent by its coarsest mesh.
    if (entry->parent == CHUNK_TABLE_NONE || mesh != mesh_count(entry->key) - 1)
        return;
    ChunkEntry *parent = chunk_table_entry(table, entry->parent);
    if (state == FRAME_STATS_MESH_RESIDENT)
        parent->ready_children++;
    else if (state == FRAME_STATS_MESH_EVICTING)
        parent->ready_children--;
    assert(parent->ready_children <= parent->child_entries);
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

int chunk_table_meshes_of(int level)
{
    return level == 0 ? CHUNK_TABLE_MESHES : 1;
}
