// Keys near, far, negative and at the limit.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rng.h"
#include "dies.h"
#include "sort_u64.h"
#include "world/chunk_key.h"
#include <math.h>
#include <stdlib.h>

static const int levels[] = {0, 2, 3, 4, 5, 6};
#define LEVELS 6

static void test_chunk_key_floors_negative_and_edge_points(void **state)
{
    (void)state;
    assert_true(chunk_key_equal(chunk_key_at(0, 0.0, 255.999), (ChunkKey){0, 0, 0}));
    assert_true(chunk_key_equal(chunk_key_at(0, 256.0, -0.001), (ChunkKey){1, -1, 0}));
    assert_true(chunk_key_equal(chunk_key_at(0, -256.0, -256.001), (ChunkKey){-1, -2, 0}));
    assert_true(chunk_key_equal(chunk_key_at(2, -1.0, 1024.0), (ChunkKey){-1, 1, 2}));
    assert_true(chunk_key_equal(chunk_key_at(6, -16384.0, 16383.9), (ChunkKey){-1, 0, 6}));
}

static void test_chunk_key_is_exact_at_10000_km(void **state)
{
    (void)state;
    for (int sign = -1; sign <= 1; sign += 2) {
        for (int l = 0; l < LEVELS; ++l) {
            double side_m = (double)chunk_key_side_m(levels[l]);
            double corner_m = sign * ceil(1e7 / side_m) * side_m;
            int64_t unit = (int64_t)(corner_m / side_m);
            double before_m = nextafter(corner_m, -INFINITY);
            assert_int_equal(chunk_key_at(levels[l], corner_m, 0.0).x, unit);
            assert_int_equal(chunk_key_at(levels[l], 0.0, before_m).z, unit - 1);
        }
    }
}

static void test_chunk_key_is_exact_next_to_its_limit(void **state)
{
    (void)state;
    for (int sign = -1; sign <= 1; sign += 2) {
        for (int l = 0; l < LEVELS; ++l) {
            ChunkKey key = {sign * (CHUNK_KEY_COORD_MAX - 1), -sign * (CHUNK_KEY_COORD_MAX - 2),
                            levels[l]};
            double side_m = (double)chunk_key_side_m(levels[l]);
            double x_m = (double)key.x * side_m, z_m = (double)key.z * side_m;
            assert_true(chunk_key_equal(chunk_key_at(levels[l], x_m, z_m), key));
            double inside_m = side_m / 2;
            assert_true(
                chunk_key_equal(chunk_key_at(levels[l], x_m + inside_m, z_m + inside_m), key));
            assert_true(chunk_key_distance_m(key, x_m - side_m, z_m) == side_m);
        }
    }
}

static void test_chunk_key_parent_of_level_0_is_level_2_by_floor(void **state)
{
    (void)state;
    assert_true(chunk_key_equal(chunk_key_parent((ChunkKey){3, 4, 0}), (ChunkKey){0, 1, 2}));
    assert_true(chunk_key_equal(chunk_key_parent((ChunkKey){-1, -4, 0}), (ChunkKey){-1, -1, 2}));
    assert_true(chunk_key_equal(chunk_key_parent((ChunkKey){-5, -8, 0}), (ChunkKey){-2, -2, 2}));
    assert_true(chunk_key_equal(chunk_key_parent((ChunkKey){-1, 3, 2}), (ChunkKey){-1, 1, 3}));
    assert_true(chunk_key_equal(chunk_key_parent((ChunkKey){-3, -2, 5}), (ChunkKey){-2, -1, 6}));
}

static void test_chunk_key_parent_is_the_coarser_chunk_at_the_same_point(void **state)
{
    (void)state;
    for (uint64_t n = 0; n < 5000; ++n) {
        double x_m = (double)rng_range(5, 0, n, -1e7f, 1e7f);
        double z_m = (double)rng_range(5, 1, n, -1e7f, 1e7f);
        for (int l = 0; l + 1 < LEVELS; ++l) {
            ChunkKey key = chunk_key_at(levels[l], x_m, z_m);
            assert_true(
                chunk_key_equal(chunk_key_parent(key), chunk_key_at(levels[l + 1], x_m, z_m)));
        }
    }
}

static void test_chunk_key_children_tile_their_parent(void **state)
{
    (void)state;
    for (int l = 1; l < LEVELS; ++l) {
        ChunkKey parent = {-3, 7, levels[l]};
        int side = chunk_key_children_side(levels[l]);
        assert_int_equal(side, levels[l] == 2 ? 4 : 2);
        for (int n = 0; n < side * side; ++n) {
            int i = n % side, j = n / side;
            ChunkKey child = chunk_key_child(parent, i, j);
            assert_int_equal(child.level, levels[l - 1]);
            assert_true(chunk_key_equal(chunk_key_parent(child), parent));
            int64_t child_m = chunk_key_side_m(child.level);
            assert_int_equal(child.x * child_m,
                             parent.x * chunk_key_side_m(parent.level) + i * child_m);
            assert_int_equal(child.z * child_m,
                             parent.z * chunk_key_side_m(parent.level) + j * child_m);
        }
    }
}

static void test_chunk_key_distance_is_zero_inside_and_exact_outside(void **state)
{
    (void)state;
    ChunkKey key = {-2, 1, 0}; // x -512 .. -256, z 256 .. 512
    assert_true(chunk_key_distance_m(key, -300.0, 400.0) == 0.0);
    assert_true(chunk_key_distance_m(key, -256.0, 512.0) == 0.0);
    assert_true(chunk_key_distance_m(key, -612.0, 300.0) == 100.0);
    assert_true(chunk_key_distance_m(key, -253.0, 252.0) == 5.0);
    ChunkKey far_key = chunk_key_at(0, 1e7, -1e7);
    double x_m = (double)far_key.x * 256.0, z_m = (double)far_key.z * 256.0;
    assert_true(chunk_key_distance_m(far_key, x_m - 0.5, z_m + 3.0) == 0.5);
}

