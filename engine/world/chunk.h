// Purpose: what a source yields for one chunk: heights with an apron, the coarser level's heights, colour.
// Owns: nothing; a Chunk is a plain value of fixed size that lives in a cache slot.
// Threads: written by one job, then read-only.
// Fails: never.
#pragma once
#include "world/chunk_key.h"
#include <stdbool.h>
#include <stdint.h>

// Every chunk of every level is 129 x 129 samples, 2 * 2^level metres apart, rows from north to south.
#define CHUNK_SAMPLES 129
// Two samples more on the near sides; the far sides are filled up to whole vectors of 8.
#define CHUNK_APRON 2
#define CHUNK_STRIDE 136 // columns -2 .. 133
#define CHUNK_ROWS 134   // rows -2 .. 131
// Texel (i, j) lies at sample 2 * (i - 1), 2 * (j - 1): one border all round.
#define CHUNK_TINT_SIDE 68
// Texel (i, j) of the skyline lies at sample 4 * (i - 1), 4 * (j - 1).
#define CHUNK_SKYLINE_SIDE 36
#define CHUNK_AZIMUTHS 8
// Sine of the elevation that a byte of 255 stands for: 53 degrees.
#define CHUNK_SKYLINE_SINE 0.8f
// Fresh water in a chunk's matter: its shore, and the scale of the distance from it.
#define CHUNK_SHORE 128
#define CHUNK_SHORE_TEXELS 2.0f
// Half the width, in texels, that a river has at least: narrower ones would break between texels. They are fainter, and
// at half of it they are gone.
#define CHUNK_SHORE_THIN 0.7f
// Coarser level's heights at every 4th sample (R levels) or 8th (level 0: 17 x 17 used).
#define CHUNK_COARSE_SIDE 33

// Height of a sample = base_m + value * quantum_m.
typedef struct Chunk {
    ChunkKey key;
    float base_m;       // multiple of 64 m, so that every value is exact in a float
    float quantum_m;    // 1/32 m up to level 3, 1/4 m above
    float min_m, max_m; // over the 129 x 129 samples and the coarse heights
    bool sparse;   // only every second sample of every second row is right; the rest repeats those
    bool fresh;    // there is fresh water: red of CHUNK_SHORE and more in matter
    uint64_t hash; // of everything below
    uint16_t heights[CHUNK_ROWS * CHUNK_STRIDE];
    // What the next coarser level shows at this chunk's even mesh vertices (same base, same quantum): of L2 for
    // level 0 (side 17, every 8th sample), of the level's own mesh else (side 33, every 4th sample).
    uint16_t coarse[CHUNK_COARSE_SIDE * CHUNK_COARSE_SIDE];
    // Linear albedo as sqrt-encoded 8-bit red, green, blue. Alpha a: half the true width w of the fresh water that the
    // matter tells of, 255 w / (w + CHUNK_SHORE_TEXELS texels).
    uint32_t tint[CHUNK_TINT_SIDE * CHUNK_TINT_SIDE];
    // What the ground is made of, texels as the tint's: red = fresh water; shares of bare rock and scree (green), of
    // woods (blue) and of snow (alpha). What they leave is open ground: plants, soil or sand, as its colour says.
    // Red r stands for CHUNK_SHORE + 127 s / (|s| + CHUNK_SHORE_TEXELS texels) with s metres into the water: less is
    // land. Heights are of its surface.
    uint32_t matter[CHUNK_TINT_SIDE * CHUNK_TINT_SIDE];
    // How high the land stands against the sky, as sines in bytes, 0 for level or less: north, north-east, east,
    // south-east in the first; the other four, on clockwise, in the second.
    uint32_t skyline[2][CHUNK_SKYLINE_SIDE * CHUNK_SKYLINE_SIDE];
} Chunk;

// Index into heights of sample (i, j), -2 <= i <= 133, -2 <= j <= 131.
static inline int chunk_index(int i, int j)
{
    return (j + CHUNK_APRON) * CHUNK_STRIDE + i + CHUNK_APRON;
}

static inline float chunk_height_m(const Chunk *chunk, int i, int j)
{
    return chunk->base_m + (float)chunk->heights[chunk_index(i, j)] * chunk->quantum_m;
}

// Metres between samples: 2 * 2^level.
static inline float chunk_spacing_m(int level)
{
    return (float)(2 << level);
}

// Height in metres at a point, bilinear between samples; the point lies inside the chunk.
float chunk_height_at_m(const Chunk *chunk, double x_m, double z_m);
