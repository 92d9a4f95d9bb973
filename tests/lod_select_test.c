// Which tiles are picked.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/os_memory.h"
#include "base/rng.h"
#include "mesh/lod_select.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

// A world of hills; every tile is resident unless it is `missing`, or finer than `finest_lod`.
typedef struct World {
    float relief_m;
    int finest_lod;
    ChunkKey missing;
    int missing_lod; // -1: none
    int calls;
    bool count_twice; // looks for a tile asked for twice
    uint64_t asked[8192];
    int asked_twice;
    LodTile tile;
} World;

static LodSelect *selection;
static ViewFrame frame;

static float hills(const World *world, double x, double z)
{
    return world->relief_m *
           (float)(2.0 + sin(x * 4.1e-4) * cos(z * 3.3e-4) + 0.5 * sin(x * 9.7e-4 + 1.0));
}

static void note(World *world, ChunkKey key, int lod)
{
    uint64_t name = chunk_key_hash(key) * 8 + (uint64_t)lod + 1;
    uint32_t at = (uint32_t)(name >> 20) & 8191;
    for (; world->asked[at]; at = (at + 1) & 8191) {
        if (world->asked[at] == name) {
            world->asked_twice++;
            return;
        }
    }
    world->asked[at] = name;
}

static const LodTile *find(void *object, ChunkKey key, int lod)
{
    World *world = object;
    world->calls++;
    assert_int_equal(key.level, lod_key_level(lod));
    if (world->count_twice)
        note(world, key, lod);
    if (lod < world->finest_lod ||
        (lod == world->missing_lod && chunk_key_equal(key, world->missing)))
        return NULL;
    // Bounds from 9 x 9 samples, widened by what the hills' curvature can add between two.
    double side_m = (double)chunk_key_side_m(key.level);
    float low = 1e9f, high = -1e9f,
          slack = world->relief_m * (float)(4e-7 / 64.0 * side_m * side_m);
    for (int n = 0; n < (world->relief_m > 0.0f ? 81 : 1); n++) {
        float h = hills(world, ((double)key.x + n % 9 / 8.0) * side_m,
                        ((double)key.z + n / 9 / 8.0) * side_m);
        low = fminf(low, h);
        high = fmaxf(high, h);
    }
    world->tile = (LodTile){.min_m = fmaxf(low - slack, 0.5f * world->relief_m),
                            .max_m = fminf(high + slack, 3.5f * world->relief_m),
                            .layer = (uint32_t)world->calls};
    return &world->tile;
}

static LodSelectInput input_for(World *world, double x, double z, float agl_m, float q)
{
    View view = {.eye_world = {x, (double)(hills(world, x, z) + agl_m), z},
                 .yaw_rad = 0.7f,
                 .pitch_rad = -0.1f,
                 .fov_y_rad = VIEW_FOV_Y_RAD,
                 .aspect = 16.0f / 9.0f,
                 .agl_m = agl_m};
    frame = view_frame(&view);
    LodRanges ranges = lod_ranges_nominal(q);
    return (LodSelectInput){.frame = &frame,
                            .ranges = ranges,
                            .nominal = ranges,
                            .root_lod = 7,
                            .without_frustum = true,
                            .without_horizon = true,
                            .object = world,
                            .find = find};
}

static World flat_world(void)
{
    return (World){.missing_lod = -1};
}

static const LodPick *run(const LodSelectInput *input, int *count, LodSelectStats *stats)
{
    const LodPick *picks = lod_select_run(selection, input, count, stats);
    assert_true(*count <= LOD_SELECT_PICKS_MAX);
    assert_int_equal(stats->picked_total, *count);
    uint32_t sum = 0;
    for (int lod = 0; lod < LOD_COUNT; lod++)
        sum += stats->picked[lod];
    assert_int_equal(sum, *count);
    return picks;
}

// Index of the pick that holds the point, or -1; fails when two do.
static int pick_at(const LodPick *picks, int count, double x, double z)
{
    int found = -1;
    for (int i = 0; i < count; i++) {
        if (chunk_key_equal(picks[i].key, chunk_key_at(picks[i].key.level, x, z))) {
            assert_int_equal(found, -1);
            found = i;
        }
    }
    return found;
}

