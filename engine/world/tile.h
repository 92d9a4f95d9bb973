// Purpose: the bytes of one tile as workers write them and the GPU takes them.
// Owns: nothing.
// Threads: any.
// Fails: never.
#pragma once
#include "world/lod.h"
#include <stdint.h>

#define TILE_MIPS 3
// One texel before the first vertex; two after the last fill the side to a multiple of 4.
#define TILE_BORDER 1

// A tile's data lies in one staging slot, each part aligned to 64 bytes:
// heights: RG16UI, own height and coarser level's height in quanta above the tile's base, one texel a vertex;
// surface: RGBA8 with 3 mips: normal x and z (0.5 + 0.5 n), sky visibility, detail mask; texel i lies at
//   full-resolution sample step * (i - 1);
// tint: RGBA8 with 3 mips: sqrt-encoded linear albedo, alpha roughness; texel i at sample step * (i - 1).
typedef struct TileLayout {
    int height_side;  // 129, 65, 33
    int surface_side; // 132, 132, 68; about half of it at map_shift 1
    int tint_side;    // 68, 68, 36; about half of it at map_shift 1
    // Samples of the chunk between two surface texels: 1, 1, 2 (times 2 at map_shift 1).
    int surface_step;
    int tint_step; // 2, 2, 4 (times 2 at map_shift 1)
    uint32_t heights_offset_bytes;
    uint32_t surface_offset_bytes[TILE_MIPS];
    uint32_t tint_offset_bytes[TILE_MIPS];
    uint32_t bytes; // whole slot
} TileLayout;

// `map_shift` 0: full maps; 1: half the side (low tiers). Heights never change.
TileLayout tile_layout(LodGrid grid, int map_shift);

// Bytes that one layer of `layout` takes on the GPU.
uint32_t tile_gpu_bytes(const TileLayout *layout);
