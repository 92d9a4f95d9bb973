// The provinces: that worlds have them, and that each keeps what all land promises.
#include "base/os_memory.h"
#include "sanitized.h"
#include "terrain/biome_lanes.h"
#include "terrain/province_lanes.h"
#include "terrain_rig.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#define STEP_M 8000
#define REACH_M 400000
#define BINS 36 // of orientation: 5 degrees each

typedef struct Province {
    LandformField field;
    float full;    // of the field
    int64_t mid_m; // south of the origin: where it is warm or cold enough
    const char *name;
} Province;

static const Province PROVINCES[] = {
    {LANDFORM_ALPINE, 1.0f, 0, "alpine"},     {LANDFORM_FJORD, 300.0f, -1100000, "fjord"},
    {LANDFORM_MESA, 1.0f, 600000, "mesa"},    {LANDFORM_DUNE, 1.0f, 600000, "dunes"},
    {LANDFORM_KARST, 1.0f, 1100000, "karst"}, {LANDFORM_BADLAND, 1.0f, 0, "badland"},
    {LANDFORM_CLIFF, 65.0f, 0, "cliffs"},     {LANDFORM_CONE, 900.0f, 0, "volcano"},
};
#define PROVINCE_COUNT ((int)(sizeof PROVINCES / sizeof PROVINCES[0]))

static const uint64_t SEEDS[] = {1, 2, 3, 42, 7777};
#define SEED_COUNT ((int)(sizeof SEEDS / sizeof SEEDS[0]))

typedef struct Place {
    int64_t x_m, z_m;
    float share;
} Place;

static LandformGround fields_at(const Landform *land, LandformCursors *c, int64_t x_m, int64_t z_m,
                                float *out)
{
    landform_cursors_row(c, x_m, z_m);
    LandformWaves w =
        landform_waves(land, c, 0, landform_home_metres(x_m), landform_home_metres(z_m));
    landform_volcano(land, c, 0, 0, &w);
    LandformGround ground = landform_base(&w);
    landform_provinces(&w, &ground, landform_latitude_celsius(z_m), out);
    return ground;
}

// Where a province is strongest on land, or at least near the shore.
static Place place_of(uint64_t seed, const Province *province)
{
    Landform land = landform_make(seed);
    LandformCursors c = landform_cursors(&land, 1, 0);
    Place best = {0, 0, 0.0f};
    for (int64_t z = province->mid_m - REACH_M; z <= province->mid_m + REACH_M; z += STEP_M)
        for (int64_t x = -REACH_M; x <= REACH_M; x += STEP_M) {
            float fields[LANDFORM_FIELD_COUNT] = {0};
            LandformGround ground = fields_at(&land, &c, x, z, fields);
            float share = fields[province->field] / province->full;
            if (share > best.share && ground.height > -20.0f)
                best = (Place){x, z, share};
        }
    return best;
}

// Mean height of what the coarser level shows above the chunk's own samples at the same points.
static double mean_step_m(const Chunk *c)
{
    int side = c->key.level == 0 ? 17 : CHUNK_COARSE_SIDE, step = c->key.level == 0 ? 8 : 4;
    double sum = 0.0;
    for (int j = 0; j < side; j++)
        for (int i = 0; i < side; i++)
            sum += (double)(c->base_m + c->quantum_m * c->coarse[j * CHUNK_COARSE_SIDE + i] -
                            chunk_height_m(c, i * step, j * step));
    return sum / (side * side);
}

static float steepest(const Chunk *c)
{
    float most = 0.0f, inverse = 1.0f / (float)chunk_spacing_m(c->key.level);
    for (int j = 0; j < 128; j++)
        for (int i = 0; i < 128; i++) {
            float here = chunk_height_m(c, i, j);
            float x = chunk_height_m(c, i + 1, j) - here, z = chunk_height_m(c, i, j + 1) - here;
            most = fmaxf(most, hypotf(x, z) * inverse);
        }
    return most;
}

