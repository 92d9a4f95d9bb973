#include "base/os_memory.h"
#include "heights.h"
#include "terrain/biome.h"
#include "terrain/river.h"
#include "terrain/terrain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

// A tilted plane, exact in the chunk's quantum: 1 m up for 4 m east, 1 m up for 8 m south.
static double plane_m(double x_m, double z_m)
{
    return x_m / 4 + z_m / 8;
}

static Result plane_read(void *object, ChunkKey key, Arena *scratch, const atomic_bool *cancelled,
                         Chunk *out)
{
    (void)scratch;
    (void)cancelled;
    const int64_t *broken = object;
    if (broken && key.x == *broken)
        return RESULT_IO;
    double side = (double)chunk_key_side_m(key.level), step = (double)chunk_spacing_m(key.level);
    double west = (double)key.x * side, north = (double)key.z * side;
    memset(out, 0, sizeof *out);
    out->key = key;
    double quanta_per_m = key.level > 3 ? 8 : 32; // 16 bits must hold the climb across the chunk
    out->quantum_m = (float)(1 / quanta_per_m);
    out->base_m = (float)plane_m(west, north) - 64;
    for (int j = -CHUNK_APRON; j < CHUNK_ROWS - CHUNK_APRON; j++) {
        for (int i = -CHUNK_APRON; i < CHUNK_STRIDE - CHUNK_APRON; i++) {
            double height = plane_m(west + i * step, north + j * step) - (double)out->base_m;
            out->heights[chunk_index(i, j)] = (uint16_t)lround(fmax(height, 0) * quanta_per_m);
        }
    }
    return RESULT_OK;
}

static const Source plane = {.name = "plane", .attribution = "", .read = plane_read};

static void levels_match_the_spacing(void **state)
{
    (void)state;
    assert_int_equal(heights_level(0.5), 0);
    assert_int_equal(heights_level(2), 0);
    assert_int_equal(heights_level(7.9), 0); // the 4 m level is not in use
    assert_int_equal(heights_level(8), 2);
    assert_int_equal(heights_level(30), 3);
    assert_int_equal(heights_level(1000), CHUNK_KEY_LEVEL_MAX);
}

static void check_plane(double x0, double z0, double x1, double z1, double spacing)
{
    Heights heights;
    HeightsDesc desc = {&plane, x0, z0, x1, z1, spacing, 2, SOURCE_LAYER_HEIGHT};
    assert_int_equal(heights_create(&desc, &heights, NULL), RESULT_OK);
    assert_int_equal(heights.width, (int)ceil((x1 - x0) / spacing - 1e-9));
    for (uint32_t j = 0; j < heights.height; j++) {
        for (uint32_t i = 0; i < heights.width; i++) {
            double want = plane_m(x0 + i * spacing, z0 + j * spacing);
            double got = (double)heights.values[(size_t)j * heights.width + i];
            assert_true(fabs(want - got) < 0.13);
        }
    }
    heights_destroy(&heights);
}

static void every_sample_is_filled_across_chunks(void **state)
{
    (void)state;
    check_plane(-300, -520, 300, 10, 2);
    check_plane(-100.3, 7.7, 411.1, 300.2, 1.7);
    check_plane(-5000, -5000, 5000, 5000, 130);
    check_plane(0, 0, 1, 1, 0.5);
}

static void rows_run_from_north_to_south(void **state)
{
    (void)state;
    Heights heights;
    HeightsDesc desc = {&plane, 0, 0, 512, 256, 64, 1, SOURCE_LAYER_HEIGHT};
    assert_int_equal(heights_create(&desc, &heights, NULL), RESULT_OK);
    assert_int_equal(heights.width, 8);
    assert_int_equal(heights.height, 4);
    assert_true(fabsf(heights.values[1] - 16) < 0.05f);
    assert_true(fabsf(heights.values[8] - 8) < 0.05f);
    heights_destroy(&heights);
}

static void broken_chunks_and_bad_bounds_are_said(void **state)
{
    (void)state;
    int64_t broken = 1;
    ResultText why = {0};
    Heights heights;
    Source source = plane;
    source.object = &broken;
    HeightsDesc desc = {&source, 0, 0, 1024, 256, 2, 2, SOURCE_LAYER_HEIGHT};
    uint64_t before = os_memory_stats().live_total_bytes;
    assert_int_equal(heights_create(&desc, &heights, &why), RESULT_IO);
    assert_non_null(strstr(why.text, "plane"));
    desc.x1_m = 0;
    assert_int_equal(heights_create(&desc, &heights, &why), RESULT_BAD_INPUT);
    desc.x1_m = 1e9;
    desc.z1_m = 1e9;
    assert_int_equal(heights_create(&desc, &heights, &why), RESULT_LIMIT);
    assert_true(os_memory_stats().live_total_bytes == before);
}

