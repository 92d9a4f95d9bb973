// The loops over a tile's vertices and texels: every width of registers writes the same bits.
#include "base/rng.h"
#include "mesh/tile_kernel.h"
#include "world/lod.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define TEXELS (132 * 132)
#define GRID (136 * TILE_GRID_STRIDE)

static float grid[GRID], open_sky[CHUNK_SKYLINE_SIDE * CHUNK_SKYLINE_SIDE];
static uint32_t plain[TEXELS + 1], wide[TEXELS + 1];
static Chunk chunk;

// Ground from even to as rough as 16 bits can be.
static void fill(uint64_t seed)
{
    float rough = powf(8.0f, (float)(seed % 6));
    for (uint64_t i = 0; i < GRID; i++)
        grid[i] = floorf(rough * rng_unit(seed, 0, i));
    for (uint64_t i = 0; i < CHUNK_SKYLINE_SIDE * CHUNK_SKYLINE_SIDE; i++)
        open_sky[i] = rng_unit(seed, 1, i);
    for (uint64_t i = 0; i < CHUNK_ROWS * CHUNK_STRIDE; i++)
        chunk.heights[i] = (uint16_t)rng_u64(seed, 2, i);
    for (uint64_t i = 0; i < CHUNK_COARSE_SIDE * CHUNK_COARSE_SIDE; i++)
        chunk.coarse[i] = (uint16_t)rng_u64(seed, 3, i);
}

static void check_surface(int step)
{
    TileSurface surface = {grid, open_sky, 0.004f, 0.002f, 0.001f, step};
    memset(plain, 0xa5, sizeof plain);
    tile_kernel(TILE_WIDTH_PLAIN)->surface(&surface, plain);
    assert_int_equal(plain[TILE_SURFACE_SIDE(step) * TILE_SURFACE_SIDE(step)], 0xa5a5a5a5u);
    for (int width = TILE_WIDTH_PLAIN + 1; width < TILE_WIDTH_COUNT; width++) {
        if (!tile_kernel_supported((TileWidth)width))
            continue;
        memset(wide, 0xa5, sizeof wide);
        tile_kernel((TileWidth)width)->surface(&surface, wide);
        assert_memory_equal(plain, wide, sizeof plain);
    }
}

static void test_surfaces_are_equal(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 12; seed++) {
        fill(seed);
        for (int step = 1; step <= 4; step *= 2)
            check_surface(step);
    }
}

static void test_heights_are_equal(void **state)
{
    (void)state;
    fill(3);
    for (int lod = 0; lod < LOD_COUNT; lod++) {
        int side = lod_grid_quads(lod_grid(lod)) + 1;
        memset(plain, 0xa5, sizeof plain);
        tile_kernel(TILE_WIDTH_PLAIN)->heights(&chunk, lod, side, plain);
        assert_int_equal(plain[side * side], 0xa5a5a5a5u);
        for (int width = TILE_WIDTH_PLAIN + 1; width < TILE_WIDTH_COUNT; width++) {
            if (!tile_kernel_supported((TileWidth)width))
                continue;
            memset(wide, 0xa5, sizeof wide);
            tile_kernel((TileWidth)width)->heights(&chunk, lod, side, wide);
            assert_memory_equal(plain, wide, sizeof plain);
        }
    }
}

static void test_a_plane_has_one_normal_at_every_step(void **state)
{
    (void)state;
    for (int i = 0; i < GRID; i++)
        grid[i] = (float)(3 * (i % TILE_GRID_STRIDE) + 4 * (i / TILE_GRID_STRIDE));
    for (int i = 0; i < CHUNK_SKYLINE_SIDE * CHUNK_SKYLINE_SIDE; i++)
        open_sky[i] = 1.0f;
    for (int step = 1; step <= 4; step *= 2) {
        // Two cells away lie 6 and 8 more: slopes of .6 and .8, so that the normal is (-.6, 1, -.8) / sqrt(2).
        TileSurface surface = {grid, open_sky, 0.1f, 0.002f, 0.001f, step};
        tile_kernel_best()->surface(&surface, wide);
        for (int i = 0; i < TILE_SURFACE_SIDE(step) * TILE_SURFACE_SIDE(step); i++)
            assert_int_equal(wide[i], 0xffd93749u);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_surfaces_are_equal),
        cmocka_unit_test(test_heights_are_equal),
        cmocka_unit_test(test_a_plane_has_one_normal_at_every_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
