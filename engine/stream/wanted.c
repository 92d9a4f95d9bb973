#include "stream/wanted.h"

#include <assert.h>

Result wanted_create(ChunkTable *table, LodCache *lod_cache, RunStatsCounters *counters,
                     Wanted *out)
{
    *out = (Wanted){.table = table, .lod_cache = lod_cache, .counters = counters};
    size_t list_bytes = PLANNER_WANTS_MAX * sizeof(WantedMesh), slack_bytes = 1024;
    if (!arena_create(3 * list_bytes + slack_bytes, OS_MEMORY_TABLES, &out->lists))
        return RESULT_OUT_OF_MEMORY;
    out->meshes = arena_alloc(&out->lists, list_bytes);
    out->next = arena_alloc(&out->lists, list_bytes);
    out->pending = arena_alloc(&out->lists, list_bytes);
    assert(out->pending);
    return RESULT_OK;
}

void wanted_destroy(Wanted *wanted)
{
    arena_destroy(&wanted->lists);
}

static ChunkMesh *mesh_at(const Wanted *wanted, WantedMesh w)
{
    return &chunk_table_entry(wanted->table, w.entry)->meshes[w.mesh];
}

static void count_used(Wanted *wanted, ChunkEntry *entry, const PlannerWant *want)
{
    if (want->lod != 2 || (int)want->priority != PLANNER_CLASS_SQUARE || entry->counted_used)
        return;
    wanted->counters->lobe_used += entry->speculative_lobe;
    wanted->counters->ring_used += entry->speculative_ring;
    entry->counted_used = entry->speculative_lobe || entry->speculative_ring;
}

// False when the table is full.
static bool take_one(Wanted *wanted, const PlannerWant *want)
{
    uint32_t index = chunk_table_insert(wanted->table, want->key);
    if (index == CHUNK_TABLE_NONE)
        return false;
    int m = chunk_table_mesh_of(want->lod);
    ChunkEntry *entry = chunk_table_entry(wanted->table, index);
    ChunkMesh *mesh = &entry->meshes[m];
    if (mesh->want == CHUNK_WANT_NONE)
        lod_cache_want(wanted->lod_cache, index, m);
    mesh->want = want->want;
    mesh->soon = want->soon;
    mesh->plan = wanted->plan;
    mesh->priority = want->priority;
    wanted->next_demand += want->want == CHUNK_WANT_DEMAND;
    wanted->next[wanted->next_count++] = (WantedMesh){index, (uint8_t)m};
    count_used(wanted, entry, want);
    return true;
}

void wanted_begin(Wanted *wanted, const PlannerWant *wants, uint32_t count)
{
    assert(!wanted->taking && count <= PLANNER_WANTS_MAX);
    wanted->taking = true;
    wanted->offer = wants;
    wanted->offer_count = count;
    wanted->taken = wanted->next_count = wanted->next_demand = 0;
    wanted->plan++;
}

void wanted_end(Wanted *wanted, bool keep_data)
{
    if (!wanted->taking)
        return;
    // What only the old list wanted is wanted no more.
    for (uint32_t i = 0; i < wanted->count; i++) {
        ChunkMesh *mesh = mesh_at(wanted, wanted->meshes[i]);
        if (mesh->plan == wanted->plan)
            continue;
        mesh->want = CHUNK_WANT_NONE;
        lod_cache_unwant(wanted->lod_cache, wanted->meshes[i].entry, wanted->meshes[i].mesh,
                         keep_data);
    }
    WantedMesh *old = wanted->meshes;
    wanted->meshes = wanted->next;
    wanted->next = old;
    wanted->count = wanted->next_count;
    wanted->demand = wanted->next_demand;
    wanted->taking = false;
    wanted->refresh = true;
}

bool wanted_take(Wanted *wanted, uint32_t max, bool keep_data)
{
    assert(wanted->taking);
    uint32_t left = wanted->offer_count - wanted->taken;
    uint32_t end = wanted->taken + (left < max ? left : max);
    while (wanted->taken < end && take_one(wanted, &wanted->offer[wanted->taken]))
        wanted->taken++;
    if (wanted->taken == end && end < wanted->offer_count)
        return false;
    wanted->counters->plan_left_out += wanted->offer_count - wanted->taken;
    wanted->counters->plans++;
    wanted_end(wanted, keep_data);
    return true;
}

void wanted_update_pending(Wanted *wanted)
{
    if (!wanted->refresh)
        return;
    wanted->pending_count = 0;
    for (uint32_t i = 0; i < wanted->count; i++)
        if (mesh_at(wanted, wanted->meshes[i])->state == FRAME_STATS_MESH_ABSENT)
            wanted->pending[wanted->pending_count++] = wanted->meshes[i];
    wanted->refresh = false;
}
