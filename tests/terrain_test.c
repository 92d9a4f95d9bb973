#include "terrain/biome.h"
#include "terrain_rig.h"
#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define GOLDEN ARETE_SOURCE_DIR "/tests/golden/terrain_hashes.txt"
#define FAR_CHUNK 39062500 // 10,000 km in chunks of 256 m

typedef struct Golden {
    uint64_t seed;
    ChunkKey key;
} Golden;

static const Golden GOLDENS[] = {
    {42, {0, 0, 0}},           {42, {-1, -1, 0}},
    {42, {37, -41, 0}},        {7777, {FAR_CHUNK, -FAR_CHUNK, 0}},
    {42, {0, 0, 2}},           {1, {-9, 11, 2}},
    {42, {-2, 3, 3}},          {42, {0, -1, 4}},
    {7777, {-1, -1, 5}},       {42, {0, 0, 6}},
    {1, {-610352, 610351, 6}}, {42, {(INT64_C(1) << 44) - 1, 5, 0}},
    {7, {-485, 4292, 0}},      {42, {910, -1200, 0}}, // a karst in a rainforest, dunes
};
#define GOLDEN_COUNT ((int)(sizeof GOLDENS / sizeof GOLDENS[0]))

static void golden_hashes(TerrainWidth width, uint64_t out[GOLDEN_COUNT])
{
    for (int i = 0; i < GOLDEN_COUNT; i++) {
        TerrainRig *rig = terrain_rig_open(GOLDENS[i].seed, width);
        terrain_rig_read(rig, GOLDENS[i].key, &rig->a);
        out[i] = rig->a.hash;
        terrain_rig_close(rig);
    }
}

// With ARETE_BLESS set the file is written instead of compared.
static void test_chunks_equal_the_golden_hashes_at_every_width(void **state)
{
    (void)state;
    uint64_t want[GOLDEN_COUNT], got[GOLDEN_COUNT];
    FILE *file;
    if (getenv("ARETE_BLESS")) {
        golden_hashes(TERRAIN_WIDTH_SCALAR, want);
        file = fopen(GOLDEN, "w");
        assert_non_null(file);
        for (int i = 0; i < GOLDEN_COUNT; i++)
            fprintf(file, "%" PRIu64 " %d %" PRId64 " %" PRId64 " %016" PRIx64 "\n",
                    GOLDENS[i].seed, GOLDENS[i].key.level, GOLDENS[i].key.x, GOLDENS[i].key.z,
                    want[i]);
        assert_int_equal(fclose(file), 0);
    }
    file = fopen(GOLDEN, "r");
    assert_non_null(file);
    for (int i = 0; i < GOLDEN_COUNT; i++)
        assert_int_equal(fscanf(file, "%*s %*s %*s %*s %" SCNx64, &want[i]), 1);
    fclose(file);
    for (int width = TERRAIN_WIDTH_SCALAR; width < TERRAIN_WIDTH_COUNT; width++) {
        if (!terrain_width_supported((TerrainWidth)width)) {
            print_message("%s: not here\n", terrain_width_name((TerrainWidth)width));
            continue;
        }
        golden_hashes((TerrainWidth)width, got);
        for (int i = 0; i < GOLDEN_COUNT; i++)
            assert_int_equal(got[i], want[i]);
    }
}

static void test_noise_is_the_same_at_every_width(void **state)
{
    (void)state;
    static float want[261 * 261], got[261 * 261];
    terrain_noise(TERRAIN_WIDTH_SCALAR, 3, 261, want);
    for (int width = TERRAIN_WIDTH_SSE2; width < TERRAIN_WIDTH_COUNT; width++) {
        if (!terrain_width_supported((TerrainWidth)width))
            continue;
        terrain_noise((TerrainWidth)width, 3, 261, got);
        assert_memory_equal(got, want, sizeof want);
    }
    assert_true(want[0] != want[1]);
}

// Heights in metres at sample (i, j), which must be exact in a float for equality to mean anything.
static float at(const Chunk *chunk, int i, int j)
{
    return chunk_height_m(chunk, i, j);
}

