// Purpose: our own account of what lives on the GPU: bytes, objects made since the program began, errors.
// Owns: nothing; a plain value that the sink passes to whatever creates objects.
// Threads: the main thread.
// Fails: never.
#pragma once
#include "stream/gpu_stats.h"

typedef struct GlAccount {
    GpuStatsBytes bytes;      // alive
    uint64_t objects_created; // textures, buffers, programs, VAOs, FBOs; never goes down
    uint64_t errors;          // GL errors and high-severity messages
} GlAccount;
