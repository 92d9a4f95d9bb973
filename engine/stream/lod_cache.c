#include "stream/lod_cache.h"

#include "base/os_clock.h"
#include "base/os_memory.h"
#include <assert.h>

// Meshes are linked by number: entry * CHUNK_TABLE_MESHES + mesh.
typedef struct LayerPool {
    uint32_t *free_stack;
    uint32_t count, free_count;
    uint32_t oldest, newest;
    uint32_t cached;
} LayerPool;

struct LodCache {
    ChunkTable *table;
    RunStatsCounters *counters;
    Histogram *serve;
    LayerPool pools[LOD_GRID_COUNT];
    uint64_t evicted, refused;
};

static ChunkMesh *mesh_at(LodCache *cache, uint32_t number)
{
    return &chunk_table_entry(cache->table, number / CHUNK_TABLE_MESHES)
                ->meshes[number % CHUNK_TABLE_MESHES];
}

static LodGrid grid_of(const LodCache *cache, uint32_t entry, int mesh)
{
    return lod_grid(chunk_table_lod_of(chunk_table_peek(cache->table, entry)->key.level, mesh));
}

Result lod_cache_create(ChunkTable *table, const uint32_t layers[LOD_GRID_COUNT],
                        RunStatsCounters *counters, Histogram *serve, LodCache **out)
{
    LodCache *cache = os_memory_alloc(sizeof *cache, OS_MEMORY_TABLES);
    if (!cache)
        return RESULT_OUT_OF_MEMORY;
    cache->table = table;
    cache->counters = counters;
    cache->serve = serve;
    for (int g = 0; g < LOD_GRID_COUNT; g++) {
        LayerPool *pool = &cache->pools[g];
        *pool = (LayerPool){.count = layers[g],
                            .free_count = layers[g],
                            .oldest = LOD_CACHE_NONE,
                            .newest = LOD_CACHE_NONE};
        pool->free_stack = os_memory_alloc(layers[g] * sizeof(uint32_t), OS_MEMORY_TABLES);
        if (!pool->free_stack) {
            lod_cache_destroy(cache);
            return RESULT_OUT_OF_MEMORY;
        }
        for (uint32_t i = 0; i < layers[g]; i++)
            pool->free_stack[i] = layers[g] - 1 - i;
    }
    *out = cache;
    return RESULT_OK;
}

void lod_cache_destroy(LodCache *cache)
{
    if (!cache)
        return;
    for (int g = 0; g < LOD_GRID_COUNT; g++)
        os_memory_free(cache->pools[g].free_stack, cache->pools[g].count * sizeof(uint32_t),
                       OS_MEMORY_TABLES);
    os_memory_free(cache, sizeof *cache, OS_MEMORY_TABLES);
}

static void unlink_mesh(LodCache *cache, LayerPool *pool, ChunkMesh *mesh)
{
    assert(mesh->cached && pool->cached > 0);
    if (mesh->older != LOD_CACHE_NONE)
        mesh_at(cache, mesh->older)->newer = mesh->newer;
    else
        pool->oldest = mesh->newer;
    if (mesh->newer != LOD_CACHE_NONE)
        mesh_at(cache, mesh->newer)->older = mesh->older;
    else
        pool->newest = mesh->older;
    mesh->cached = false;
    pool->cached--;
}

static void evict_oldest(LodCache *cache, LayerPool *pool)
{
    uint32_t number = pool->oldest;
    assert(number != LOD_CACHE_NONE);
    lod_cache_free(cache, number / CHUNK_TABLE_MESHES, (int)(number % CHUNK_TABLE_MESHES));
    cache->evicted++;
}

uint32_t lod_cache_try_layer(LodCache *cache, LodGrid grid)
{
    LayerPool *pool = &cache->pools[grid];
    if (pool->free_count == 0 && pool->oldest != LOD_CACHE_NONE)
        evict_oldest(cache, pool);
    if (pool->free_count == 0) {
        cache->refused++;
        return LOD_CACHE_NONE;
    }
    return pool->free_stack[--pool->free_count];
}

