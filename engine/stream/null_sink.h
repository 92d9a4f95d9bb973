// Purpose: a sink without a GPU: counts bytes, keeps a checksum of each layer, runs anywhere.
// Owns: staging memory and counters.
// Threads: as gpu_sink.h.
// Fails: create and start return a Result.
#pragma once
#include "stream/gpu_sink.h"

typedef struct NullSink NullSink;

RESULT_MUST Result null_sink_create(NullSink **out);
void null_sink_destroy(NullSink *sink);
GpuSink null_sink_interface(NullSink *sink);

// Tests: slots stay busy for `frames` frames after their upload (default 2, like a GPU).
void null_sink_set_latency(NullSink *sink, int frames);
// Tests: hash of what was last uploaded into a layer; 0 when nothing was.
uint64_t null_sink_layer_hash(const NullSink *sink, LodGrid grid, uint32_t layer);
