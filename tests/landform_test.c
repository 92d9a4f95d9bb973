#include "terrain/biome.h"
#include "terrain/landform.h"
#include "terrain/river.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void test_weights_sum_to_one_and_are_mirrored(void **state)
{
    (void)state;
    for (int step = 1; step <= 8; step *= 2)
        for (int phase = 0; phase < step; phase++) {
            float w[4], m[4];
            landform_weights(step, phase, w);
            assert_true(fabsf(w[0] + w[1] + w[2] + w[3] - 1.0f) < 1.0e-6f);
            if (phase == 0)
                continue;
            landform_weights(step, step - phase, m);
            for (int k = 0; k < 4; k++)
                assert_true(fabsf(w[k] - m[3 - k]) < 1.0e-6f);
        }
}

static void test_no_level_keeps_octaves_finer_than_its_samples_can_show(void **state)
{
    (void)state;
    Landform land = landform_make(1);
    for (int level = 0; level < LANDFORM_LEVELS; level++) {
        LandformPlan plan = landform_plan(level);
        float least_m = 3.2f * (float)(2 << level);
        if (plan.details)
            assert_true(land.details[plan.details - 1].wavelength_m >= least_m);
        if (plan.gullies)
            assert_true(land.gullies[plan.gullies - 1].wavelength_m >= least_m);
        assert_true((float)river_kinds[plan.lattices - 1].cell_m >= least_m);
    }
}

static void test_lattices_of_neighbours_share_their_points(void **state)
{
    (void)state;
    Arena arena;
    assert_int_equal(arena_create(1 << 20, OS_MEMORY_SCRATCH, &arena), 1);
    Landform land = landform_make(1);
    for (int level = 0; level < LANDFORM_LEVELS; level++) {
        for (int64_t x = -3; x < 3; x++) {
            LandformGrid grid = {.landform = &land,
                                 .x = 128 * x - 4,
                                 .z = 128 * x - 4,
                                 .level = level,
                                 .stride = 1,
                                 .columns = 144,
                                 .rows = 139};
            LandformLattice lattice;
            assert_int_equal(landform_lattice(&grid, &arena, &lattice), RESULT_OK);
            assert_int_equal(lattice.x_m % lattice.spacing_m, 0);
            assert_int_equal(lattice.z_m % lattice.spacing_m, 0);
            int64_t first_m =
                lattice.x_m + lattice.spacing_m + (int64_t)lattice.phase_x * landform_unit_m(&grid);
            assert_int_equal(first_m, grid.x * landform_unit_m(&grid));
            assert_true((lattice.columns - 3) * lattice.step >= lattice.phase_x + grid.columns);
            arena_rewind(&arena, 0);
        }
    }
    arena_destroy(&arena);
}

static void test_a_full_scratch_is_reported(void **state)
{
    (void)state;
    Arena arena;
    assert_int_equal(arena_create(4096, OS_MEMORY_SCRATCH, &arena), 1);
    Landform land = landform_make(1);
    LandformGrid grid = {.landform = &land, .stride = 1, .columns = 144, .rows = 139};
    LandformLattice lattice;
    assert_int_equal(landform_lattice(&grid, &arena, &lattice), RESULT_OUT_OF_MEMORY);
    arena_destroy(&arena);
}

static void test_ground_colours_stay_natural(void **state)
{
    (void)state;
    Biome biome = biome_make(1);
    for (int i = 0; i < BIOME_MATERIAL_COUNT; i++)
        for (int k = 0; k < 3; k++) {
            float linear = biome.colours[i][k] * biome.colours[i][k];
            assert_true(linear > 0.01f && linear < (i == BIOME_SNOW ? 0.91f : 0.40f));
        }
}

static void test_coarser_levels_lose_more_slope(void **state)
{
    (void)state;
    assert_true(biome_lost_slope2(0) == 0.0f);
    for (int level = 1; level < LANDFORM_LEVELS; level++)
        assert_true(biome_lost_slope2(level) >= biome_lost_slope2(level - 1));
    assert_true(biome_lost_slope2(LANDFORM_LEVELS - 1) > biome_lost_slope2(2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_weights_sum_to_one_and_are_mirrored),
        cmocka_unit_test(test_no_level_keeps_octaves_finer_than_its_samples_can_show),
        cmocka_unit_test(test_lattices_of_neighbours_share_their_points),
        cmocka_unit_test(test_a_full_scratch_is_reported),
        cmocka_unit_test(test_ground_colours_stay_natural),
        cmocka_unit_test(test_coarser_levels_lose_more_slope),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