static void keep_mesh(LodCache *cache, uint32_t entry, int mesh)
{
    LayerPool *pool = &cache->pools[grid_of(cache, entry, mesh)];
    uint32_t number = entry * CHUNK_TABLE_MESHES + (uint32_t)mesh;
    ChunkMesh *m = mesh_at(cache, number);
    assert(m->state == FRAME_STATS_MESH_RESIDENT && !m->cached);
    m->cached = true;
    m->older = pool->newest;
    m->newer = LOD_CACHE_NONE;
    if (pool->newest != LOD_CACHE_NONE)
        mesh_at(cache, pool->newest)->newer = number;
    else
        pool->oldest = number;
    pool->newest = number;
    pool->cached++;
}

static void count_transition(LodCache *cache, const ChunkEntry *entry, const ChunkMesh *mesh,
                             uint64_t started_ns)
{
    cache->counters->lod_transitions++;
    if (mesh->state == FRAME_STATS_MESH_RESIDENT) {
        cache->counters->lod_hits++;
        histogram_add(cache->serve, os_clock_thread_cpu_ns() - started_ns);
    } else if (entry->data == FRAME_STATS_DATA_READY && mesh - entry->meshes >= entry->serves) {
        cache->counters->lod_rebuilt++;
    } else {
        cache->counters->lod_generated++;
    }
}

void lod_cache_want(LodCache *cache, uint32_t entry, int mesh)
{
    const ChunkEntry *e = chunk_table_peek(cache->table, entry);
    ChunkMesh *m = mesh_at(cache, entry * CHUNK_TABLE_MESHES + (uint32_t)mesh);
    bool finer = e->key.level == 0 && mesh < 2 && e->ever_resident;
    uint64_t started_ns = finer ? os_clock_thread_cpu_ns() : 0;
    if (m->cached)
        unlink_mesh(cache, &cache->pools[grid_of(cache, entry, mesh)], m);
    if (finer)
        count_transition(cache, e, m, started_ns);
}

void lod_cache_unwant(LodCache *cache, uint32_t entry, int mesh, bool keep)
{
    const ChunkEntry *e = chunk_table_peek(cache->table, entry);
    const ChunkMesh *m = &e->meshes[mesh];
    if (m->state != FRAME_STATS_MESH_RESIDENT || m->cached)
        return;
    // The chunk goes on at the next coarser level while that is still wanted.
    bool coarser = e->key.level == 0 && mesh < 2 && e->meshes[mesh + 1].want != CHUNK_WANT_NONE;
    uint64_t started_ns = coarser ? os_clock_thread_cpu_ns() : 0;
    if (keep)
        keep_mesh(cache, entry, mesh);
    else
        lod_cache_free(cache, entry, mesh);
    if (coarser)
        count_transition(cache, e, &e->meshes[mesh + 1], started_ns);
}

void lod_cache_free(LodCache *cache, uint32_t entry, int mesh)
{
    LayerPool *pool = &cache->pools[grid_of(cache, entry, mesh)];
    ChunkEntry *e = chunk_table_entry(cache->table, entry);
    ChunkMesh *m = &e->meshes[mesh];
    assert(m->state == FRAME_STATS_MESH_RESIDENT);
    if (m->cached)
        unlink_mesh(cache, pool, m);
    chunk_table_set_mesh(cache->table, e, mesh, FRAME_STATS_MESH_EVICTING);
    // GL keeps the order of commands: a draw already queued reads the layer before a later upload overwrites it.
    pool->free_stack[pool->free_count++] = m->layer;
    assert(pool->free_count <= pool->count);
    chunk_table_set_mesh(cache->table, e, mesh, FRAME_STATS_MESH_ABSENT);
}

uint32_t lod_cache_trim(LodCache *cache, uint32_t reserve, uint32_t count_max)
{
    uint32_t freed = 0;
    for (int g = 0; g < LOD_GRID_COUNT; g++) {
        LayerPool *pool = &cache->pools[g];
        while (freed < count_max && pool->free_count < reserve && pool->oldest != LOD_CACHE_NONE) {
            evict_oldest(cache, pool);
            freed++;
        }
    }
    return freed;
}

LodCacheStats lod_cache_stats(const LodCache *cache)
{
    LodCacheStats stats = {.evicted = cache->evicted, .refused = cache->refused};
    for (int g = 0; g < LOD_GRID_COUNT; g++) {
        stats.layers[g] = cache->pools[g].count;
        stats.free[g] = cache->pools[g].free_count;
        stats.cached[g] = cache->pools[g].cached;
    }
    return stats;
}
