#include "base/os_memory.h"
#include "dies.h"
#include "stream/draw_list.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static DrawList list;
static LodPick picks[LOD_SELECT_PICKS_MAX];

static int begin(void **state)
{
    (void)state;
    return draw_list_create(&list) == RESULT_OK ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    draw_list_destroy(&list);
    return 0;
}

static ViewFrame frame_at(double x_m, double z_m)
{
    View view = {.eye_world = {x_m, 100.0, z_m}, .fov_y_rad = VIEW_FOV_Y_RAD, .aspect = 1.5f};
    return view_frame(&view);
}

static LodPick pick_at(int lod, double x_m, double z_m, uint32_t layer)
{
    return (LodPick){.key = chunk_key_at(lod_key_level(lod), x_m, z_m),
                     .lod = lod,
                     .tile = {.base_m = 64.0f * (float)lod, .layer = layer}};
}

static void each_tile_goes_to_its_grid_in_the_order_of_the_picks(void **state)
{
    (void)state;
    static const LodGrid grids[LOD_COUNT] = {LOD_GRID_128, LOD_GRID_64, LOD_GRID_32, LOD_GRID_64,
                                             LOD_GRID_64,  LOD_GRID_64, LOD_GRID_64, LOD_GRID_64};
    ViewFrame frame = frame_at(0.0, 0.0);
    LodRanges ranges = lod_ranges_nominal(1.0f);
    int expected[LOD_GRID_COUNT] = {0};
    for (int i = 0; i < 200; i++)
        picks[i] = pick_at(i * 5 % LOD_COUNT, i * 100.0, 0.0, (uint32_t)i);
    draw_list_fill(&list, picks, 200, &frame, &ranges, 0);
    for (int i = 0; i < 200; i++) {
        LodGrid grid = grids[picks[i].lod];
        const DrawInstance *tile = &list.instances[grid][expected[grid]++];
        assert_int_equal(tile->layer, i);
        assert_int_equal(tile->lod, picks[i].lod);
        assert_float_equal(tile->base_m, picks[i].tile.base_m, 0.0f);
        assert_float_equal(tile->spacing_m, lod_spacing_m(picks[i].lod), 0.0f);
    }
    for (int g = 0; g < LOD_GRID_COUNT; g++)
        assert_int_equal(list.counts[g], expected[g]);
    draw_list_fill(&list, picks, 0, &frame, &ranges, 0);
    for (int g = 0; g < LOD_GRID_COUNT; g++)
        assert_int_equal(list.counts[g], 0);
    assert_int_equal(list.triangles, 0);
}

static void ground_that_the_sea_can_wet_is_told(void **state)
{
    (void)state;
    ViewFrame frame = frame_at(0.0, 0.0);
    LodRanges ranges = lod_ranges_nominal(1.0f);
    picks[0] = picks[1] = picks[2] = pick_at(0, 0.0, 0.0, 0);
    picks[0].tile.min_m = -7.0f;
    picks[1].tile.min_m = DRAW_SHORE_M - 0.1f;
    picks[2].tile.min_m = DRAW_SHORE_M;
    draw_list_fill(&list, picks, 3, &frame, &ranges, 0);
    const DrawInstance *tiles = list.instances[LOD_GRID_128];
    assert_true(tiles[0].shore && tiles[1].shore && !tiles[2].shore);
}

static void places_are_whole_metres_from_the_anchor_however_far_out(void **state)
{
    (void)state;
    static const double eyes_m[] = {100.0, -300.0, 1e7 + 77.7, -1e7 - 3.3, 3e12};
    LodRanges ranges = lod_ranges_nominal(1.0f);
    for (int i = 0; i < 5; i++) {
        ViewFrame frame = frame_at(eyes_m[i], -eyes_m[i]);
        for (int lod = 0; lod < LOD_COUNT; lod++)
            picks[lod] = pick_at(lod, eyes_m[i] - 700.0, 700.0 - eyes_m[i], 0);
        draw_list_fill(&list, picks, LOD_COUNT, &frame, &ranges, 0);
        int next[LOD_GRID_COUNT] = {0};
        for (int lod = 0; lod < LOD_COUNT; lod++) {
            LodGrid grid = lod_grid(lod);
            const DrawInstance *tile = &list.instances[grid][next[grid]++];
            int64_t side_m = chunk_key_side_m(lod_key_level(lod));
            int64_t x_m = picks[lod].key.x * side_m - frame.anchor_x_m;
            int64_t z_m = picks[lod].key.z * side_m - frame.anchor_z_m;
            assert_int_equal((int64_t)tile->origin_x_anchor, x_m);
            assert_int_equal((int64_t)tile->origin_z_anchor, z_m);
            assert_true(tile->origin_x_anchor == (float)x_m);
            assert_true(x_m > -17500 && x_m < 1000);
        }
    }
}