static void check_place(TerrainRig *rig, const Province *province, const Place *place)
{
    for (int level = 0; level < CHUNK_KEY_LEVEL_MAX; level += level == 0 ? 2 : 1)
        for (int n = 0; n < 4; n++) {
            ChunkKey key = chunk_key_at(level, (double)place->x_m, (double)place->z_m);
            key.x += n % 2;
            key.z += n / 2;
            terrain_rig_read(rig, key, &rig->a);
            const Chunk *c = &rig->a;
            double coarser_m = (double)chunk_spacing_m(level == 0 ? 2 : level + 1);
            if (fabs(mean_step_m(c)) >= 0.25 * coarser_m || steepest(c) >= 3.5f)
                fail_msg("%s, level %d: step %.2f m, steepest %.2f", province->name, level,
                         mean_step_m(c), (double)steepest(c));
            for (int i = 0; i < CHUNK_ROWS * CHUNK_STRIDE; i++)
                assert_true(c->heights[i] > 0 && c->heights[i] < UINT16_MAX);
        }
}

// Of five worlds most have each province within 400 km; there the levels agree, nothing is a wall and
// nothing is clamped.
static void test_every_province_is_found_and_keeps_the_rules(void **state)
{
    (void)state;
    for (int p = 0; p < PROVINCE_COUNT; p++) {
        int found = 0;
        for (int s = 0; s < SEED_COUNT; s++) {
            Place place = place_of(SEEDS[s], &PROVINCES[p]);
            if (place.share < 0.7f)
                continue;
            found++;
            TerrainRig *rig = terrain_rig_open(SEEDS[s], TERRAIN_WIDTH_BEST);
            check_place(rig, &PROVINCES[p], &place);
            terrain_rig_close(rig);
        }
        print_message("%s: in %d worlds of %d\n", PROVINCES[p].name, found, SEED_COUNT);
        assert_true(found * 2 > SEED_COUNT);
    }
}

// Rivers go down after it as before: the tables rise with what was there, and nowhere six times as fast.
static void test_tables_rise_with_what_was_there(void **state)
{
    (void)state;
    const float step_m = 0.25f;
    for (int share = 0; share <= 4; share++) {
        ProvinceRow row = {.present = 1u << LANDFORM_MESA | 1u << LANDFORM_BEDS};
        for (int i = 0; i < TERRAIN_LANES; i++) {
            row.fields[LANDFORM_MESA - LANDFORM_BASE][i] = 0.25f * (float)share;
            row.fields[LANDFORM_BASE - LANDFORM_BASE][i] = 300.0f;
            row.fields[LANDFORM_BEDS - LANDFORM_BASE][i] = 11.0f * (float)share;
        }
        float last = -1e9f, values[TERRAIN_LANES];
        for (float above = -10.0f; above < 600.0f; above += step_m) {
            lanes_store(values, province_valleys(&row, 0, lanes_set(300.0f + above)));
            assert_true(values[0] > last && (last < -1e8f || values[0] - last < 6.0f * step_m));
            last = values[0];
        }
    }
}

static void count_biomes(TerrainRig *rig, ChunkKey key, int *counts)
{
    static float texels[CHUNK_TINT_SIDE * CHUNK_TINT_SIDE];
    arena_rewind(&rig->scratch, 0);
    assert_int_equal(
        rig->source.layer(rig->source.object, key, SOURCE_LAYER_BIOME, &rig->scratch, texels),
        RESULT_OK);
    for (int i = 0; i < CHUNK_TINT_SIDE * CHUNK_TINT_SIDE; i++)
        counts[(int)texels[i]]++;
}

