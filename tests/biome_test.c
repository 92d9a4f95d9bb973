#include "terrain/biome.h"
#include "terrain/biome_lanes.h"
#include "terrain/landform_lanes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

// Flat ground of a climate, without noise.
static BiomeGround ground_of(float celsius, float moisture)
{
    return (BiomeGround){
        .height_m = 100, .celsius = celsius, .season_c = celsius, .moisture = moisture};
}

static int greatest(const float *weights)
{
    int best = 0;
    for (int i = 1; i < BIOME_PLANTED; i++)
        best = weights[i] > weights[best] ? i : best;
    return best;
}

// Weights of every climate on ground of a kind; marks which biome leads somewhere.
static void sweep(const Biome *biome, const BiomeGround *kind, int *leads)
{
    for (float celsius = -15; celsius <= 30; celsius += 0.5f) {
        float before[BIOME_PLANTED] = {0};
        for (float moisture = 0; moisture <= 1; moisture += 0.0025f) {
            BiomeGround g = *kind;
            g.celsius = celsius;
            g.moisture = moisture;
            float weights[BIOME_PLANTED], sum = 0;
            biome_weights(biome, &g, weights);
            for (int i = 0; i < BIOME_PLANTED; i++) {
                assert_true(weights[i] >= 0 && weights[i] <= 1.0001f);
                assert_true(moisture == 0 || fabsf(weights[i] - before[i]) < 0.08f);
                before[i] = weights[i];
                sum += weights[i];
            }
            assert_true(fabsf(sum - 1) < 1e-4f);
            leads[greatest(weights)] = 1;
        }
    }
}

static void test_weights_sum_to_one_without_jumps_and_each_biome_leads_somewhere(void **state)
{
    (void)state;
    Biome biome = biome_make(1);
    int leads[BIOME_PLANTED] = {0};
    for (int soil = -1; soil <= 1; soil++)
        for (int i = 0; i < 3; i++) {
            static const float SLOPES[] = {0.02f, 0.12f, 0.5f};
            BiomeGround kind = ground_of(0, 0);
            kind.soil = 0.5f * (float)soil;
            kind.slope = kind.broad_slope = SLOPES[i];
            sweep(&biome, &kind, leads);
        }
    for (int i = 0; i < BIOME_PLANTED; i++)
        assert_int_equal(leads[i], 1);
}

static void test_each_climate_names_the_biome_that_one_expects(void **state)
{
    (void)state;
    static const struct {
        float celsius, moisture;
        BiomeKind kind;
    } CASES[] = {{-8, .5f, BIOME_TUNDRA},     {3, .6f, BIOME_TAIGA},       {11, .63f, BIOME_FOREST},
                 {25, .9f, BIOME_RAINFOREST}, {11, .42f, BIOME_GRASSLAND}, {8, .2f, BIOME_STEPPE},
                 {25, .45f, BIOME_SAVANNA},   {27, .05f, BIOME_DESERT}};
    Biome biome = biome_make(1);
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        BiomeGround g = ground_of(CASES[i].celsius, CASES[i].moisture);
        g.slope = g.broad_slope = 0.07f;
        float weights[BIOME_PLANTED];
        biome_weights(&biome, &g, weights);
        assert_int_equal(greatest(weights), CASES[i].kind);
        assert_true(weights[CASES[i].kind] > 0.5f);
    }
}

// Linear luminance of the planted ground.
static float light_of(const Biome *biome, const BiomeGround *g)
{
    float weights[BIOME_PLANTED], traits[BIOME_TRAIT_COUNT];
    biome_weights(biome, g, weights);
    biome_traits(biome, weights, traits);
    BiomeColour c = biome_plants(g, traits);
    return 0.2126f * c.r * c.r + 0.7152f * c.g * c.g + 0.0722f * c.b * c.b;
}

static void test_woods_end_at_the_tree_line_and_on_cliffs(void **state)
{
    (void)state;
    Biome biome = biome_make(1);
    BiomeGround woods = ground_of(6, 0.7f), cold = ground_of(-1, 0.7f), cliff = woods;
    woods.slope = cold.slope = woods.broad_slope = cold.broad_slope = 0.3f;
    cliff.slope = 1.2f;
    assert_true(light_of(&biome, &woods) < 0.06f);
    assert_true(light_of(&biome, &cold) > 0.08f);
    assert_true(light_of(&biome, &cliff) > 0.07f);
    // Noise makes a clearing; its edge is narrow.
    int changes = 0, between = 0;
    for (float n = -2.0f; n < 0.0f; n += 0.02f) {
        BiomeGround g = woods;
        g.noise[2] = n;
        float light = light_of(&biome, &g);
        changes += light < 0.06f;
        between += light > 0.06f && light < 0.08f;
    }
    assert_in_range(changes, 30, 70); // of 100
    assert_in_range(between, 0, 8);
}

// Stone, woods and snow of the ground with everything on it.
static BiomeColour shares_of(const Biome *biome, const BiomeGround *g)
{
    float weights[BIOME_PLANTED], traits[BIOME_TRAIT_COUNT];
    BiomeGrid grid = {.biome = biome, .texel_m = 4};
    biome_weights(biome, g, weights);
    biome_traits(biome, weights, traits);
    BiomeColour c = biome_plants(g, traits);
    biome_stone(&grid, g, &c);
    return c;
}

