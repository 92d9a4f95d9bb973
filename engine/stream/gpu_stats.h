// Purpose: the bytes on the GPU by owner, as a sink accounts for them; plain values for reports and the overlay.
// Owns: nothing.
// Threads: any.
// Fails: never.
#pragma once
#include <stdint.h>

#define GPU_STATS_OWNER_LIST(X)                                                                    \
    X(GPU_STATS_TILES, "tiles")                                                                    \
    X(GPU_STATS_STAGING, "staging")                                                                \
    X(GPU_STATS_MESHES, "meshes")                                                                  \
    X(GPU_STATS_TARGETS, "targets")                                                                \
    X(GPU_STATS_MATERIALS, "materials")                                                            \
    X(GPU_STATS_SKY, "sky")

typedef enum GpuStatsOwner {
#define GPU_STATS_ENUM(name, text) name,
    GPU_STATS_OWNER_LIST(GPU_STATS_ENUM)
#undef GPU_STATS_ENUM
        GPU_STATS_OWNER_COUNT
} GpuStatsOwner;

typedef struct GpuStatsBytes {
    uint64_t owners[GPU_STATS_OWNER_COUNT];
} GpuStatsBytes;

const char *gpu_stats_owner_name(GpuStatsOwner owner);

// Of all owners.
uint64_t gpu_stats_total_bytes(const GpuStatsBytes *bytes);
