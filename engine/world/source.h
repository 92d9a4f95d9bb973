// Purpose: the interface that every world implements.
// Owns: nothing; a Source borrows the world behind `object`.
// Threads: read is called by any worker at once, without locks.
// Fails: read returns a typed Result; the chunk is then undefined.
#pragma once
#include "base/arena.h"
#include "base/result.h"
#include "world/chunk.h"
#include <stdatomic.h>

typedef enum SourceCost { SOURCE_COST_COMPUTE, SOURCE_COST_DISK, SOURCE_COST_NETWORK } SourceCost;

// What a world knows of the ground beside its height.
typedef enum SourceLayer {
    SOURCE_LAYER_HEIGHT,      // metres
    SOURCE_LAYER_TEMPERATURE, // degrees Celsius, mean of the year
    SOURCE_LAYER_MOISTURE,    // 0 desert, 1 wet
    SOURCE_LAYER_BIOME,       // number of the one with the greatest share
    SOURCE_LAYER_FLOW, // in a river's bed its order, 4 the greatest; less beside it, 0 on hillsides
    SOURCE_LAYER_COUNT
} SourceLayer;

typedef struct Source {
    const char *name;        // for people: "seed:42"
    const char *attribution; // shown with the picture; "" when none is needed
    uint64_t seed;           // 0 where there is none
    SourceCost cost;
    uint64_t kept_bytes; // most memory that the world takes beside chunks and scratch
    void *object;
    // Fills `*out` for `key`. Pure: same key, same bits, on any thread. `scratch` is rewound by the caller.
    // Gives up with RESULT_CANCELLED soon after `*cancelled` turns true (NULL: never).
    RESULT_MUST Result (*read)(void *object, ChunkKey key, Arena *scratch,
                               const atomic_bool *cancelled, Chunk *out);
    // As read, but only every second sample of every second row need be right, for tiles that show no other
    // (tile_takes_sparse); the rest repeats its neighbours to north and west, and `sparse` is set. May be NULL.
    RESULT_MUST Result (*read_sparse)(void *object, ChunkKey key, Arena *scratch,
                                      const atomic_bool *cancelled, Chunk *out);
    // As read, one layer but the height at the chunk's texels: CHUNK_TINT_SIDE rows of as many. May be NULL.
    RESULT_MUST Result (*layer)(void *object, ChunkKey key, SourceLayer layer, Arena *scratch,
                                float *out);
    // Height of the ground in metres at level-0 detail, for cameras and flight paths; main thread, < 20 us.
    float (*ground_m)(void *object, double x_m, double z_m);
} Source;