static void test_shares_of_materials_follow_the_land_and_never_exceed_the_whole(void **state)
{
    (void)state;
    Biome biome = biome_make(1);
    BiomeGround woods = ground_of(6, 0.7f), cliff = woods, snow = ground_of(-6, 0.5f);
    woods.slope = woods.broad_slope = 0.3f;
    cliff.slope = cliff.broad_slope = 1.2f;
    snow.slope = snow.broad_slope = 0.3f;
    assert_true(shares_of(&biome, &woods).woods > 0.99f);
    assert_true(shares_of(&biome, &cliff).stone > 0.9f);
    assert_true(shares_of(&biome, &snow).snow > 0.99f);
    for (int i = 0; i < 4000; i++) {
        BiomeGround g = ground_of((float)(i % 40) - 15.0f, (float)(i % 23) / 23.0f);
        g.slope = g.broad_slope = (float)(i % 31) / 20.0f;
        g.height_m = (float)(i % 57) - 8.0f;
        for (int k = 0; k < BIOME_TEXTURES; k++)
            g.noise[k] = (float)((i * (k + 7)) % 19) / 9.5f - 1.0f;
        BiomeColour c = shares_of(&biome, &g);
        assert_true(c.stone >= 0 && c.woods >= 0 && c.snow >= 0);
        assert_true(c.stone + c.woods + c.snow <= 1.0001f);
    }
}

static void test_plants_cling_to_walls_where_it_is_warm_and_wet(void **state)
{
    (void)state;
    Biome biome = biome_make(1);
    BiomeGround wall = ground_of(24, 0.8f);
    wall.slope = wall.broad_slope = 0.95f;
    assert_true(shares_of(&biome, &wall).stone > 0.9f);
    wall.lush = 1.0f;
    assert_true(shares_of(&biome, &wall).woods > 0.9f);
    wall.slope = wall.broad_slope = 1.8f; // no root holds there
    assert_true(shares_of(&biome, &wall).stone > 0.9f);
}

static void test_greens_stay_olive_and_nothing_is_brighter_than_sand(void **state)
{
    (void)state;
    Biome biome = biome_make(1);
    for (int i = 0; i < BIOME_PLANTED; i++)
        for (int k = 0; k < BIOME_TREES; k += 3) {
            const float *c = biome.traits[i] + k;
            float r = c[0] * c[0], g = c[1] * c[1], b = c[2] * c[2];
            assert_true(r < 0.40f && g < 0.40f && b < 0.40f && b > 0.01f);
            assert_true(g <= 1.7f * r && b >= 0.33f * g);
        }
}

static LandformWaves waves_at(LandformCursors *c, const Landform *land, int64_t x_m, int64_t z_m)
{
    landform_cursors_row(c, x_m, z_m);
    return landform_waves(land, c, 0, landform_home_metres(x_m), landform_home_metres(z_m));
}

// 0: mountains lie 32 km up the wind, and none 16 km down the wind; 1: the other way round.
static int side_of(LandformCursors *c, const Landform *land, int64_t x_m, int64_t z_m)
{
    LandformWaves up = waves_at(c, land, x_m - 25600, z_m - 19200);
    LandformWaves down = waves_at(c, land, x_m + 12800, z_m + 9600);
    float behind = landform_mountains(&up), before = landform_mountains(&down);
    return behind > 0.5f && before < 0.1f ? 0 : behind < 0.1f && before > 0.5f ? 1 : -1;
}

static void test_it_is_drier_behind_mountains_than_before_them(void **state)
{
    (void)state;
    enum { SIDE = 80, STEP_M = 37000 };
    double sums[2] = {0};
    int counts[2] = {0};
    for (int i = 0; i < 4 * SIDE * SIDE; i++) {
        Landform land = landform_make((uint64_t)(i / (SIDE * SIDE)));
        LandformCursors c = landform_cursors(&land, 1, 1);
        int64_t x_m = 1000000 + i % SIDE * STEP_M, z_m = i / SIDE % SIDE * STEP_M;
        int side = side_of(&c, &land, x_m, z_m);
        if (side < 0)
            continue;
        sums[side] += (double)waves_at(&c, &land, x_m, z_m).moisture;
        counts[side]++;
    }
    assert_true(counts[0] > 100 && counts[1] > 100);
    assert_true(sums[1] / counts[1] - sums[0] / counts[0] > 0.15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_weights_sum_to_one_without_jumps_and_each_biome_leads_somewhere),
        cmocka_unit_test(test_each_climate_names_the_biome_that_one_expects),
        cmocka_unit_test(test_woods_end_at_the_tree_line_and_on_cliffs),
        cmocka_unit_test(test_plants_cling_to_walls_where_it_is_warm_and_wet),
        cmocka_unit_test(test_shares_of_materials_follow_the_land_and_never_exceed_the_whole),
        cmocka_unit_test(test_greens_stay_olive_and_nothing_is_brighter_than_sand),
        cmocka_unit_test(test_it_is_drier_behind_mountains_than_before_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
