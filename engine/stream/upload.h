// Purpose: moves staged tiles into GPU layers under a budget of bytes, time and count; always at least one.
// Owns: nothing.
// Threads: the main thread.
// Fails: never; a tile without a free layer waits.
#pragma once
#include "stream/gpu_sink.h"
#include "stream/loader.h"

typedef struct UploadBudget {
    uint64_t demand_bytes;      // what a tick may take of tiles that are due: never throttled
    uint64_t speculative_bytes; // and of those ahead of time
    double time_ms;
    uint32_t count;
    bool unlimited; // ablation
} UploadBudget;

typedef struct UploadStats {
    uint32_t count;
    uint64_t bytes;
    double ms; // wall
} UploadStats;

typedef struct UploadContext {
    const GpuSink *sink;
    const TileLayout *layouts;
    ChunkTable *table;
    LodCache *lod_cache;
    Staging *staging;
    Loader *loader;
    RunStatsCounters *counters;
    Histogram *latency;
} UploadContext;

// Most urgent first. `now_ns` is wall time, for the latency of each chunk; items are noted in `pen` (NULL allowed).
UploadStats upload_run(const UploadContext *context, const UploadBudget *budget, uint64_t now_ns,
                       LedgerPen *pen);
