// Purpose: samples a world's ground, its height or another layer, on a regular grid, chunk by chunk on all workers.
// Owns: the samples until heights_destroy.
// Threads: the main thread; it starts and ends its own workers.
// Fails: with a Result and a text: too many samples, no memory, or a chunk that could not be read.
#pragma once
#include "base/result.h"
#include "world/source.h"
#include <stdint.h>

#define HEIGHTS_SAMPLES_MAX (UINT64_C(1) << 27) // 512 MiB of floats
#define HEIGHTS_SPACING_MIN_M 0.5

typedef struct HeightsDesc {
    const Source *source;
    double x0_m, z0_m, x1_m, z1_m; // half-open: the east and south edges are left out
    double spacing_m;
    int threads; // 0: automatic
    SourceLayer layer;
} HeightsDesc;

typedef struct Heights {
    uint32_t width, height;
    int level;       // of the chunks that were read
    uint64_t chunks; // read
    float *values;   // rows from north to south; metres, or as the layer has it
} Heights;

// Layers but the height are as coarse as two samples of the level; biomes are not mixed.
// Sample (i, j) lies at (x0 + i * spacing, z0 + j * spacing), bilinear in the coarsest level whose own spacing is
// not wider than the one asked for.
RESULT_MUST Result heights_create(const HeightsDesc *desc, Heights *out, ResultText *text);
void heights_destroy(Heights *heights);

// Whether the bounds hold any ground.
RESULT_MUST Result heights_check_bounds(const HeightsDesc *desc, ResultText *text);

// Level whose chunks are read for a spacing.
int heights_level(double spacing_m);

// A layer in a 16-bit picture: (value + offset) * scale, rounded.
typedef struct HeightsPacking {
    const char *name, *text; // "Height", "value / 8 - 1024 m"
    double offset, scale;
} HeightsPacking;

const HeightsPacking *heights_packing(SourceLayer layer);
// Values outside the picture's range are clamped and counted.
uint16_t heights_pack(const HeightsPacking *packing, float value, uint64_t *inout_clamped);
