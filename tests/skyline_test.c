// How high the land stands against the sky: shadows of made-up land whose skyline is known, and the real one's.
#include "terrain/skyline.h"
#include "terrain/terrain.h"
#include "terrain/terrain_kernel.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SIDE CHUNK_SKYLINE_SIDE
#define TEXELS_PER_CHUNK 32

typedef double (*LandFn)(double x_m, double z_m);

typedef struct Rig {
    Vista *vista;
    Arena scratch;
    LandFn land;
    uint32_t maps[2][SIDE * SIDE], others[2][SIDE * SIDE];
    Chunk a, b;
} Rig;

static Result fill_land(const void *object, int level, int64_t x, int64_t z, Arena *scratch,
                        float *out_m)
{
    (void)scratch;
    const Rig *rig = object;
    double spacing_m = (double)chunk_spacing_m(level);
    for (int j = 0; j < VISTA_SIDE; j++)
        for (int i = 0; i < VISTA_SIDE; i++)
            out_m[j * VISTA_SIDE + i] =
                (float)rig->land((double)(x + i) * spacing_m, (double)(z + j) * spacing_m);
    return RESULT_OK;
}

static int set_up(void **state)
{
    Rig *rig = calloc(1, sizeof *rig);
    if (!rig || !arena_create(TERRAIN_SCRATCH_BYTES, OS_MEMORY_SCRATCH, &rig->scratch))
        return -1;
    *state = rig;
    return vista_create(&(VistaDesc){fill_land, rig}, &rig->vista) == RESULT_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    Rig *rig = *state;
    vista_destroy(rig->vista);
    arena_destroy(&rig->scratch);
    free(rig);
    return 0;
}

static void sweep(Rig *rig, const TerrainKernel *kernel, ChunkKey key, uint32_t out[2][SIDE * SIDE])
{
    Skyline skyline;
    arena_rewind(&rig->scratch, 0);
    assert_int_equal(skyline_gather(rig->vista, key, &rig->scratch, &skyline), RESULT_OK);
    kernel->skyline(&skyline, out);
}

static double sine_at(uint32_t maps[2][SIDE * SIDE], int texel, int azimuth)
{
    return (maps[azimuth / 4][texel] >> azimuth % 4 * 8 & 255u) * (double)CHUNK_SKYLINE_SINE /
           255.0;
}

static double texel_m(int level)
{
    return 4.0 * (double)chunk_spacing_m(level);
}

static double flat(double x_m, double z_m)
{
    (void)x_m;
    (void)z_m;
    return 120.0;
}

static void test_nothing_stands_above_flat_land(void **state)
{
    Rig *rig = *state;
    rig->land = flat;
    for (int level = 0; level <= CHUNK_KEY_LEVEL_MAX; level += level == 0 ? 2 : 1) {
        memset(rig->maps, 0xff, sizeof rig->maps);
        sweep(rig, &terrain_kernel_scalar, (ChunkKey){-7, 3, level}, rig->maps);
        for (int i = 0; i < SIDE * SIDE; i++)
            assert_int_equal(rig->maps[0][i] | rig->maps[1][i], 0);
    }
}

// A ridge 40 texels of its level wide and a sixth of that high, along the axis or the diagonal.
static double ridge_step_m, ridge_slant;

static double ridge_away(double x_m, double z_m)
{
    return (x_m + ridge_slant * z_m) / sqrt(1.0 + ridge_slant * ridge_slant);
}

static double ridge(double x_m, double z_m)
{
    double away = fabs(ridge_away(x_m, z_m)) / (20.0 * ridge_step_m);
    return away < 1.0 ? 20.0 / 3.0 * ridge_step_m * (1.0 - away) * (1.0 + away) : 0.0;
}

// Greatest sine towards the ridge's crest from `away_m` west of it, by a fine search.
static double ridge_sine(double away_m)
{
    double best = 0.0;
    for (double run_m = 0.05 * ridge_step_m; run_m < away_m + ridge_step_m;
         run_m += 0.05 * ridge_step_m) {
        double x = -away_m, step = run_m, across = 1.0 / sqrt(1.0 + ridge_slant * ridge_slant);
        double from = ridge(x * across, x * across * ridge_slant);
        double to = ridge((x + step) * across, (x + step) * across * ridge_slant);
        double rise = (to - from) / run_m;
        best = fmax(best, rise / sqrt(1.0 + rise * rise));
    }
    return best;
}

