#include "world/tile.h"

#include <assert.h>

#define TILE_ALIGN_BYTES 64u
#define TILE_TEXEL_BYTES 4u // RG16UI and RGBA8 alike

static uint32_t align_up(uint32_t bytes)
{
    return (bytes + TILE_ALIGN_BYTES - 1) & ~(TILE_ALIGN_BYTES - 1);
}

static uint32_t square_bytes(int side)
{
    return (uint32_t)(side * side) * TILE_TEXEL_BYTES;
}

// Side of a map whose texels lie `step` samples apart: 128 / step intervals, one vertex more, the border
// before and two texels after.
static int map_side(int step)
{
    return 128 / step + 4 * TILE_BORDER;
}

// Puts a map and its mips behind `offset_bytes`; returns where the next part begins.
static uint32_t place_mips(int side, uint32_t offset_bytes, uint32_t out_offset_bytes[TILE_MIPS])
{
    for (int mip = 0; mip < TILE_MIPS; mip++) {
        assert(side % (1 << mip) == 0);
        out_offset_bytes[mip] = offset_bytes;
        offset_bytes += align_up(square_bytes(side >> mip));
    }
    return offset_bytes;
}

TileLayout tile_layout(LodGrid grid, int map_shift)
{
    assert((int)grid >= 0 && grid < LOD_GRID_COUNT);
    assert(map_shift == 0 || map_shift == 1);
    static const int steps[TILE_MAP_COUNT] = {
#define TILE_MAP_STEP(name, step) step,
        TILE_MAP_LIST(TILE_MAP_STEP)
#undef TILE_MAP_STEP
    };
    TileLayout layout = {.height_side = lod_grid_quads(grid) + 1};
    uint32_t offset_bytes = align_up(square_bytes(layout.height_side));
    for (int i = 0; i < TILE_MAP_COUNT; i++) {
        TileMap *map = &layout.maps[i];
        map->step = steps[i] * (grid == LOD_GRID_32 ? 2 : 1) << map_shift;
        map->side = map_side(map->step);
        // Four times as coarse as the chunk holds them: the coarsest grid at half size.
        bool as_mip = map->step == 8 && (i == TILE_MAP_TINT || i == TILE_MAP_MATTER);
        map->zero = as_mip ? 0.75f : 1.5f;
        offset_bytes = place_mips(map->side, offset_bytes, map->offset_bytes);
    }
    layout.bytes = offset_bytes;
    return layout;
}

bool tile_takes_sparse(const TileLayout *layout)
{
    return layout->height_side <= 65 && layout->maps[TILE_MAP_SURFACE].step >= 2;
}

uint32_t tile_gpu_bytes(const TileLayout *layout)
{
    uint32_t bytes = square_bytes(layout->height_side);
    for (int i = 0; i < TILE_MAP_COUNT; i++)
        for (int mip = 0; mip < TILE_MIPS; mip++)
            bytes += square_bytes(layout->maps[i].side >> mip);
    return bytes;
}