static void packing_clamps_and_counts(void **state)
{
    (void)state;
    uint64_t clamped = 0;
    const HeightsPacking *packing = heights_packing(SOURCE_LAYER_HEIGHT);
    assert_int_equal(heights_pack(packing, 0, &clamped), 8192);
    assert_int_equal(heights_pack(packing, -1024, &clamped), 0);
    assert_int_equal(heights_pack(packing, 7167.875f, &clamped), 65535);
    assert_int_equal(heights_pack(packing, 100.06f, &clamped), 8992);
    assert_int_equal(clamped, 0);
    assert_int_equal(heights_pack(packing, -1025, &clamped), 0);
    assert_int_equal(heights_pack(packing, 9000, &clamped), 65535);
    assert_int_equal(clamped, 2);
}

static void the_real_world_matches_its_ground(void **state)
{
    (void)state;
    Terrain *terrain = NULL;
    Heights heights;
    assert_int_equal(terrain_create(&(TerrainDesc){.seed = 42}, &terrain), RESULT_OK);
    Source source = terrain_source(terrain);
    HeightsDesc desc = {&source, -100, 300, 300, 500, 10, 2, SOURCE_LAYER_HEIGHT};
    assert_int_equal(heights_create(&desc, &heights, NULL), RESULT_OK);
    for (uint32_t j = 0; j < heights.height; j++) {
        for (uint32_t i = 0; i < heights.width; i++) {
            float ground = source.ground_m(source.object, -100 + i * 10.0, 300 + j * 10.0);
            // Level 2 samples lie 8 m apart: between them the ground may curve.
            assert_true(fabsf(ground - heights.values[(size_t)j * heights.width + i]) < 12);
        }
    }
    heights_destroy(&heights);
    terrain_destroy(terrain);
}

static Heights layer_of(const Source *source, SourceLayer layer)
{
    Heights out;
    HeightsDesc desc = {source, -40000, -40000, 40000, 40000, 400, 2, layer};
    assert_int_equal(heights_create(&desc, &out, NULL), RESULT_OK);
    return out;
}

static void layers_agree_with_the_ground(void **state)
{
    (void)state;
    Terrain *terrain = NULL;
    Heights layers[SOURCE_LAYER_COUNT];
    assert_int_equal(terrain_create(&(TerrainDesc){.seed = 7}, &terrain), RESULT_OK);
    Source source = terrain_source(terrain);
    for (int i = 0; i < SOURCE_LAYER_COUNT; i++)
        layers[i] = layer_of(&source, (SourceLayer)i);
    double warm[2] = {0};
    int high[2] = {0}, beds = 0, count = (int)(layers[0].width * layers[0].height);
    for (int i = 0; i < count; i++) {
        float height = layers[SOURCE_LAYER_HEIGHT].values[i];
        float biome = layers[SOURCE_LAYER_BIOME].values[i];
        float moisture = layers[SOURCE_LAYER_MOISTURE].values[i];
        float flow = layers[SOURCE_LAYER_FLOW].values[i];
        assert_true(biome == floorf(biome) && biome >= 0 && biome < BIOME_KIND_COUNT);
        assert_true(moisture >= 0 && moisture <= 1 && flow >= 0 && flow <= RIVER_LATTICES);
        warm[height > 1000] += (double)layers[SOURCE_LAYER_TEMPERATURE].values[i];
        high[height > 1000]++;
        beds += flow > 0.5f;
    }
    assert_true(high[0] > 100 && high[1] > 100);
    assert_true(warm[0] / high[0] > warm[1] / high[1] + 3);
    assert_true(beds * 50 > count && beds * 2 < count);
    for (int i = 0; i < SOURCE_LAYER_COUNT; i++)
        heights_destroy(&layers[i]);
    terrain_destroy(terrain);
}

static void a_world_without_layers_says_so(void **state)
{
    (void)state;
    ResultText why = {0};
    Heights heights;
    HeightsDesc desc = {&plane, 0, 0, 1024, 256, 2, 2, SOURCE_LAYER_FLOW};
    assert_int_equal(heights_create(&desc, &heights, &why), RESULT_UNSUPPORTED);
    assert_non_null(strstr(why.text, "plane"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(levels_match_the_spacing),
        cmocka_unit_test(every_sample_is_filled_across_chunks),
        cmocka_unit_test(rows_run_from_north_to_south),
        cmocka_unit_test(broken_chunks_and_bad_bounds_are_said),
        cmocka_unit_test(packing_clamps_and_counts),
        cmocka_unit_test(the_real_world_matches_its_ground),
        cmocka_unit_test(layers_agree_with_the_ground),
        cmocka_unit_test(a_world_without_layers_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