// Walks away from the crest, over chunks; returns where the sun comes over it.
static double shadow_end_m(Rig *rig, int level, int azimuth, double sun)
{
    double step_m = texel_m(level) * (ridge_slant > 0.0 ? sqrt(2.0) : 1.0), last = 0.0;
    for (int chunk = -1; chunk >= -6; chunk--) {
        int64_t z = ridge_slant > 0.0 ? chunk : 2;
        sweep(rig, &terrain_kernel_scalar, (ChunkKey){chunk, z, level}, rig->maps);
        for (int i = TEXELS_PER_CHUNK; i > 0; i--) {
            int row = ridge_slant > 0.0 ? i : 9;
            double sine = sine_at(rig->maps, row * SIDE + i, azimuth);
            if (sine < sun && last >= sun)
                return (-(double)chunk * TEXELS_PER_CHUNK - (i - 1) -
                        (sun - sine) / (last - sine)) *
                       step_m;
            last = sine;
        }
    }
    return 0.0;
}

static void check_ridge(Rig *rig, int level, int azimuth, double sun_deg)
{
    double sun = sin(sun_deg * 0.01745329252), low = 0.0, high = 400.0 * ridge_step_m;
    for (int i = 0; i < 40; i++) {
        double middle = 0.5 * (low + high);
        if (ridge_sine(middle) > sun || middle < 12.0 * ridge_step_m)
            low = middle;
        else
            high = middle;
    }
    double found_m = shadow_end_m(rig, level, azimuth, sun);
    print_message("level %d, sun at %2.0f: shadow %6.0f m, should be %6.0f\n", level, sun_deg,
                  found_m, low);
    // A texel, and what lies between two places that are looked at: a third of a degree in the lowest sun.
    assert_true(fabs(found_m - low) < 1.5 * texel_m(level) + 0.1 * low);
}

static void test_a_ridge_casts_a_shadow_of_the_right_length(void **state)
{
    Rig *rig = *state;
    rig->land = ridge;
    for (int level = 0; level <= 4; level += 2) {
        for (int slanted = 0; slanted < 2; slanted++) {
            ridge_step_m = texel_m(level);
            ridge_slant = slanted;
            vista_destroy(rig->vista);
            assert_int_equal(vista_create(&(VistaDesc){fill_land, rig}, &rig->vista), RESULT_OK);
            for (int sun = 4; sun <= 16; sun += 4)
                check_ridge(rig, level, slanted ? 3 : 2, sun);
            // Beyond the crest there is nothing towards the other side.
            assert_true(sine_at(rig->maps, 9 * SIDE + 5, slanted ? 7 : 6) == 0.0);
        }
    }
}

static double rough(double x_m, double z_m)
{
    return 900.0 + 600.0 * sin(x_m / 2100.0) * cos(z_m / 1700.0) +
           90.0 * sin(x_m / 170.0 + z_m / 230.0) + 9.0 * sin(x_m / 23.0 - z_m / 31.0);
}

static void test_every_width_gives_the_same_bits(void **state)
{
    static const TerrainKernel *const kernels[TERRAIN_WIDTH_COUNT] = {
        [TERRAIN_WIDTH_SSE2] = &terrain_kernel_sse2,
        [TERRAIN_WIDTH_AVX2] = &terrain_kernel_avx2,
        [TERRAIN_WIDTH_AVX512] = &terrain_kernel_avx512,
    };
    Rig *rig = *state;
    rig->land = rough;
    for (int level = 0; level <= CHUNK_KEY_LEVEL_MAX; level += level == 0 ? 2 : 1) {
        ChunkKey key = {5, -9, level};
        sweep(rig, &terrain_kernel_scalar, key, rig->maps);
        for (int width = TERRAIN_WIDTH_SSE2; width < TERRAIN_WIDTH_COUNT; width++) {
            if (!terrain_width_supported((TerrainWidth)width))
                continue;
            sweep(rig, kernels[width], key, rig->others);
            assert_memory_equal(rig->maps, rig->others, sizeof rig->maps);
        }
    }
}