static void test_lod_select_covers_every_point_in_range_once_at_its_level(void **state)
{
    (void)state;
    World world = flat_world();
    for (uint64_t n = 0; n < 6; n++) {
        double ex = (double)rng_range(1, 0, n, -1e6f, 1e6f),
               ez = (double)rng_range(1, 1, n, -1e6f, 1e6f);
        LodSelectInput input = input_for(&world, ex, ez, 50.0f, 0.8f + 0.1f * (float)n);
        int count;
        LodSelectStats stats;
        const LodPick *picks = run(&input, &count, &stats);
        assert_true(count > 300 && stats.holes == 0 && stats.late == 0 && stats.overflow == 0);
        for (uint64_t k = 0; k < 300; k++) {
            float away = 70000.0f * powf(rng_unit(2, n, k), 4.0f),
                  angle = rng_range(3, n, k, 0.0f, 6.283f);
            double dx = (double)(away * cosf(angle)), dz = (double)(away * sinf(angle));
            int i = pick_at(picks, count, ex + dx, ez + dz);
            if (away >= input.ranges.end_m[7])
                continue;
            assert_true(i >= 0);
            int lod = picks[i].lod;
            // No coarser than its own distance allows; finer only as part of a block that was refined.
            assert_true(lod == 0 || picks[i].distance_m >= input.ranges.end_m[lod - 1]);
            assert_true(picks[i].distance_m < input.ranges.end_m[lod] + lod_block_m(lod) * 1.4143f);
        }
    }
}

static void test_lod_select_neighbours_never_differ_by_more_than_one_level(void **state)
{
    (void)state;
    World world = flat_world();
    for (uint64_t n = 0; n < 12; n++) {
        LodSelectInput input =
            input_for(&world, (double)rng_range(4, 0, n, -1e5f, 1e5f), 77.0,
                      rng_range(4, 1, n, 2.0f, 3000.0f), 0.8f + 0.04f * (float)n);
        int count;
        LodSelectStats stats;
        const LodPick *picks = run(&input, &count, &stats);
        for (int pair = 0; pair < count * count; pair++) {
            int a = pair / count, b = pair % count;
            int64_t side = chunk_key_side_m(picks[a].key.level);
            int64_t x = picks[a].key.x * side, z = picks[a].key.z * side;
            int64_t other = chunk_key_side_m(picks[b].key.level);
            int64_t ox = picks[b].key.x * other, oz = picks[b].key.z * other;
            if (x > ox + other || ox > x + side || z > oz + other || oz > z + side)
                continue;
            assert_in_range(picks[a].lod - picks[b].lod + 1, 0, 2);
        }
    }
}

static void test_lod_select_missing_child_keeps_its_parent_and_counts_as_late(void **state)
{
    (void)state;
    World world = flat_world();
    LodSelectInput input = input_for(&world, 1000.0, -2000.0, 20.0f, 1.0f);
    for (int lod = 2; lod <= 6; lod++) {
        double away = 0.7 * (double)input.ranges.end_m[lod];
        double x = 1000.0 + away, z = -2000.0 + 10.0;
        world.missing_lod = lod;
        world.missing = chunk_key_at(lod_key_level(lod), x, z);
        int count;
        LodSelectStats stats;
        const LodPick *picks = run(&input, &count, &stats);
        int i = pick_at(picks, count, x, z);
        assert_true(i >= 0);
        assert_int_equal(picks[i].lod, lod + 1);
        assert_true(chunk_key_equal(picks[i].key, chunk_key_parent(world.missing)));
        assert_int_equal(stats.late, 1);
        assert_int_equal(stats.holes, 0);
    }
}

static void test_lod_select_chunk_falls_back_to_the_next_resident_level(void **state)
{
    (void)state;
    World world = flat_world();
    LodSelectInput input = input_for(&world, 128.0, 128.0, 20.0f, 1.0f);
    for (int finest = 0; finest <= 2; finest++) {
        world.finest_lod = finest;
        int count;
        LodSelectStats stats;
        const LodPick *picks = run(&input, &count, &stats);
        assert_int_equal(picks[0].lod, finest);
        assert_true(picks[0].key.x == 0 && picks[0].key.z == 0);
        for (int lod = 0; lod < finest; lod++)
            assert_int_equal(stats.picked[lod], 0);
        assert_true(finest == 0 ? stats.late == 0 : stats.late > 15);
    }
}

static void test_lod_select_counts_holes_and_late_by_the_nominal_ranges(void **state)
{
    (void)state;
    World world = flat_world();
    LodSelectInput input = input_for(&world, 8000.0, 8000.0, 20.0f, 1.0f);
    world.missing_lod = 7;
    world.missing = (ChunkKey){2, 1, 6};
    int count;
    LodSelectStats stats;
    const LodPick *picks = run(&input, &count, &stats);
    assert_int_equal(stats.holes, 1);
    assert_int_equal(pick_at(picks, count, 2.5 * 16384.0, 1.5 * 16384.0), -1);
    world.missing_lod = -1;
    for (int lod = 0; lod < 3; lod++)
        input.ranges.end_m[lod] = 0.0f;
    run(&input, &count, &stats);
    assert_int_equal(stats.picked[2], 0);
    assert_true(stats.late > 10);
    uint32_t late = 0;
    picks = run(&input, &count, &stats);
    for (int i = 0; i < count; i++)
        late += picks[i].lod == 3 && picks[i].distance_m < input.nominal.end_m[2];
    assert_int_equal(stats.late, late);
}