static void check_edges(TerrainRig *rig, ChunkKey key)
{
    ChunkKey east = {key.x + 1, key.z, key.level}, south = {key.x, key.z + 1, key.level};
    terrain_rig_read(rig, key, &rig->a);
    terrain_rig_read(rig, east, &rig->b);
    for (int j = -2; j <= 131; j++)
        for (int i = -2; i <= 5; i++)
            assert_true(at(&rig->a, 128 + i, j) == at(&rig->b, i, j));
    for (int j = 0; j < CHUNK_TINT_SIDE; j++)
        for (int i = 0; i < 4; i++) {
            int here = j * CHUNK_TINT_SIDE + 64 + i, there = j * CHUNK_TINT_SIDE + i;
            assert_int_equal(rig->a.tint[here], rig->b.tint[there]);
            assert_int_equal(rig->a.matter[here], rig->b.matter[there]);
        }
    int side = key.level == 0 ? 17 : CHUNK_COARSE_SIDE;
    for (int j = 0; j < side; j++) {
        float a =
            rig->a.base_m + rig->a.quantum_m * rig->a.coarse[j * CHUNK_COARSE_SIDE + side - 1];
        float b = rig->b.base_m + rig->b.quantum_m * rig->b.coarse[j * CHUNK_COARSE_SIDE];
        assert_true(a == b);
    }
    terrain_rig_read(rig, south, &rig->b);
    for (int j = -2; j <= 3; j++)
        for (int i = -2; i <= 133; i++)
            assert_true(at(&rig->a, i, 128 + j) == at(&rig->b, i, j));
    for (int j = 0; j < 4; j++) {
        assert_memory_equal(rig->a.tint + (64 + j) * CHUNK_TINT_SIDE,
                            rig->b.tint + j * CHUNK_TINT_SIDE, CHUNK_TINT_SIDE * sizeof(uint32_t));
        assert_memory_equal(rig->a.matter + (64 + j) * CHUNK_TINT_SIDE,
                            rig->b.matter + j * CHUNK_TINT_SIDE,
                            CHUNK_TINT_SIDE * sizeof(uint32_t));
    }
}

static const ChunkKey PLACES[] = {
    {0, 0, 0},       {-1, -1, 0}, {FAR_CHUNK, -FAR_CHUNK, 0},
    {-2, 3, 2},      {4, -7, 3},  {1, -3, 4},
    {-610352, 7, 4}, {-1, 0, 5},  {2, 2, 6},
};
#define PLACE_COUNT ((int)(sizeof PLACES / sizeof PLACES[0]))

static void test_neighbours_agree_on_everything_they_share(void **state)
{
    (void)state;
    TerrainRig *rig = terrain_rig_open(42, TERRAIN_WIDTH_BEST);
    for (int i = 0; i < PLACE_COUNT; i++)
        check_edges(rig, PLACES[i]);
    terrain_rig_close(rig);
}

static void test_coarse_heights_are_those_of_the_parent(void **state)
{
    (void)state;
    TerrainRig *rig = terrain_rig_open(42, TERRAIN_WIDTH_BEST);
    for (int n = 0; n < PLACE_COUNT; n++) {
        ChunkKey key = PLACES[n];
        if (key.level == CHUNK_KEY_LEVEL_MAX)
            continue;
        ChunkKey parent = chunk_key_parent(key);
        int children = chunk_key_children_side(parent.level), side = key.level == 0 ? 17 : 33;
        int x0 = (int)(key.x - parent.x * children) * (128 / children);
        int z0 = (int)(key.z - parent.z * children) * (128 / children);
        terrain_rig_read(rig, key, &rig->a);
        terrain_rig_read(rig, parent, &rig->b);
        for (int j = 0; j < side; j++)
            for (int i = 0; i < side; i++) {
                float coarse =
                    rig->a.base_m + rig->a.quantum_m * rig->a.coarse[j * CHUNK_COARSE_SIDE + i];
                assert_true(coarse == at(&rig->b, x0 + 2 * i, z0 + 2 * j));
            }
    }
    terrain_rig_read(rig, (ChunkKey){2, 2, 6}, &rig->a);
    for (int j = 0; j < 33; j++)
        for (int i = 0; i < 33; i++)
            assert_int_equal(rig->a.coarse[j * CHUNK_COARSE_SIDE + i],
                             rig->a.heights[chunk_index(4 * i, 4 * j)]);
    terrain_rig_close(rig);
}

// Mean height of what the coarser level shows above this chunk's own samples at the same points.
static double mean_step_m(const Chunk *c)
{
    int side = c->key.level == 0 ? 17 : CHUNK_COARSE_SIDE, step = c->key.level == 0 ? 8 : 4;
    double sum = 0.0;
    for (int j = 0; j < side; j++)
        for (int i = 0; i < side; i++) {
            float coarse = c->base_m + c->quantum_m * c->coarse[j * CHUNK_COARSE_SIDE + i];
            sum += (double)(coarse - at(c, i * step, j * step));
        }
    return sum / (side * side);
}