static void test_neighbours_agree_where_they_meet(void **state)
{
    Rig *rig = *state;
    rig->land = rough;
    for (int level = 0; level <= CHUNK_KEY_LEVEL_MAX; level += level == 0 ? 2 : 1) {
        sweep(rig, &terrain_kernel_scalar, (ChunkKey){-1, -3, level}, rig->maps);
        sweep(rig, &terrain_kernel_scalar, (ChunkKey){0, -2, level}, rig->others);
        // The corner that both hold.
        for (int k = 0; k < 2; k++)
            for (int j = 0; j < SIDE - TEXELS_PER_CHUNK; j++)
                assert_memory_equal(rig->maps[k] + (j + TEXELS_PER_CHUNK) * SIDE + TEXELS_PER_CHUNK,
                                    rig->others[k] + j * SIDE,
                                    sizeof(uint32_t) * (SIDE - TEXELS_PER_CHUNK));
    }
}

static void test_what_is_kept_changes_no_bit(void **state)
{
    Rig *rig = *state;
    rig->land = rough;
    ChunkKey key = {40, 41, 2};
    sweep(rig, &terrain_kernel_scalar, key, rig->maps);
    // Enough others to drive out every tile, and again.
    for (int i = 0; i < 40; i++)
        sweep(rig, &terrain_kernel_scalar, (ChunkKey){1000 + 200 * i, 0, 0}, rig->others);
    sweep(rig, &terrain_kernel_scalar, key, rig->others);
    assert_memory_equal(rig->maps, rig->others, sizeof rig->maps);
}

static void test_too_little_scratch_is_said(void **state)
{
    Rig *rig = *state;
    rig->land = rough;
    Skyline skyline;
    Arena little = {.memory = rig->scratch.memory, .capacity_bytes = 20000};
    assert_int_equal(skyline_gather(rig->vista, (ChunkKey){9, 9, 0}, &little, &skyline),
                     RESULT_OUT_OF_MEMORY);
}

// -- the real land -----------------------------------------------------------

// -- the real land -----------------------------------------------------------

#define FAR_LEVEL 6
#define FAR_SIDE (3 * (CHUNK_SAMPLES - 1) + 1)
#define FAR_SAMPLES_M 20000.0 // about as far as skylines look; the nine chunks reach no farther

static void read_land(Rig *rig, const Source *source, ChunkKey key, Chunk *out)
{
    arena_rewind(&rig->scratch, 0);
    assert_int_equal(source->read(source->object, key, &rig->scratch, NULL, out), RESULT_OK);
}

// Three by three chunks of the coarsest level around (1, 1): their samples lie as far apart as texels of level 4.
static float *far_land(Rig *rig, const Source *source)
{
    float *land = calloc(FAR_SIDE * FAR_SIDE, sizeof *land);
    assert_non_null(land);
    for (int c = 0; c < 9; c++) {
        ChunkKey key = {c % 3, c / 3, FAR_LEVEL};
        arena_rewind(&rig->scratch, 0);
        assert_int_equal(source->read(source->object, key, &rig->scratch, NULL, &rig->b),
                         RESULT_OK);
        for (int j = 0; j < CHUNK_SAMPLES; j++)
            for (int i = 0; i < CHUNK_SAMPLES; i++)
                land[(c / 3 * (CHUNK_SAMPLES - 1) + j) * FAR_SIDE + c % 3 * (CHUNK_SAMPLES - 1) +
                     i] = fmaxf(chunk_height_m(&rig->b, i, j), 0.0f);
    }
    return land;
}

#define SOFT_EDGE 0.026 // sine of the 1.5 degrees that a shadow's edge takes

static double searched_sine(const float *land, int x, int z, int azimuth)
{
    static const int ways[CHUNK_AZIMUTHS][2] = {{0, -1}, {1, -1}, {1, 0},  {1, 1},
                                                {0, 1},  {-1, 1}, {-1, 0}, {-1, -1}};
    const int *way = ways[azimuth];
    double step_m = (double)chunk_spacing_m(FAR_LEVEL) * (azimuth % 2 == 0 ? 1.0 : sqrt(2.0));
    double best = 0.0, here = (double)land[z * FAR_SIDE + x];
    for (int k = 1; k * step_m <= FAR_SAMPLES_M; k++) {
        double far = (double)land[(z + k * way[1]) * FAR_SIDE + x + k * way[0]], run_m = k * step_m;
        best = fmax(best, (far - here) / run_m);
    }
    return best / sqrt(1.0 + best * best);
}

