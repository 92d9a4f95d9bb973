// Purpose: the bytes of one tile as workers write them and the GPU takes them.
// Owns: nothing.
// Threads: any.
// Fails: never.
#pragma once
#include "world/lod.h"
#include <stdbool.h>
#include <stdint.h>

#define TILE_MIPS 3
// One texel before the first vertex; two after the last fill the side to a multiple of 4.
#define TILE_BORDER 1

// The maps of a tile beside its heights, all RGBA8 with 3 mips; name, then samples of the chunk between two texels in
// the finest grid.
// surface: normal x and z (0.5 + 0.5 n), sky visibility, 255;
// tint: sqrt-encoded linear albedo, alpha width of fresh water;
// matter, skylines: what the chunk says of them (world/chunk.h).
#define TILE_MAP_LIST(X)                                                                           \
    X(TILE_MAP_SURFACE, 1)                                                                         \
    X(TILE_MAP_TINT, 2)                                                                            \
    X(TILE_MAP_MATTER, 2)                                                                          \
    X(TILE_MAP_SKYLINE_EAST, 4)                                                                    \
    X(TILE_MAP_SKYLINE_WEST, 4)

typedef enum TileMapKind {
#define TILE_MAP_ENUM(name, step) name,
    TILE_MAP_LIST(TILE_MAP_ENUM)
#undef TILE_MAP_ENUM
        TILE_MAP_COUNT
} TileMapKind;

// Texel i lies at full-resolution sample step * (i + 0.5 - zero): at step * (i - 1), but where the map is as the next
// mip of the finer grid's.
typedef struct TileMap {
    int side; // 132, 68 or 36 in the finest grid; about half of it in the coarsest grid and at map_shift 1
    int step;   // doubled in the coarsest grid and at map_shift 1
    float zero; // where sample 0 lies, in texels: 1.5, as a mip 0.75
    uint32_t offset_bytes[TILE_MIPS];
} TileMap;

// A tile's data lies in one staging slot, each part aligned to 64 bytes: heights, RG16UI, own height and coarser
// level's height in quanta above the tile's base, one texel a vertex; then the maps.
typedef struct TileLayout {
    int height_side; // 129, 65, 33
    uint32_t heights_offset_bytes;
    TileMap maps[TILE_MAP_COUNT];
    uint32_t bytes; // whole slot
} TileLayout;

// `map_shift` 0: full maps; 1: half the side (low tiers). Heights never change.
TileLayout tile_layout(LodGrid grid, int map_shift);

// Does a tile show no sample of its chunk but every second of every second row?
bool tile_takes_sparse(const TileLayout *layout);

// Bytes that one layer of `layout` takes on the GPU.
uint32_t tile_gpu_bytes(const TileLayout *layout);