static void test_levels_agree_in_the_mean(void **state)
{
    (void)state;
    TerrainRig *rig = terrain_rig_open(42, TERRAIN_WIDTH_BEST);
    for (int level = 0; level < CHUNK_KEY_LEVEL_MAX; level += level == 0 ? 2 : 1)
        for (int n = 0; n < 12; n++) {
            terrain_rig_read(rig, (ChunkKey){n * 5 - 30, n % 5 - 3, level}, &rig->a);
            double spacing_m = (double)chunk_spacing_m(level == 0 ? 2 : level + 1);
            assert_true(fabs(mean_step_m(&rig->a)) < 0.25 * spacing_m);
        }
    terrain_rig_close(rig);
}

static void test_bounds_hold_every_height_and_nothing_is_clamped(void **state)
{
    (void)state;
    TerrainRig *rig = terrain_rig_open(1, TERRAIN_WIDTH_BEST);
    for (int n = 0; n < 100; n++) {
        int level = n % 5 + 2;
        terrain_rig_read(rig, (ChunkKey){n % 10 - 5, n / 10 - 5, level}, &rig->a);
        const Chunk *c = &rig->a;
        assert_true(c->base_m == floorf(c->base_m / 64.0f) * 64.0f);
        assert_true(c->quantum_m == (level <= 3 ? 1.0f / 32.0f : 0.25f));
        float low = 1.0e9f, high = -1.0e9f;
        for (int j = 0; j < CHUNK_SAMPLES; j++)
            for (int i = 0; i < CHUNK_SAMPLES; i++) {
                low = fminf(low, at(c, i, j));
                high = fmaxf(high, at(c, i, j));
            }
        // The coarser level's heights count too, and nothing else does.
        int side = CHUNK_COARSE_SIDE;
        for (int i = 0; i < side * side; i++) {
            low = fminf(low, c->base_m + c->quantum_m * c->coarse[i]);
            high = fmaxf(high, c->base_m + c->quantum_m * c->coarse[i]);
        }
        assert_true(c->min_m == low && c->max_m == high);
        for (int i = 0; i < CHUNK_ROWS * CHUNK_STRIDE; i++)
            assert_true(c->heights[i] > 0 && c->heights[i] < UINT16_MAX);
    }
    terrain_rig_close(rig);
}

static void test_ground_is_what_the_finest_chunk_shows(void **state)
{
    (void)state;
    TerrainRig *rig = terrain_rig_open(42, TERRAIN_WIDTH_BEST);
    const ChunkKey keys[] = {{0, 0, 0}, {-3, 7, 0}, {FAR_CHUNK, -FAR_CHUNK, 0}};
    for (int n = 0; n < 3; n++) {
        terrain_rig_read(rig, keys[n], &rig->a);
        for (int i = 0; i < 200; i++) {
            double x = (double)keys[n].x * 256.0 + (double)(i * 37 % 2550) * 0.1;
            double z = (double)keys[n].z * 256.0 + (double)(i * 91 % 2550) * 0.1;
            float ground = rig->source.ground_m(rig->source.object, x, z);
            assert_true(fabsf(ground - chunk_height_at_m(&rig->a, x, z)) < 1.0f / 32.0f);
        }
    }
    terrain_rig_close(rig);
}

static void test_every_world_begins_on_land_near_mountains(void **state)
{
    (void)state;
    const uint64_t seeds[] = {0, 1, 42, 7777, UINT64_MAX};
    for (int s = 0; s < 5; s++) {
        TerrainRig *rig = terrain_rig_open(seeds[s], TERRAIN_WIDTH_BEST);
        float start = rig->source.ground_m(rig->source.object, 128.0, 128.0), peak = 0.0f;
        assert_true(start > 5.0f && start < 2200.0f);
        for (int64_t z = -2; z < 2; z++)
            for (int64_t x = -2; x < 2; x++) {
                terrain_rig_read(rig, (ChunkKey){x, z, 6}, &rig->a);
                peak = fmaxf(peak, rig->a.max_m);
            }
        assert_true(peak > 1800.0f && peak < 4500.0f);
        terrain_rig_close(rig);
    }
}

// Sums of squared height differences over one step of 32 m east, south and (45 m, scaled) both
// diagonals.
static void add_energy(const Chunk *c, double energy[4])
{
    for (int j = 0; j < 128; j++)
        for (int i = 1; i < 128; i++) {
            double here = (double)at(c, i, j);
            double east = (double)at(c, i + 1, j) - here, south = (double)at(c, i, j + 1) - here;
            double se = (double)at(c, i + 1, j + 1) - here, sw = (double)at(c, i - 1, j + 1) - here;
            energy[0] += east * east;
            energy[1] += south * south;
            energy[2] += 0.5 * se * se;
            energy[3] += 0.5 * sw * sw;
        }
}