static void test_the_land_stands_as_high_as_a_full_search_says(void **state)
{
    Rig *rig = *state;
    for (uint64_t seed = 42; seed < 44; seed++) {
        Terrain *terrain;
        assert_int_equal(terrain_create(&(TerrainDesc){.seed = seed}, &terrain), RESULT_OK);
        Source source = terrain_source(terrain);
        float *land = far_land(rig, &source);
        ChunkKey key = {6, 5, 4}; // among 4 .. 7, the middle one's
        read_land(rig, &source, key, &rig->a);
        double sum = 0.0, size = 0.0, high = 0.0;
        int count = 0, far_off = 0;
        for (int texel = 0; texel < SIDE * SIDE; texel++)
            for (int k = 0; k < CHUNK_AZIMUTHS; k++) {
                int x = (int)key.x * TEXELS_PER_CHUNK + texel % SIDE - 1;
                int z = (int)key.z * TEXELS_PER_CHUNK + texel / SIDE - 1;
                double truth = searched_sine(land, x, z, k);
                double off = sine_at(rig->a.skyline, texel, k) - fmin(truth, 0.8);
                sum += off;
                size += fabs(off);
                high += truth;
                far_off += fabs(off) > SOFT_EDGE;
                count++;
            }
        print_message(
            "mean sine %.4f, off by %.4f, %+.4f in the mean; %.2f %% by over a shadow's edge\n",
            high / count, size / count, sum / count, 100.0 * far_off / count);
        assert_true(size < 0.05 * high && fabs(sum) < 0.04 * high);
        assert_true(far_off < count / 8);
        free(land);
        terrain_destroy(terrain);
    }
}

// What a coarser level's map is made of where a finer one takes over: a tent over its texels.
static double tent_sine(uint32_t maps[2][SIDE * SIDE], int x, int z, int azimuth)
{
    double sum = 0.0;
    for (int j = -1; j <= 1; j++)
        for (int i = -1; i <= 1; i++)
            sum += (double)((2 - abs(i)) * (2 - abs(j))) *
                   sine_at(maps, (z + j) * SIDE + x + i, azimuth);
    return sum / 16.0;
}

typedef struct Gap {
    double sum, size, high; // finer less coarser, its absolute value, the coarser
    int count;
} Gap;

// Adds the finer chunk's quarter of the coarser one.
static void add_gap(Rig *rig, int texel, Gap *gap)
{
    const int half = TEXELS_PER_CHUNK / 2;
    int x = texel % half + 1, z = texel / half + 1;
    for (int k = 0; k < CHUNK_AZIMUTHS; k++) {
        double coarse = sine_at(rig->b.skyline, z * SIDE + x + half, k);
        double off = tent_sine(rig->a.skyline, 2 * x - 1, 2 * z - 1, k) - coarse;
        gap->sum += off;
        gap->size += fabs(off);
        gap->high += coarse;
        gap->count++;
    }
}

static void test_levels_agree_in_the_mean(void **state)
{
    Rig *rig = *state;
    Terrain *terrain;
    assert_int_equal(terrain_create(&(TerrainDesc){.seed = 42}, &terrain), RESULT_OK);
    Source source = terrain_source(terrain);
    for (int level = 2; level < CHUNK_KEY_LEVEL_MAX; level++) {
        Gap gap = {0};
        for (int chunk = 0; chunk < 4; chunk++) {
            ChunkKey parent = {(chunk * 5 - 9) * 16 >> level, (7 - chunk) * 16 >> level, level + 1};
            read_land(rig, &source, (ChunkKey){2 * parent.x + 1, 2 * parent.z, level}, &rig->a);
            read_land(rig, &source, parent, &rig->b);
            for (int i = 0; i < TEXELS_PER_CHUNK * TEXELS_PER_CHUNK / 4; i++)
                add_gap(rig, i, &gap);
        }
        print_message("level %d: mean sine %.4f, the next off by %.4f, %+.4f in the mean\n", level,
                      gap.high / gap.count, gap.size / gap.count, gap.sum / gap.count);
        // Small valleys are too narrow for coarse samples: each level loses a little.
        assert_true(fabs(gap.sum) < 0.2 * gap.high && gap.size < 0.3 * gap.high);
    }
    terrain_destroy(terrain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_nothing_stands_above_flat_land, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_ridge_casts_a_shadow_of_the_right_length, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_every_width_gives_the_same_bits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_neighbours_agree_where_they_meet, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_is_kept_changes_no_bit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_too_little_scratch_is_said, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_the_land_stands_as_high_as_a_full_search_says, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_levels_agree_in_the_mean, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
