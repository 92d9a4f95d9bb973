// Purpose: the loops over a tile's vertices and texels, compiled for several widths of registers.
// Owns: nothing.
// Threads: any; pure.
// Fails: never; all widths give the same bits.
#pragma once
#include "world/chunk.h"
#include <stdbool.h>

// Heights around a tile: rows of TILE_GRID_STRIDE, sample 0 in row and column TILE_GRID_ORIGIN, for the wide bend
// reaches two samples out from the border texel at sample -1.
#define TILE_GRID_ORIGIN 3
#define TILE_GRID_STRIDE 144

// Texels a side of a surface whose texels lie `step` samples apart.
#define TILE_SURFACE_SIDE(step) (128 / (step) + 4)

typedef struct TileSurface {
    const float *grid; // in quanta, every sample, or every second if texels lie two or more apart
    const float *open; // part of the sky that the skyline leaves, a CHUNK_SKYLINE_SIDE a row
    float slope, narrow_bend, wide_bend; // factors from quanta to slopes and bends
    int step;                            // samples from texel to texel: 1, 2, 4
} TileSurface;

typedef struct TileKernel {
    // Own height in the low half, the coarser level's height at the vertex's even neighbour in the high half.
    void (*heights)(const Chunk *chunk, int lod, int side, uint32_t *out);
    // Normal x and z, sky, 255.
    void (*surface)(const TileSurface *surface, uint32_t *out);
} TileKernel;

typedef enum TileWidth {
    TILE_WIDTH_PLAIN, // what every processor of its kind runs
    TILE_WIDTH_AVX2,
    TILE_WIDTH_AVX512,
    TILE_WIDTH_COUNT
} TileWidth;

bool tile_kernel_supported(TileWidth width);
// A supported width's.
const TileKernel *tile_kernel(TileWidth width);
const TileKernel *tile_kernel_best(void);