// Shares of the land need much of it, and without optimisation take a minute to come out as they did: the golden hashes
// prove there that the bits are the same.
static bool optimised(void)
{
#ifdef __OPTIMIZE__
    return true;
#else
    return false;
#endif
}

static void test_slopes_have_no_preferred_direction(void **state)
{
    (void)state;
    if (!optimised())
        skip();
    double energy[4] = {0};
    for (uint64_t seed = 0; seed < 24; seed++) {
        TerrainRig *rig = terrain_rig_open(seed, TERRAIN_WIDTH_BEST);
        for (int64_t n = 0; n < 12; n++) {
            terrain_rig_read(rig, (ChunkKey){n % 4 * 3 - 6, n / 4 * 3 - 4, 4}, &rig->a);
            add_energy(&rig->a, energy);
        }
        terrain_rig_close(rig);
    }
    double mean = 0.25 * (energy[0] + energy[1] + energy[2] + energy[3]);
    print_message("energy by direction: %.3f %.3f %.3f %.3f\n", energy[0] / mean, energy[1] / mean,
                  energy[2] / mean, energy[3] / mean);
    for (int i = 0; i < 4; i++)
        assert_true(fabs(energy[i] / mean - 1.0) < 0.10);
}

static void test_two_fifths_of_the_world_are_sea(void **state)
{
    (void)state;
    if (!optimised())
        skip();
    int sea = 0, all = 0;
    TerrainRig *rig = terrain_rig_open(42, TERRAIN_WIDTH_BEST);
    for (int64_t n = 0; n < 225; n++) {
        terrain_rig_read(rig, (ChunkKey){(n % 15 - 7) * 97, (n / 15 - 7) * 101, 6}, &rig->a);
        for (int i = 0; i < 128; i += 16, all += 8)
            for (int j = 0; j < 128; j += 16)
                sea += at(&rig->a, i, j) < 0.0f;
    }
    print_message("sea: %.3f\n", (double)sea / all);
    assert_true(sea * 100 > all * 33 && sea * 100 < all * 47);
    terrain_rig_close(rig);
}

static void test_reading_stops_when_cancelled_and_reports_limits(void **state)
{
    (void)state;
    TerrainRig *rig = terrain_rig_open(42, TERRAIN_WIDTH_BEST);
    atomic_bool cancelled = true;
    Source s = rig->source;
    assert_int_equal(s.read(s.object, (ChunkKey){0, 0, 0}, &rig->scratch, &cancelled, &rig->a),
                     RESULT_CANCELLED);
    arena_rewind(&rig->scratch, 0);
    ChunkKey beyond = {CHUNK_KEY_COORD_MAX, 0, 0};
    assert_int_equal(s.read(s.object, beyond, &rig->scratch, NULL, &rig->a), RESULT_LIMIT);
    Arena small;
    assert_int_equal(arena_create(64 * 1024, OS_MEMORY_SCRATCH, &small), 1);
    assert_int_equal(s.read(s.object, (ChunkKey){0, 0, 0}, &small, NULL, &rig->a),
                     RESULT_OUT_OF_MEMORY);
    arena_destroy(&small);
    terrain_rig_close(rig);
}

static void test_creation_reports_failures(void **state)
{
    (void)state;
    Terrain *terrain = NULL;
    os_memory_fail_at(1, 0);
    assert_int_equal(terrain_create(&(TerrainDesc){.seed = 1}, &terrain), RESULT_OUT_OF_MEMORY);
    assert_null(terrain);
    os_memory_fail_at(0, 0);
    TerrainDesc odd = {.seed = 1, .width = TERRAIN_WIDTH_COUNT};
    assert_int_equal(terrain_create(&odd, &terrain), RESULT_UNSUPPORTED);
    assert_null(terrain);
}

static void test_a_world_keeps_no_more_than_it_says(void **state)
{
    (void)state;
    uint64_t before = os_memory_stats().live_total_bytes;
    Terrain *terrain = NULL;
    assert_int_equal(terrain_create(&(TerrainDesc){.seed = 1}, &terrain), RESULT_OK);
    uint64_t kept = os_memory_stats().live_total_bytes - before;
    assert_in_range(kept, TERRAIN_KEPT_BYTES / 2, TERRAIN_KEPT_BYTES);
    terrain_destroy(terrain);
    assert_int_equal(os_memory_stats().live_total_bytes, before);
}

