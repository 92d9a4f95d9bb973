// Samples of a chunk and the heights between them.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rng.h"
#include "world/chunk.h"
#include <math.h>
#include <string.h>

static Chunk chunk;

// A plane that rises 3 quanta a sample eastwards and 5 southwards.
static void fill_plane(ChunkKey key)
{
    memset(&chunk, 0, sizeof chunk);
    chunk.key = key;
    chunk.base_m = -128.0f;
    chunk.quantum_m = 1.0f / 32.0f;
    for (int j = -CHUNK_APRON; j < CHUNK_ROWS - CHUNK_APRON; ++j) {
        for (int i = -CHUNK_APRON; i < CHUNK_STRIDE - CHUNK_APRON; ++i) {
            chunk.heights[chunk_index(i, j)] = (uint16_t)(1000 + 3 * i + 5 * j);
        }
    }
}

static void test_chunk_index_covers_the_heights_row_by_row(void **state)
{
    (void)state;
    assert_int_equal(chunk_index(-2, -2), 0);
    assert_int_equal(chunk_index(133, -2) + 1, chunk_index(-2, -1));
    assert_int_equal(chunk_index(133, 131), CHUNK_ROWS * CHUNK_STRIDE - 1);
}

static void test_chunk_height_at_equals_the_samples(void **state)
{
    (void)state;
    fill_plane((ChunkKey){-39063, 39062, 0}); // 10,000 km out
    for (int n = 0; n < CHUNK_SAMPLES * CHUNK_SAMPLES; ++n) {
        int i = n % CHUNK_SAMPLES, j = n / CHUNK_SAMPLES;
        chunk.heights[chunk_index(i, j)] = (uint16_t)rng_u64(1, 2, (uint64_t)n);
    }
    for (int n = 0; n < CHUNK_SAMPLES * CHUNK_SAMPLES; ++n) {
        int i = n % CHUNK_SAMPLES, j = n / CHUNK_SAMPLES;
        double x_m = -39063.0 * 256.0 + 2.0 * i, z_m = 39062.0 * 256.0 + 2.0 * j;
        float expected_m = chunk_height_m(&chunk, i, j);
        assert_true(fabsf(chunk_height_at_m(&chunk, x_m, z_m) - expected_m) < 1e-3f);
    }
}

static void test_chunk_height_at_is_linear_on_a_plane_at_every_level(void **state)
{
    (void)state;
    for (int level = 0; level <= CHUNK_KEY_LEVEL_MAX; level += level == 0 ? 2 : 1) {
        fill_plane((ChunkKey){-7, 3, level});
        double side_m = (double)chunk_key_side_m(level);
        for (uint64_t n = 0; n < 1000; ++n) {
            double u = (double)rng_range(1, 0, n, 0.0f, 128.0f);
            double v = (double)rng_range(1, 1, n, 0.0f, 128.0f);
            double x_m = -7.0 * side_m + u * side_m / 128.0;
            double z_m = 3.0 * side_m + v * side_m / 128.0;
            double expected_m = -128.0 + (1000.0 + 3.0 * u + 5.0 * v) / 32.0;
            assert_true(fabs((double)chunk_height_at_m(&chunk, x_m, z_m) - expected_m) < 1e-3);
        }
    }
}

static void test_chunk_height_at_blends_the_four_corners(void **state)
{
    (void)state;
    fill_plane((ChunkKey){0, 0, 0});
    chunk.base_m = 0.0f;
    chunk.quantum_m = 1.0f;
    chunk.heights[chunk_index(4, 6)] = 0;
    chunk.heights[chunk_index(5, 6)] = 100;
    chunk.heights[chunk_index(4, 7)] = 1000;
    chunk.heights[chunk_index(5, 7)] = 3000;
    // Sample (4.25, 6.5): between 25 on the north edge and 1500 on the south edge.
    assert_true(fabsf(chunk_height_at_m(&chunk, 8.5, 13.0) - 762.5f) < 1e-3f);
}

static void test_chunk_height_at_reaches_the_far_edges(void **state)
{
    (void)state;
    fill_plane((ChunkKey){0, 0, 0});
    assert_true(fabsf(chunk_height_at_m(&chunk, 256.0, 256.0) - chunk_height_m(&chunk, 128, 128)) <
                1e-3f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chunk_index_covers_the_heights_row_by_row),
        cmocka_unit_test(test_chunk_height_at_equals_the_samples),
        cmocka_unit_test(test_chunk_height_at_is_linear_on_a_plane_at_every_level),
        cmocka_unit_test(test_chunk_height_at_blends_the_four_corners),
        cmocka_unit_test(test_chunk_height_at_reaches_the_far_edges),
    };
    return cmocka_run_group_tests_name("chunk", tests, NULL, NULL);
}
