#include "stream/gpu_stats.h"
#include <assert.h>

const char *gpu_stats_owner_name(GpuStatsOwner owner)
{
    static const char *const names[] = {
#define GPU_STATS_NAME(name, text) [name] = text,
        GPU_STATS_OWNER_LIST(GPU_STATS_NAME)
#undef GPU_STATS_NAME
    };
    assert((unsigned)owner < GPU_STATS_OWNER_COUNT);
    return names[owner];
}

uint64_t gpu_stats_total_bytes(const GpuStatsBytes *bytes)
{
    uint64_t total = 0;
    assert(bytes);
    for (int i = 0; i < GPU_STATS_OWNER_COUNT; i++)
        total += bytes->owners[i];
    return total;
}