// Fills the scratch by way of an allocation: what is not allocated may not be touched.
static void dirty(Arena *scratch, int byte)
{
    arena_rewind(scratch, 0);
    void *all = arena_alloc(scratch, scratch->capacity_bytes);
    assert_non_null(all);
    memset(all, byte, scratch->capacity_bytes);
    arena_rewind(scratch, 0);
}

static void test_a_chunk_is_the_same_whatever_was_made_before(void **state)
{
    (void)state;
    TerrainRig *rig = terrain_rig_open(42, TERRAIN_WIDTH_BEST);
    memset(&rig->a, 0xff, sizeof rig->a);
    dirty(&rig->scratch, 0xff);
    terrain_rig_read(rig, (ChunkKey){5, 6, 0}, &rig->a);
    dirty(&rig->scratch, 0x00);
    terrain_rig_read(rig, (ChunkKey){5, 6, 0}, &rig->b);
    assert_int_equal(rig->a.hash, rig->b.hash);
    assert_memory_equal(rig->a.heights, rig->b.heights, sizeof rig->a.heights);
    assert_memory_equal(rig->a.coarse, rig->b.coarse, sizeof rig->a.coarse);
    assert_memory_equal(rig->a.tint, rig->b.tint, sizeof rig->a.tint);
    assert_string_equal(rig->source.name, "seed:42");
    terrain_rig_close(rig);
}

// Texels of a chunk whose kind is ice, and whether its heights are those of the mean year.
static int icy_texels(float snow_line_m, const Chunk *mean, Chunk *out)
{
    static float kinds[CHUNK_TINT_SIDE * CHUNK_TINT_SIDE];
    const ChunkKey key = {.level = 4, .x = -28, .z = 51}; // between alps and plain
    Terrain *terrain;
    Arena scratch;
    TerrainDesc desc = {.seed = 42, .snow_line_m = -snow_line_m};
    assert_int_equal(terrain_create(&desc, &terrain), RESULT_OK);
    terrain_set_snow_line(terrain, snow_line_m); // what it was made with counts no more
    assert_true(arena_create(TERRAIN_SCRATCH_BYTES, OS_MEMORY_SCRATCH, &scratch));
    Source source = terrain_source(terrain);
    assert_int_equal(source.read(terrain, key, &scratch, NULL, out), RESULT_OK);
    arena_rewind(&scratch, 0);
    assert_int_equal(source.layer(terrain, key, SOURCE_LAYER_BIOME, &scratch, kinds), RESULT_OK);
    terrain_destroy(terrain);
    arena_destroy(&scratch);
    assert_memory_equal(out->heights, mean->heights, sizeof out->heights);
    int icy = 0;
    for (int i = 0; i < CHUNK_TINT_SIDE * CHUNK_TINT_SIDE; i++)
        icy += kinds[i] == (float)BIOME_ICE;
    return icy;
}

static void test_the_snow_line_moves_snow_alone(void **state)
{
    (void)state;
    Chunk *mean = malloc(sizeof *mean), *other = malloc(sizeof *other);
    assert_true(mean && other);
    int usual = icy_texels(0, mean, mean);
    assert_true(usual > 200 && usual < 3000);
    int winter = icy_texels(-800, mean, other);
    assert_true(winter > usual + 400);
    assert_memory_not_equal(other->tint, mean->tint, sizeof mean->tint);
    assert_true(icy_texels(800, mean, other) < usual / 2);
    free(mean);
    free(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chunks_equal_the_golden_hashes_at_every_width),
        cmocka_unit_test(test_noise_is_the_same_at_every_width),
        cmocka_unit_test(test_neighbours_agree_on_everything_they_share),
        cmocka_unit_test(test_coarse_heights_are_those_of_the_parent),
        cmocka_unit_test(test_levels_agree_in_the_mean),
        cmocka_unit_test(test_bounds_hold_every_height_and_nothing_is_clamped),
        cmocka_unit_test(test_ground_is_what_the_finest_chunk_shows),
        cmocka_unit_test(test_every_world_begins_on_land_near_mountains),
        cmocka_unit_test(test_slopes_have_no_preferred_direction),
        cmocka_unit_test(test_two_fifths_of_the_world_are_sea),
        cmocka_unit_test(test_reading_stops_when_cancelled_and_reports_limits),
        cmocka_unit_test(test_creation_reports_failures),
        cmocka_unit_test(test_a_world_keeps_no_more_than_it_says),
        cmocka_unit_test(test_a_chunk_is_the_same_whatever_was_made_before),
        cmocka_unit_test(test_the_snow_line_moves_snow_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
