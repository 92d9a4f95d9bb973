// Sparse reads: tiles that show only every second sample are the same land from a quarter of the heights.
#include "mesh/tile_build.h"
#include "terrain_rig.h"
#include "world/lod.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TILE_BYTES (256 * 1024)

// In the first the lowest sample is an odd one, so the bases differ.
static const ChunkKey KEYS[] = {
    {15, -41, 0}, {37, -41, 0}, {-1, -1, 0},          {5, 6, 0},    {39062500, -39062500, 0},
    {-9, 11, 2},  {-2, 3, 3},   {0, -1, 4},           {-28, 51, 4}, {-1, -1, 5},
    {0, 0, 6},    {-3, 2, 6},   {-610352, 610351, 6},
};
#define KEY_COUNT (int)(sizeof KEYS / sizeof KEYS[0])

static void read_both(TerrainRig *rig, ChunkKey key)
{
    terrain_rig_read(rig, key, &rig->a);
    memset(&rig->b, 0xff, sizeof rig->b);
    arena_rewind(&rig->scratch, 0);
    assert_int_equal(rig->source.read_sparse(rig->source.object, key, &rig->scratch, NULL, &rig->b),
                     RESULT_OK);
}

// Even samples lie at even places; what lies between repeats its neighbours.
static void check_samples(const Chunk *full, const Chunk *sparse)
{
    for (int j = -2; j <= 131; j++)
        for (int i = -2; i <= 133; i++)
            assert_true(chunk_height_m(sparse, i, j) == chunk_height_m(full, i & ~1, j & ~1));
    for (int j = 0; j < CHUNK_COARSE_SIDE; j++)
        for (int i = 0; i < CHUNK_COARSE_SIDE; i++) {
            int at = j * CHUNK_COARSE_SIDE + i;
            bool used = full->key.level || (i < 17 && j < 17);
            assert_true(!used || sparse->base_m + sparse->quantum_m * sparse->coarse[at] ==
                                     full->base_m + full->quantum_m * full->coarse[at]);
        }
    assert_true(sparse->min_m >= full->min_m && sparse->max_m <= full->max_m);
    assert_true(sparse->max_m - sparse->min_m > 0.5f * (full->max_m - full->min_m));
}

static void test_a_sparse_chunk_has_the_even_samples_and_all_else(void **state)
{
    (void)state;
    for (int width = TERRAIN_WIDTH_SCALAR; width < TERRAIN_WIDTH_COUNT; width++) {
        if (!terrain_width_supported((TerrainWidth)width))
            continue;
        TerrainRig *rig = terrain_rig_open(42, (TerrainWidth)width);
        for (int k = 0; k < KEY_COUNT; k++) {
            read_both(rig, KEYS[k]);
            check_samples(&rig->a, &rig->b);
            assert_true(rig->b.sparse && !rig->a.sparse);
            assert_int_equal(rig->a.base_m == rig->b.base_m, k > 0);
            assert_int_equal(rig->b.fresh, rig->a.fresh);
            assert_memory_equal(rig->b.tint, rig->a.tint, sizeof rig->a.tint);
            assert_memory_equal(rig->b.matter, rig->a.matter, sizeof rig->a.matter);
            assert_memory_equal(rig->b.skyline, rig->a.skyline, sizeof rig->a.skyline);
        }
        terrain_rig_close(rig);
    }
}

// Both bases are the same for these keys, so that equal tiles have equal bytes.
static int compare_tiles(TerrainRig *rig, int map_shift, uint8_t *out[2])
{
    int compared = 0;
    assert_true(rig->a.base_m == rig->b.base_m);
    for (int lod = 0; lod < LOD_COUNT; lod++) {
        TileLayout layout = tile_layout(lod_grid(lod), map_shift);
        assert_true(layout.bytes <= TILE_BYTES);
        if (lod_key_level(lod) != rig->a.key.level)
            continue;
        const Chunk *chunks[2] = {&rig->a, &rig->b};
        for (int i = 0; i < 2; i++) {
            arena_rewind(&rig->scratch, 0);
            tile_build(chunks[i], lod, &layout, &rig->scratch, out[i]);
        }
        bool same = memcmp(out[0], out[1], layout.bytes) == 0;
        assert_int_equal(same, tile_takes_sparse(&layout));
        compared += same;
    }
    return compared;
}

static void test_tiles_that_take_sparse_chunks_are_the_same_bytes(void **state)
{
    (void)state;
    TerrainRig *rig = terrain_rig_open(42, TERRAIN_WIDTH_BEST);
    uint8_t *out[2] = {aligned_alloc(64, TILE_BYTES), aligned_alloc(64, TILE_BYTES)};
    int same[2] = {0, 0}, near = 0;
    for (int k = 1; k < KEY_COUNT; k++) {
        read_both(rig, KEYS[k]);
        rig->b.sparse =
            false; // so that what it does not suffice for can be built and compared, too
        for (int shift = 0; shift < 2; shift++)
            same[shift] += compare_tiles(rig, shift, out);
        near += KEYS[k].level == 0;
    }
    assert_int_equal(same[0], near);                            // L2
    assert_int_equal(same[1], 2 * near + KEY_COUNT - 1 - near); // L1, L2 and the rings
    free(out[0]);
    free(out[1]);
    terrain_rig_close(rig);
}

static void test_a_sparse_read_stops_when_cancelled_and_reports_limits(void **state)
{
    (void)state;
    TerrainRig *rig = terrain_rig_open(42, TERRAIN_WIDTH_BEST);
    atomic_bool cancelled;
    atomic_init(&cancelled, true);
    assert_int_equal(rig->source.read_sparse(rig->source.object, (ChunkKey){0, 0, 0}, &rig->scratch,
                                             &cancelled, &rig->a),
                     RESULT_CANCELLED);
    assert_int_equal(rig->source.read_sparse(rig->source.object,
                                             (ChunkKey){CHUNK_KEY_COORD_MAX, 0, 0}, &rig->scratch,
                                             NULL, &rig->a),
                     RESULT_LIMIT);
    terrain_rig_close(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_sparse_chunk_has_the_even_samples_and_all_else),
        cmocka_unit_test(test_tiles_that_take_sparse_chunks_are_the_same_bytes),
        cmocka_unit_test(test_a_sparse_read_stops_when_cancelled_and_reports_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
