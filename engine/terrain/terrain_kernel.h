// Purpose: the inner loops of generation, compiled once per SIMD width from one source.
// Owns: nothing; the tables are constant.
// Threads: any.
// Fails: never.
#pragma once
#include "terrain/biome.h"
#include "terrain/relief.h"
#include "terrain/skyline.h"

// Adds a table per width to the build; kernels.cmake defines which are there.
typedef struct TerrainKernel {
    const char *name;
    int lanes;
    void (*fill_lattice)(const LandformGrid *grid, LandformLattice *lattice);
    void (*fill_rivers)(const Landform *landform, RiverNet *net);
    void (*heights)(Relief *relief, const ReliefRows *rows);
    // Least and greatest of `count` floats, a multiple of LANDFORM_PAD.
    void (*bounds)(const float *from, int count, float *low, float *high);
    // values[i] = clamp(rint(from[i] * per_metre) * scale - base, 0, 65535); `count` is rounded up
    // to LANDFORM_PAD.
    void (*quantise)(const float *from, int count, float per_metre, const int32_t scale_base[2],
                     uint16_t *values);
    void (*tint)(const BiomeGrid *grid, uint32_t *tint, uint32_t *matter);
    void (*skyline)(const Skyline *skyline,
                    uint32_t out[2][CHUNK_SKYLINE_SIDE * CHUNK_SKYLINE_SIDE]);
    // Layers of world/source.h: one that follows from the biome's ground, and the flow in place of heights.
    void (*layer)(const BiomeGrid *grid, int layer, float *out);
    void (*flow)(const Relief *relief, const ReliefRows *rows);
    // Where samples lie among the rivers: x in place of heights, z in place of the shore.
    void (*places)(const Relief *relief, const ReliefRows *rows);
    // Two octaves of warp and eight of noise on side x side points, a metre apart.
    void (*noise)(uint64_t seed, int side, float *out);
} TerrainKernel;

extern const TerrainKernel terrain_kernel_scalar;
extern const TerrainKernel terrain_kernel_sse2;
extern const TerrainKernel terrain_kernel_avx2;
extern const TerrainKernel terrain_kernel_avx512;
