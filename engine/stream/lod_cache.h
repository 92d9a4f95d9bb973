// Purpose: the LOD mesh cache: GPU layers of L0, L1, L2 and the rings, kept after use, oldest out first.
// Owns: the free layers of each grid and the list of resident meshes that nobody wants.
// Threads: the main thread.
// Fails: create returns a Result; a layer is refused when all are wanted.
#pragma once
#include "base/result.h"
#include "stream/chunk_table.h"
#include "stream/run_stats.h"

#define LOD_CACHE_NONE UINT32_MAX

typedef struct LodCache LodCache;

typedef struct LodCacheStats {
    uint32_t layers[LOD_GRID_COUNT], free[LOD_GRID_COUNT], cached[LOD_GRID_COUNT];
    uint64_t evicted;
    uint64_t refused;
} LodCacheStats;

// All borrowed; `serve` takes the main thread's CPU time of each transition that a resident mesh serves.
RESULT_MUST Result lod_cache_create(ChunkTable *table, const uint32_t layers[LOD_GRID_COUNT],
                                    RunStatsCounters *counters, Histogram *serve, LodCache **out);
void lod_cache_destroy(LodCache *cache);

// A layer for a mesh of `grid`, taking the oldest cached mesh away when none is free; LOD_CACHE_NONE when all are
// wanted.
uint32_t lod_cache_try_layer(LodCache *cache, LodGrid grid);
// A mesh begins to be wanted: leaves the list of cached ones. A finer level of a chunk that was shown before counts
// as a LOD transition: hit, rebuilt from cached heights, or generated.
void lod_cache_want(LodCache *cache, uint32_t entry, int mesh);
// Nobody wants it any more: a resident mesh is kept for its return, or freed at once unless `keep`.
void lod_cache_unwant(LodCache *cache, uint32_t entry, int mesh, bool keep);
// Resident -> absent now; its layer is free.
void lod_cache_free(LodCache *cache, uint32_t entry, int mesh);
// Frees the oldest cached meshes until `reserve` layers of each grid are free, at most `count_max`; returns how many.
uint32_t lod_cache_trim(LodCache *cache, uint32_t reserve, uint32_t count_max);
LodCacheStats lod_cache_stats(const LodCache *cache);