static void the_morph_runs_from_its_start_to_the_end_of_the_range(void **state)
{
    (void)state;
    ViewFrame frame = frame_at(0.0, 0.0);
    LodRanges ranges = lod_ranges_nominal(0.8f);
    ranges.end_m[1] = 700.0f;
    ranges.end_m[0] = 0.0f; // not drawn at all
    for (int lod = 0; lod < LOD_COUNT; lod++)
        picks[lod] = pick_at(lod, 0.0, 0.0, 0);
    draw_list_fill(&list, picks, LOD_COUNT, &frame, &ranges, 0);
    int next[LOD_GRID_COUNT] = {0};
    for (int lod = 0; lod < LOD_COUNT; lod++) {
        LodGrid grid = lod_grid(lod);
        const DrawInstance *tile = &list.instances[grid][next[grid]++];
        assert_float_equal(tile->morph_start_m, lod_morph_start_m(&ranges, lod), 0.0f);
        float at_end = (ranges.end_m[lod] - tile->morph_start_m) * tile->morph_scale_per_m;
        // Whole a little before the end, whatever the rounding.
        assert_true(lod == 0 ? at_end == 0.0f : at_end > 1.001f && at_end < 1.003f);
    }
}

static void triangles_are_counted_with_skirts_only_where_a_tile_is_late(void **state)
{
    (void)state;
    ViewFrame frame = frame_at(0.0, 0.0);
    LodRanges ranges = lod_ranges_nominal(1.0f);
    for (int late = 0; late <= 1; late++)
        for (int bias = 0; bias <= LOD_MESH_BIAS_MAX; bias++) {
            uint64_t expected = 0;
            for (int lod = 0; lod < 3; lod++) {
                uint64_t quads = (uint64_t)(128 >> lod >> bias);
                expected += 2 * quads * quads + (late ? 4 * 2 * quads : 0);
                picks[lod] = pick_at(lod, 0.0, 0.0, 0);
                picks[lod].distance_m = lod == 0 ? 0.0f : ranges.end_m[lod - 1] + 1.0f;
            }
            picks[2].distance_m -= late ? 20.0f : 0.0f;
            draw_list_fill(&list, picks, 3, &frame, &ranges, bias);
            assert_int_equal(list.skirts, late);
            assert_int_equal(list.triangles, expected);
        }
}

static void the_largest_selection_fits_and_nothing_is_allocated(void **state)
{
    (void)state;
    ViewFrame frame = frame_at(0.0, 0.0);
    LodRanges ranges = lod_ranges_nominal(1.0f);
    for (int i = 0; i < LOD_SELECT_PICKS_MAX; i++)
        picks[i] = pick_at(2, i * 256.0, 0.0, (uint32_t)i);
    uint64_t calls = os_memory_stats().allocation_count;
    draw_list_fill(&list, picks, LOD_SELECT_PICKS_MAX, &frame, &ranges, 0);
    assert_int_equal(list.counts[LOD_GRID_32], LOD_SELECT_PICKS_MAX);
    assert_int_equal(os_memory_stats().allocation_count, calls);
    assert_int_equal(sizeof(DrawInstance), 32);
}

static void fill_too_many(void)
{
    ViewFrame frame = frame_at(0.0, 0.0);
    LodRanges ranges = lod_ranges_nominal(1.0f);
    draw_list_fill(&list, picks, LOD_SELECT_PICKS_MAX + 1, &frame, &ranges, 0);
}

static void more_than_the_largest_selection_is_a_bug(void **state)
{
    (void)state;
    assert_true(dies(fill_too_many));
}

static void tiles_under_the_edge_of_the_picture_are_marked(void **state)
{
    (void)state;
    ViewFrame frame = frame_at(128.0, 128.0); // looks north
    LodRanges ranges = lod_ranges_nominal(1.0f);
    picks[0] = pick_at(0, 128.0, 128.0, 1);    // below the eye
    picks[1] = pick_at(2, 128.0, -3000.0, 2);  // ahead, whole in the picture
    picks[2] = pick_at(2, 2700.0, -3000.0, 3); // through the right side, which lies 41 degrees off
    picks[3] = pick_at(7, 128.0, -40000.0, 4); // far ahead
    for (int i = 0; i < 4; i++)
        picks[i].distance_m = (float)fabs(128.0 - (i == 3 ? -40000.0 : i == 0 ? 128.0 : -3000.0));
    draw_list_fill(&list, picks, 4, &frame, &ranges, 0);
    assert_int_equal(list.instances[LOD_GRID_128][0].cut, 1);
    assert_int_equal(list.instances[LOD_GRID_32][0].cut, 0);
    assert_int_equal(list.instances[LOD_GRID_32][1].cut, 1);
    assert_int_equal(list.instances[LOD_GRID_64][0].cut, 0);
}

static void create_without_memory_fails_cleanly(void **state)
{
    (void)state;
    uint64_t before = os_memory_stats().live_total_bytes;
    for (uint64_t nth = 1; nth <= 3; nth++) {
        DrawList other;
        os_memory_fail_at(nth, 0);
        assert_int_equal(draw_list_create(&other), RESULT_OUT_OF_MEMORY);
        os_memory_fail_at(0, 0);
        assert_int_equal(os_memory_stats().live_total_bytes, before);
    }
}

#define LIST_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LIST_TEST(each_tile_goes_to_its_grid_in_the_order_of_the_picks),
        LIST_TEST(ground_that_the_sea_can_wet_is_told),
        LIST_TEST(places_are_whole_metres_from_the_anchor_however_far_out),
        LIST_TEST(the_morph_runs_from_its_start_to_the_end_of_the_range),
        LIST_TEST(triangles_are_counted_with_skirts_only_where_a_tile_is_late),
        LIST_TEST(the_largest_selection_fits_and_nothing_is_allocated),
        LIST_TEST(more_than_the_largest_selection_is_a_bug),
        LIST_TEST(tiles_under_the_edge_of_the_picture_are_marked),
        LIST_TEST(create_without_memory_fails_cleanly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
