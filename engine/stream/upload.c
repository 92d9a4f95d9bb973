#include "stream/upload.h"

#include "base/os_clock.h"
#include <assert.h>

typedef struct Candidate {
    uint32_t index; // in the staged list
    float priority;
    LodGrid grid;
} Candidate;

static ChunkMesh *mesh_of(const UploadContext *context, const LoaderStaged *staged,
                          ChunkEntry **out_entry)
{
    *out_entry = chunk_table_entry(context->table, staged->entry);
    return &(*out_entry)->meshes[staged->mesh];
}

// Tiles that nobody wants any more give their slot back; their data stays in the memory cache.
static void drop_unwanted(const UploadContext *context)
{
    uint32_t count;
    const LoaderStaged *staged = loader_staged(context->loader, &count);
    for (uint32_t i = count; i-- > 0;) {
        ChunkEntry *entry;
        LoaderStaged item = staged[i];
        ChunkMesh *mesh = mesh_of(context, &item, &entry);
        if (mesh->want != CHUNK_WANT_NONE)
            continue;
        LodGrid grid = lod_grid(chunk_table_lod_of(entry->key.level, item.mesh));
        staging_cancel(context->staging, grid, mesh->slot);
        chunk_table_set_mesh(context->table, entry, item.mesh, FRAME_STATS_MESH_ABSENT);
        loader_unstage(context->loader, i);
    }
}

static bool most_urgent(const UploadContext *context, const bool blocked[LOD_GRID_COUNT],
                        Candidate *out)
{
    uint32_t count;
    const LoaderStaged *staged = loader_staged(context->loader, &count);
    bool found = false;
    for (uint32_t i = 0; i < count; i++) {
        ChunkEntry *entry;
        const ChunkMesh *mesh = mesh_of(context, &staged[i], &entry);
        LodGrid grid = lod_grid(chunk_table_lod_of(entry->key.level, staged[i].mesh));
        if (blocked[grid] || (found && mesh->priority >= out->priority))
            continue;
        *out = (Candidate){i, mesh->priority, grid};
        found = true;
    }
    return found;
}

// False when no layer is free.
static bool upload_one(const UploadContext *context, const Candidate *candidate, uint64_t now_ns,
                       LedgerPen *pen)
{
    uint32_t count;
    LoaderStaged item = loader_staged(context->loader, &count)[candidate->index];
    ChunkEntry *entry;
    ChunkMesh *mesh = mesh_of(context, &item, &entry);
    uint64_t started_ns = pen ? os_clock_thread_cpu_ns() : 0;
    uint32_t layer = lod_cache_try_layer(context->lod_cache, candidate->grid);
    if (layer == LOD_CACHE_NONE)
        return false;
    context->sink->upload(context->sink->object, candidate->grid, layer, mesh->slot);
    staging_submit(context->staging, candidate->grid, mesh->slot);
    mesh->layer = mesh->tile.layer = layer;
    chunk_table_set_mesh(context->table, entry, item.mesh, FRAME_STATS_MESH_RESIDENT);
    entry->ever_resident = true;
    histogram_add(context->latency, now_ns > mesh->submitted_ns ? now_ns - mesh->submitted_ns : 0);
    context->counters->uploaded++;
    loader_unstage(context->loader, candidate->index);
    if (pen)
        ledger_item(pen, "tile", chunk_key_hash(entry->key), os_clock_thread_cpu_ns() - started_ns);
    return true;
}

static bool over_budget(const UploadBudget *budget, const UploadStats *stats, uint64_t bytes,
                        bool demand, double spent_ms)
{
    if (budget->unlimited || stats->count == 0)
        return false;
    uint64_t limit = demand ? budget->demand_bytes : budget->speculative_bytes;
    return stats->bytes + bytes > limit || spent_ms >= budget->time_ms ||
           stats->count >= budget->count;
}

UploadStats upload_run(const UploadContext *context, const UploadBudget *budget, uint64_t now_ns,
                       LedgerPen *pen)
{
    assert(budget->demand_bytes >= budget->speculative_bytes);
    UploadStats stats = {0};
    bool blocked[LOD_GRID_COUNT] = {false};
    uint64_t started_ns = os_clock_now_ns();
    Candidate candidate = {0};
    drop_unwanted(context);
    while (most_urgent(context, blocked, &candidate)) {
        uint64_t bytes = context->layouts[candidate.grid].bytes;
        bool demand = candidate.priority < (float)PLANNER_CLASS_LOBE;
        stats.ms = (double)(os_clock_now_ns() - started_ns) * 1e-6;
        if (over_budget(budget, &stats, bytes, demand, stats.ms))
            break;
        if (!upload_one(context, &candidate, now_ns, pen)) {
            blocked[candidate.grid] = true;
            continue;
        }
        stats.count++;
        stats.bytes += bytes;
    }
    stats.ms = (double)(os_clock_now_ns() - started_ns) * 1e-6;
    return stats;
}
