// Purpose: the LOD mesh cache: GPU layers of L0, L1, L2 and the rings, kept after use, oldest out first.
// Owns: the free layers of each grid and the list of resident meshes that nobody wants.
// Threads: the main thread.
// Fails: create returns a Result; a layer is refused when all are wanted.
#pragma once
#include "base/result.h"
#include "stream/chunk_table.h"

#define LOD_CACHE_NONE UINT32_MAX

typedef struct LodCache LodCache;

typedef struct LodCacheStats {
    uint32_t layers[LOD_GRID_COUNT], free[LOD_GRID_COUNT], cached[LOD_GRID_COUNT];
    uint64_t evicted;
    uint64_t refused;
} LodCacheStats;

// `table` is borrowed.
RESULT_MUST Result lod_cache_create(ChunkTable *table, const uint32_t layers[LOD_GRID_COUNT],
                                    LodCache **out);
void lod_cache_destroy(LodCache *cache);

// A layer for a mesh of `grid`, taking the oldest cached mesh away when none is free; LOD_CACHE_NONE when all are
// wanted.
uint32_t lod_cache_try_layer(LodCache *cache, LodGrid grid);
// A resident mesh that nobody wants any more: kept for its return.
void lod_cache_keep(LodCache *cache, uint32_t entry, int mesh);
// A cached mesh is wanted again.
void lod_cache_take(LodCache *cache, uint32_t entry, int mesh);
// Resident -> absent now; its layer is free.
void lod_cache_free(LodCache *cache, uint32_t entry, int mesh);
// Frees the oldest cached meshes until `reserve` layers of each grid are free, at most `count_max`; returns how many.
uint32_t lod_cache_trim(LodCache *cache, uint32_t reserve, uint32_t count_max);
LodCacheStats lod_cache_stats(const LodCache *cache);