static void test_lod_select_high_flight_drops_near_levels(void **state)
{
    (void)state;
    World world = flat_world();
    LodSelectInput input = input_for(&world, 8000.0, 8000.0, 6000.0f, 1.0f);
    int count;
    LodSelectStats stats;
    run(&input, &count, &stats);
    for (int lod = 0; lod <= 3; lod++)
        assert_int_equal(stats.picked[lod], 0);
    assert_true(stats.picked[4] > 0 && stats.late == 0);
}

static void test_lod_select_root_of_level_6_ends_at_half_the_distance(void **state)
{
    (void)state;
    World world = flat_world();
    LodSelectInput input = input_for(&world, 8000.0, 8000.0, 20.0f, 1.0f);
    input.root_lod = 6;
    int count;
    LodSelectStats stats;
    const LodPick *picks = run(&input, &count, &stats);
    assert_int_equal(stats.picked[7], 0);
    assert_true(pick_at(picks, count, 8000.0, 8000.0 + 32000.0) >= 0);
    for (int i = 0; i < count; i++)
        assert_true(picks[i].distance_m < 32768.1f);
}

static void test_lod_select_picks_come_front_to_back(void **state)
{
    (void)state;
    World world = flat_world();
    LodSelectInput input = input_for(&world, -300.0, 5.0, 20.0f, 1.3f);
    int count;
    LodSelectStats stats;
    const LodPick *picks = run(&input, &count, &stats);
    for (int i = 0; i < count; i++) {
        assert_true(picks[i].distance_m == lod_select_distance_m(picks[i].key, &frame));
        double plane = chunk_key_distance_m(picks[i].key, -300.0, 5.0);
        assert_true(fabs(sqrt(plane * plane + 400.0) - (double)picks[i].distance_m) < 0.05);
        // Buckets are 1/64 of an octave wide.
        assert_true(i == 0 ||
                    picks[i].distance_m >= picks[i - 1].distance_m * (1.0f - 1.0f / 64.0f));
    }
}

static void test_lod_select_looks_each_tile_up_once(void **state)
{
    (void)state;
    World world = flat_world();
    LodSelectInput input = input_for(&world, -300.0, 5.0, 20.0f, 1.0f);
    world.count_twice = true;
    int count;
    LodSelectStats stats;
    run(&input, &count, &stats);
    assert_int_equal(world.asked_twice, 0);
    assert_true(world.calls < 2 * count);
}

static void test_lod_select_frustum_drops_only_what_lies_outside(void **state)
{
    (void)state;
    World world = flat_world();
    world.relief_m = 400.0f;
    LodPick *all = malloc(LOD_SELECT_PICKS_MAX * sizeof *all);
    for (uint64_t n = 0; n < 8; n++) {
        LodSelectInput input = input_for(&world, (double)rng_range(5, 0, n, -1e5f, 1e5f), 77.0,
                                         rng_range(5, 1, n, 2.0f, 900.0f), 1.0f);
        View view = frame.view;
        view.yaw_rad = rng_range(5, 2, n, 0.0f, 6.28f);
        view.pitch_rad = rng_range(5, 3, n, -1.2f, 0.6f);
        frame = view_frame(&view);
        int all_count, count;
        LodSelectStats stats;
        const LodPick *picks = run(&input, &all_count, &stats);
        memcpy(all, picks, (size_t)all_count * sizeof *all);
        input.without_frustum = false;
        picks = run(&input, &count, &stats);
        assert_true(count < all_count && stats.culled_frustum > 0);
        int kept = 0;
        for (int i = 0; i < all_count; i++) {
            float side = (float)chunk_key_side_m(all[i].key.level);
            float x =
                (float)(all[i].key.x * (int64_t)side - frame.anchor_x_m) - frame.eye_anchor[0];
            float z =
                (float)(all[i].key.z * (int64_t)side - frame.anchor_z_m) - frame.eye_anchor[2];
            vec3 low = {x, all[i].tile.min_m - frame.eye_anchor[1], z};
            vec3 high = {x + side, all[i].tile.max_m - frame.eye_anchor[1], z + side};
            bool found = false;
            for (int k = 0; k < count && !found; k++)
                found = picks[k].lod == all[i].lod && chunk_key_equal(picks[k].key, all[i].key);
            kept += found;
            assert_true(found || !view_box_visible(&frame, low, high));
        }
        assert_int_equal(kept, count);
    }
    free(all);
}