static void test_chunk_key_hash_has_no_collisions_among_keys_of_a_world(void **state)
{
    (void)state;
    enum { SIDE = 200, COUNT = SIDE * SIDE * LEVELS };
    uint64_t *hashes = malloc(COUNT * sizeof *hashes);
    assert_non_null(hashes);
    for (int n = 0; n < COUNT; ++n) {
        ChunkKey key = {39000 + n % SIDE - SIDE / 2, n / SIDE % SIDE - SIDE / 2,
                        levels[n / (SIDE * SIDE)]};
        hashes[n] = chunk_key_hash(key);
    }
    sort_u64(hashes, COUNT);
    int equal = 0;
    for (int n = 1; n < COUNT; ++n) {
        equal += hashes[n] == hashes[n - 1];
    }
    free(hashes);
    assert_int_equal(equal, 0);
}

static void test_chunk_key_hash_fills_the_buckets_of_a_table_evenly(void **state)
{
    (void)state;
    // 4 keys a bucket: with a good hash chi-squared is about the number of buckets, deviation sqrt(2 n) = 91.
    enum { BUCKETS = 4096, SIDE = 128 };
    static int low[BUCKETS], high[BUCKETS];
    for (int n = 0; n < SIDE * SIDE; ++n) {
        uint64_t hash = chunk_key_hash((ChunkKey){n % SIDE - 64, n / SIDE - 64, 0});
        low[hash % BUCKETS] += 1;
        high[hash >> 52] += 1;
    }
    double chi_low = 0.0, chi_high = 0.0;
    for (int n = 0; n < BUCKETS; ++n) {
        chi_low += (low[n] - 4) * (low[n] - 4) / 4.0;
        chi_high += (high[n] - 4) * (high[n] - 4) / 4.0;
    }
    assert_true(fabs(chi_low - BUCKETS) < 6 * 91 && fabs(chi_high - BUCKETS) < 6 * 91);
}

static void test_chunk_key_hash_changes_half_of_its_bits(void **state)
{
    (void)state;
    for (int bit = 0; bit < 20; ++bit) {
        int changed_x = 0, changed_z = 0;
        for (uint64_t n = 0; n < 500; ++n) {
            ChunkKey key = {(int64_t)(rng_u64(9, 0, n) >> 30) - (1 << 30),
                            (int64_t)(rng_u64(9, 1, n) >> 30) - (1 << 30), levels[n % LEVELS]};
            ChunkKey x = key, z = key;
            x.x ^= INT64_C(1) << bit;
            z.z ^= INT64_C(1) << bit;
            changed_x += __builtin_popcountll(chunk_key_hash(key) ^ chunk_key_hash(x));
            changed_z += __builtin_popcountll(chunk_key_hash(key) ^ chunk_key_hash(z));
        }
        assert_true(abs(changed_x - 500 * 32) < 500 && abs(changed_z - 500 * 32) < 500);
    }
}

static void test_chunk_key_equal_looks_at_every_field(void **state)
{
    (void)state;
    ChunkKey key = {1, 2, 3};
    assert_true(chunk_key_equal(key, (ChunkKey){1, 2, 3}));
    assert_false(chunk_key_equal(key, (ChunkKey){2, 2, 3}));
    assert_false(chunk_key_equal(key, (ChunkKey){1, 3, 3}));
    assert_false(chunk_key_equal(key, (ChunkKey){1, 2, 4}));
}

static void use_level_1(void)
{
    (void)chunk_key_at(1, 0.0, 0.0);
}

static void use_parent_of_root(void)
{
    (void)chunk_key_parent((ChunkKey){0, 0, CHUNK_KEY_LEVEL_MAX});
}

static void use_child_of_leaf(void)
{
    (void)chunk_key_child((ChunkKey){0, 0, 0}, 0, 0);
}

static void use_point_beyond_the_limit(void)
{
    (void)chunk_key_at(0, 0x1p53, 0.0);
}

static void use_not_a_number(void)
{
    (void)chunk_key_at(0, 0.0, (double)NAN);
}

static void test_chunk_key_misuse_dies(void **state)
{
    (void)state;
    assert_true(dies(use_level_1));
    assert_true(dies(use_parent_of_root));
    assert_true(dies(use_child_of_leaf));
    assert_true(dies(use_point_beyond_the_limit));
    assert_true(dies(use_not_a_number));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chunk_key_floors_negative_and_edge_points),
        cmocka_unit_test(test_chunk_key_is_exact_at_10000_km),
        cmocka_unit_test(test_chunk_key_is_exact_next_to_its_limit),
        cmocka_unit_test(test_chunk_key_parent_of_level_0_is_level_2_by_floor),
        cmocka_unit_test(test_chunk_key_parent_is_the_coarser_chunk_at_the_same_point),
        cmocka_unit_test(test_chunk_key_children_tile_their_parent),
        cmocka_unit_test(test_chunk_key_distance_is_zero_inside_and_exact_outside),
        cmocka_unit_test(test_chunk_key_hash_has_no_collisions_among_keys_of_a_world),
        cmocka_unit_test(test_chunk_key_hash_fills_the_buckets_of_a_table_evenly),
        cmocka_unit_test(test_chunk_key_hash_changes_half_of_its_bits),
        cmocka_unit_test(test_chunk_key_equal_looks_at_every_field),
        cmocka_unit_test(test_chunk_key_misuse_dies),
    };
    return cmocka_run_group_tests_name("chunk_key", tests, NULL, NULL);
}
