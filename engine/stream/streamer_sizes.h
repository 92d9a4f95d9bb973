// Purpose: how many layers, blocks and bytes a stream takes, and whether they fit its ceilings.
// Owns: nothing.
// Threads: any.
// Fails: a Result with the arithmetic.
#pragma once
#include "stream/streamer.h"

#define STREAMER_BLOCKS_MAX 2560 // chunks kept in RAM: twice what a default view wants
#define STREAMER_RAM_FIXED_BYTES (24u * 1024u * 1024u) // tables, records, statistics
#define STREAMER_SCRATCH_BYTES (4u * 1024u * 1024u)    // of each worker
#define STREAMER_BLOCKS_MIN 512
#define STREAMER_LAYERS_MAX 2048 // array layers that every GL 4.5 driver offers

// Sizes that follow from a desc and its ceilings.
typedef struct StreamerSizes {
    GpuSinkDesc gpu;
    uint64_t staging_bytes;
    uint64_t gpu_bytes; // with staging and needs
    uint32_t blocks;    // of the memory cache
    uint64_t ram_bytes;
} StreamerSizes;

// Works out the sizes; a text with the arithmetic and the largest view that fits when they exceed a ceiling.
RESULT_MUST Result streamer_sizes(const StreamerDesc *desc, StreamerSizes *out, ResultText *text);