// Whether any of 9 x 9 points of the tile is seen over the hills.
static bool seen(const World *world, const View *view, ChunkKey key)
{
    double side = (double)chunk_key_side_m(key.level);
    for (int n = 0; n < 81; n++) {
        double x = ((double)key.x + n % 9 / 8.0) * side, z = ((double)key.z + n / 9 / 8.0) * side;
        double y = (double)hills(world, x, z);
        bool clear = true;
        for (int k = 1; k < 300 && clear; k++) {
            double t = k / 300.0, over = view->eye_world[1] + (y - view->eye_world[1]) * t;
            clear = over >= (double)hills(world, view->eye_world[0] + (x - view->eye_world[0]) * t,
                                          view->eye_world[2] + (z - view->eye_world[2]) * t) -
                                0.01;
        }
        if (clear)
            return true;
    }
    return false;
}

static void test_lod_select_horizon_drops_much_and_nothing_that_is_seen(void **state)
{
    (void)state;
    World world = flat_world();
    world.relief_m = 500.0f;
    LodPick *all = malloc(LOD_SELECT_PICKS_MAX * sizeof *all);
    int total = 0, dropped = 0;
    for (uint64_t n = 0; n < 6; n++) {
        LodSelectInput input = input_for(&world, (double)rng_range(6, 0, n, -1e5f, 1e5f),
                                         (double)rng_range(6, 1, n, -1e5f, 1e5f), 60.0f, 1.0f);
        int all_count, count;
        LodSelectStats stats;
        const LodPick *picks = run(&input, &all_count, &stats);
        memcpy(all, picks, (size_t)all_count * sizeof *all);
        input.without_horizon = false;
        picks = run(&input, &count, &stats);
        assert_int_equal(count + (int)stats.culled_horizon, all_count);
        total += all_count;
        dropped += all_count - count;
        for (int i = 0; i < all_count; i++) {
            bool found = false;
            for (int k = 0; k < count && !found; k++)
                found = picks[k].lod == all[i].lod && chunk_key_equal(picks[k].key, all[i].key);
            assert_true(found || !seen(&world, &frame.view, all[i].key));
        }
    }
    assert_true(dropped > total / 6);
    free(all);
}

static void test_lod_select_counts_what_does_not_fit(void **state)
{
    (void)state;
    World world = flat_world();
    LodSelectInput input = input_for(&world, 8000.0, 8000.0, 20.0f, 1.0f);
    for (int lod = 0; lod < LOD_COUNT; lod++)
        input.ranges.end_m[lod] *= 3.0f;
    int count;
    LodSelectStats stats;
    run(&input, &count, &stats);
    assert_int_equal(count, LOD_SELECT_PICKS_MAX);
    assert_true(stats.overflow > 0);
}

static void test_lod_select_create_reports_a_failed_allocation(void **state)
{
    (void)state;
    LodSelect *select = NULL;
    os_memory_fail_at(1, 0);
    assert_int_equal(lod_select_create(&select), RESULT_OUT_OF_MEMORY);
    os_memory_fail_at(0, 0);
    lod_select_destroy(NULL);
}

static int set_up(void **state)
{
    (void)state;
    return lod_select_create(&selection) == RESULT_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    lod_select_destroy(selection);
    return os_memory_stats().live_total_bytes == 0 ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lod_select_covers_every_point_in_range_once_at_its_level),
        cmocka_unit_test(test_lod_select_neighbours_never_differ_by_more_than_one_level),
        cmocka_unit_test(test_lod_select_missing_child_keeps_its_parent_and_counts_as_late),
        cmocka_unit_test(test_lod_select_chunk_falls_back_to_the_next_resident_level),
        cmocka_unit_test(test_lod_select_counts_holes_and_late_by_the_nominal_ranges),
        cmocka_unit_test(test_lod_select_high_flight_drops_near_levels),
        cmocka_unit_test(test_lod_select_root_of_level_6_ends_at_half_the_distance),
        cmocka_unit_test(test_lod_select_picks_come_front_to_back),
        cmocka_unit_test(test_lod_select_looks_each_tile_up_once),
        cmocka_unit_test(test_lod_select_frustum_drops_only_what_lies_outside),
        cmocka_unit_test(test_lod_select_horizon_drops_much_and_nothing_that_is_seen),
        cmocka_unit_test(test_lod_select_counts_what_does_not_fit),
        cmocka_unit_test(test_lod_select_create_reports_a_failed_allocation),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
