// Layout of a staging slot.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "world/tile.h"

static void test_tile_layout_has_the_designed_sides(void **state)
{
    (void)state;
    static const int heights[LOD_GRID_COUNT] = {129, 65, 33};
    static const int surface[2][LOD_GRID_COUNT] = {{132, 132, 68}, {68, 68, 36}};
    static const int tint[2][LOD_GRID_COUNT] = {{68, 68, 36}, {36, 36, 20}};
    static const int step[LOD_GRID_COUNT] = {1, 1, 2};
    for (int grid = 0; grid < LOD_GRID_COUNT; grid++) {
        for (int shift = 0; shift < 2; shift++) {
            TileLayout layout = tile_layout((LodGrid)grid, shift);
            assert_int_equal(layout.height_side, heights[grid]);
            assert_int_equal(layout.maps[TILE_MAP_SURFACE].side, surface[shift][grid]);
            assert_int_equal(layout.maps[TILE_MAP_TINT].side, tint[shift][grid]);
            assert_int_equal(layout.maps[TILE_MAP_SURFACE].step, step[grid] << shift);
            assert_int_equal(layout.maps[TILE_MAP_TINT].step, 2 * step[grid] << shift);
        }
    }
}

// The last vertex has two texels behind it, and no part covers less than the chunk.
static void test_tile_maps_reach_past_the_last_vertex(void **state)
{
    (void)state;
    for (int grid = 0; grid < LOD_GRID_COUNT; grid++) {
        for (int shift = 0; shift < 2; shift++) {
            TileLayout layout = tile_layout((LodGrid)grid, shift);
            assert_int_equal((layout.maps[TILE_MAP_SURFACE].side - 3 - TILE_BORDER) *
                                 layout.maps[TILE_MAP_SURFACE].step,
                             128);
            assert_int_equal((layout.maps[TILE_MAP_TINT].side - 3 - TILE_BORDER) *
                                 layout.maps[TILE_MAP_TINT].step,
                             128);
            assert_int_equal(layout.maps[TILE_MAP_SURFACE].side % (1 << (TILE_MIPS - 1)), 0);
            assert_int_equal(layout.maps[TILE_MAP_TINT].side % (1 << (TILE_MIPS - 1)), 0);
        }
    }
}

static void expect_part(uint32_t *at, uint32_t offset, int side)
{
    assert_int_equal(offset % 64, 0);
    assert_true(offset >= *at && offset - *at < 64);
    *at = offset + (uint32_t)(4 * side * side);
}

static void expect_parts(const TileLayout *layout)
{
    uint32_t at = 0;
    expect_part(&at, layout->heights_offset_bytes, layout->height_side);
    for (int i = 0; i < TILE_MAP_COUNT; i++)
        for (int mip = 0; mip < TILE_MIPS; mip++)
            expect_part(&at, layout->maps[i].offset_bytes[mip], layout->maps[i].side >> mip);
    assert_int_equal(layout->bytes % 64, 0);
    assert_true(layout->bytes >= at && layout->bytes - at < 64);
    assert_true(tile_gpu_bytes(layout) <= layout->bytes);
    assert_true(tile_gpu_bytes(layout) > layout->bytes - (1 + TILE_MAP_COUNT * TILE_MIPS) * 64);
}

static void test_tile_parts_follow_each_other_on_64_bytes(void **state)
{
    (void)state;
    for (int grid = 0; grid < LOD_GRID_COUNT; grid++) {
        for (int shift = 0; shift < 2; shift++) {
            TileLayout layout = tile_layout((LodGrid)grid, shift);
            expect_parts(&layout);
        }
    }
}

// Each mip is a quarter of the one before; alignment takes no memory of the GPU.
static void test_tile_gpu_bytes_match_a_count_by_hand(void **state)
{
    (void)state;
    TileLayout layout = tile_layout(LOD_GRID_128, 0);
    int texels = 129 * 129 + 132 * 132 + 66 * 66 + 33 * 33 + 2 * (68 * 68 + 34 * 34 + 17 * 17) +
                 2 * (36 * 36 + 18 * 18 + 9 * 9);
    assert_int_equal(tile_gpu_bytes(&layout), 4 * texels);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tile_layout_has_the_designed_sides),
        cmocka_unit_test(test_tile_maps_reach_past_the_last_vertex),
        cmocka_unit_test(test_tile_parts_follow_each_other_on_64_bytes),
        cmocka_unit_test(test_tile_gpu_bytes_match_a_count_by_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