static void test_every_biome_covers_some_of_the_world(void **state)
{
    (void)state;
    int counts[BIOME_KIND_COUNT] = {0}, all = 0;
    TerrainRig *rig = terrain_rig_open(42, TERRAIN_WIDTH_BEST);
    for (int64_t z = -90; z <= 90; z += 15) // 3,000 km from the cold to the hot
        for (int64_t x = -60; x < 60; x += 20)
            count_biomes(rig, (ChunkKey){x, z, 6}, counts);
    terrain_rig_close(rig);
    for (int i = 0; i < BIOME_KIND_COUNT; i++)
        all += counts[i];
    for (int i = 0; i < BIOME_KIND_COUNT; i++) {
        print_message("biome %d: %.2f %%\n", i, 100.0 * counts[i] / all);
        assert_true(counts[i] * 1000 > all || (i == BIOME_BEACH && counts[i] > 0));
    }
}

static bool has_dunes(const Landform *land, LandformCursors *c, ChunkKey key)
{
    int64_t side_m = chunk_key_side_m(key.level);
    for (int n = 0; n < 9; n++) {
        float fields[LANDFORM_FIELD_COUNT] = {0};
        fields_at(land, c, key.x * side_m + n % 3 * side_m / 2, key.z * side_m + n / 3 * side_m / 2,
                  fields);
        if (fields[LANDFORM_DUNE] > 0.0f)
            return true;
    }
    return false;
}

// Directions of the slope, by a derivative whose error hardly depends on direction.
static void add_directions(const Chunk *c, int *bins)
{
    for (int j = 1; j < 128; j++)
        for (int i = 1; i < 128; i++) {
            float x = 0.0f, z = 0.0f;
            for (int k = -1; k <= 1; k++) {
                float weight = k == 0 ? 10.0f : 3.0f;
                x += weight * (chunk_height_m(c, i + 1, j + k) - chunk_height_m(c, i - 1, j + k));
                z += weight * (chunk_height_m(c, i + k, j + 1) - chunk_height_m(c, i + k, j - 1));
            }
            if (hypotf(x, z) * (1.0f / 16.0f) < 20.0f * c->quantum_m)
                continue; // flat: the direction is the rounding's
            double turns = atan2((double)z, (double)x) / 3.14159265358979 + 2.0;
            bins[(int)(turns * BINS + 0.5) % BINS]++;
        }
}

// Of one world, at places 37 km apart whatever the level.
static void add_world(uint64_t seed, int level, int *bins)
{
    Landform land = landform_make(seed);
    LandformCursors c = landform_cursors(&land, 1, 0);
    TerrainRig *rig = terrain_rig_open(seed, TERRAIN_WIDTH_BEST);
    for (int k = 0; k < 24; k++) {
        ChunkKey key = chunk_key_at(level, k % 5 * 37000.0 - 70000, k / 5 * 37000.0 - 70000);
        if (has_dunes(&land, &c, key))
            continue;
        terrain_rig_read(rig, key, &rig->a);
        add_directions(&rig->a, bins);
    }
    terrain_rig_close(rig);
}

static void test_the_grid_shows_in_no_direction(void **state)
{
    (void)state;
    static const int LEVELS[] = {0, 3, 4, 6};
    // A sanitizer sees all it can in two worlds; for the shares, which are of the same bits, it takes the release run.
    const uint64_t worlds = sanitized() ? 2 : 16;
    for (int n = 0; n < 4; n++) {
        int bins[BINS] = {0};
        for (uint64_t seed = 0; seed < worlds; seed++)
            add_world(seed, LEVELS[n], bins);
        for (int at = 0; at < BINS; at += BINS / 4) {
            double beside = 0.5 * (bins[(at + 3) % BINS] + bins[(at + BINS - 3) % BINS]);
            print_message("level %d, %3d degrees: %.3f of its neighbours\n", LEVELS[n], at * 5,
                          bins[at] / beside);
            assert_true(sanitized() || bins[at] <= 1.10 * beside);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_province_is_found_and_keeps_the_rules),
        cmocka_unit_test(test_tables_rise_with_what_was_there),
        cmocka_unit_test(test_every_biome_covers_some_of_the_world),
        cmocka_unit_test(test_the_grid_shows_in_no_direction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
