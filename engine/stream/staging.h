// Purpose: the staging slots between workers and GPU: free -> filling -> ready -> in flight -> free.
// Owns: the slots' states; their memory belongs to the sink.
// Threads: the main thread; a job writes the memory of the slot that it was given.
// Fails: create returns a Result; acquire refuses when no slot of the class is free (back-pressure).
#pragma once
#include "base/result.h"
#include "stream/gpu_sink.h"

#define STAGING_NONE UINT32_MAX

typedef struct Staging Staging;

typedef struct StagingStats {
    uint32_t slots[LOD_GRID_COUNT];
    uint32_t free[LOD_GRID_COUNT];
    uint64_t refused;
} StagingStats;

// `sink` is borrowed and already started with the same slot counts.
RESULT_MUST Result staging_create(const GpuSink *sink, const uint32_t slot_counts[LOD_GRID_COUNT],
                                  Staging **out);
void staging_destroy(Staging *staging);

// A free slot, now filling; STAGING_NONE when there is none.
uint32_t staging_try_acquire(Staging *staging, LodGrid grid);
uint8_t *staging_memory(const Staging *staging, LodGrid grid, uint32_t slot);
// The job did not finish or its tile is no longer wanted: free again at once.
void staging_cancel(Staging *staging, LodGrid grid, uint32_t slot);
// The copy to the GPU was queued: in flight until the sink says that it is idle.
void staging_submit(Staging *staging, LodGrid grid, uint32_t slot);
// Polls the slots in flight; never waits.
void staging_poll(Staging *staging);
// The context is gone: whatever was in flight is free.
void staging_reset(Staging *staging);
StagingStats staging_stats(const Staging *staging);
