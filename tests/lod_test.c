// Sizes, ranges and the seam rule.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rng.h"
#include "world/chunk.h"
#include "world/lod.h"
#include <math.h>

static double diagonal_m(int lod)
{
    return (double)lod_block_m(lod) * sqrt(2.0);
}

// The rule as the design states it, in its own words: nothing of lod.c but the morph start.
static void assert_seams_closed(const LodRanges *ranges)
{
    for (int lod = 1; lod < LOD_COUNT; ++lod) {
        double finer_m = (double)ranges->end_m[lod - 1], end_m = (double)ranges->end_m[lod];
        double start_m = (double)lod_morph_start_m(ranges, lod);
        if (finer_m > 0.0) {
            assert_true(start_m >= (finer_m + diagonal_m(lod - 1)) * (1.0 - 1e-6));
            assert_true(start_m <= 0.98001 * end_m);
            assert_true(start_m >= 0.8599 * end_m);
        }
        assert_true(start_m < end_m || end_m <= 0.0);
    }
}

static void test_lod_nominal_ranges_keep_the_rule_at_every_quality(void **state)
{
    (void)state;
    for (int percent = 80; percent <= 130; ++percent) {
        LodRanges ranges = lod_ranges_nominal((float)percent / 100.0f);
        assert_true(lod_ranges_valid(&ranges));
        assert_seams_closed(&ranges);
        LodRanges clamped = lod_ranges_clamp(ranges);
        assert_memory_equal(&clamped, &ranges, sizeof ranges);
    }
    LodRanges one = lod_ranges_nominal(1.0f);
    assert_true(one.end_m[0] == 512.0f && one.end_m[2] == 2048.0f && one.end_m[7] == 65536.0f);
}

static void test_lod_morph_narrows_only_at_low_quality(void **state)
{
    (void)state;
    LodRanges full = lod_ranges_nominal(1.0f), low = lod_ranges_nominal(0.8f);
    assert_true(low.end_m[6] < full.end_m[6] && low.end_m[7] == full.end_m[7]);
    for (int lod = 0; lod < LOD_COUNT; ++lod) {
        assert_true(fabsf(lod_morph_start_m(&full, lod) / full.end_m[lod] - 0.86f) < 1e-5f);
    }
    assert_true(fabsf(lod_morph_start_m(&low, 0) / low.end_m[0] - 0.86f) < 1e-5f);
    assert_true(fabsf(lod_morph_start_m(&low, 1) / low.end_m[1] - 0.942f) < 1e-3f);
    assert_true(fabsf(lod_morph_start_m(&low, 3) / low.end_m[3] - 0.942f) < 1e-3f);
    low.end_m[0] = 0.0f; // a finer level that is not drawn asks for nothing
    assert_true(fabsf(lod_morph_start_m(&low, 1) / low.end_m[1] - 0.86f) < 1e-5f);
}

static void test_lod_ranges_that_break_the_rule_are_found(void **state)
{
    (void)state;
    for (int lod = 1; lod < LOD_COUNT; ++lod) {
        LodRanges ranges = lod_ranges_nominal(1.0f);
        float edge_m = (float)(0.98 * (double)ranges.end_m[lod] - diagonal_m(lod - 1));
        for (int finer = 0; finer < lod - 1; ++finer) {
            ranges.end_m[finer] = 0.0f;
        }
        ranges.end_m[lod - 1] = edge_m - 0.1f;
        assert_true(lod_ranges_valid(&ranges));
        ranges.end_m[lod - 1] = edge_m + 0.1f;
        assert_false(lod_ranges_valid(&ranges));
    }
    LodRanges hole = lod_ranges_nominal(1.0f);
    hole.end_m[3] = 0.0f; // L2 drawn inside a level that is not
    assert_false(lod_ranges_valid(&hole));
}

static void test_lod_clamp_makes_any_shrunken_ranges_valid_and_grows_none(void **state)
{
    (void)state;
    int switched_off = 0, lowered = 0;
    for (uint64_t n = 0; n < 50000; ++n) {
        LodRanges given = lod_ranges_nominal(rng_range(1, 100, n, 0.8f, 1.3f));
        for (uint64_t lod = 0; lod < LOD_COUNT; ++lod) {
            float part = rng_range(1, lod, n, -0.2f, 1.6f);
            given.end_m[lod] *= fminf(fmaxf(part, 0.0f), 1.0f);
        }
        LodRanges out = lod_ranges_clamp(given);
        assert_true(lod_ranges_valid(&out));
        assert_seams_closed(&out);
        assert_true(out.end_m[LOD_COUNT - 1] == given.end_m[LOD_COUNT - 1]);
        for (int lod = 0; lod < LOD_COUNT; ++lod) {
            assert_true(out.end_m[lod] <= given.end_m[lod]);
            switched_off += out.end_m[lod] <= 0.0f && given.end_m[lod] > 0.0f;
            lowered += out.end_m[lod] > 0.0f && out.end_m[lod] < given.end_m[lod];
        }
    }
    assert_true(switched_off > 1000 && lowered > 1000);
}

// L1 and L0 come back from nothing, each as fast as residency lets it grow: the morph of L1 follows without a jump.
static void test_lod_morph_starts_never_jump_while_ranges_grow(void **state)
{
    (void)state;
    LodRanges nominal = lod_ranges_nominal(0.8f), ranges = nominal;
    ranges.end_m[0] = ranges.end_m[1] = 0.0f;
    ranges = lod_ranges_clamp(ranges);
    float before_m = lod_morph_start_m(&ranges, 1);
    for (int frame = 0; frame < 2000; ++frame) {
        for (int lod = 0; lod < 2; ++lod) {
            float step_m = nominal.end_m[lod] * 0.25f / 60.0f;
            ranges.end_m[lod] = fminf(nominal.end_m[lod], ranges.end_m[lod] + step_m);
        }
        ranges = lod_ranges_clamp(ranges);
        float now_m = lod_morph_start_m(&ranges, 1);
        assert_true(now_m >= before_m - 0.01f && now_m - before_m < 4.0f);
        before_m = now_m;
    }
    assert_true(ranges.end_m[0] == nominal.end_m[0] && ranges.end_m[1] == nominal.end_m[1]);
}

static void test_lod_clamp_lowers_no_more_than_needed(void **state)
{
    (void)state;
    LodRanges ranges = lod_ranges_nominal(1.0f);
    ranges.end_m[2] = 1000.0f;
    LodRanges out = lod_ranges_clamp(ranges);
    assert_true(fabsf(out.end_m[1] - (float)(980.0 - 256.0 * sqrt(2.0))) < 0.01f);
    assert_true(out.end_m[3] == ranges.end_m[3]);
    LodRanges above = out;
    above.end_m[1] = nextafterf(out.end_m[1], 1e9f);
    above.end_m[1] = nextafterf(above.end_m[1], 1e9f);
    assert_false(lod_ranges_valid(&above));
}

static void test_lod_sizes_agree_with_each_other_and_with_the_chunk(void **state)
{
    (void)state;
    const int levels[LOD_COUNT] = {0, 0, 0, 2, 3, 4, 5, 6};
    const float blocks_m[LOD_COUNT] = {256, 256, 1024, 2048, 4096, 8192, 16384, 32768};
    for (int lod = 0; lod < LOD_COUNT; ++lod) {
        int level = lod_key_level(lod);
        assert_int_equal(level, levels[lod]);
        assert_true(lod_tile_m(lod) == (float)chunk_key_side_m(level));
        assert_true(lod_spacing_m(lod) * (float)lod_grid_quads(lod_grid(lod)) == lod_tile_m(lod));
        assert_true(lod_block_m(lod) == blocks_m[lod]);
        assert_int_equal(lod_of_key_level(level), lod < 2 ? 2 : lod);
        assert_true(lod_quantum_m(lod) == (level <= 3 ? 1.0f / 32.0f : 0.25f));
        // The samples of a chunk are vertices of its meshes.
        float samples = lod_spacing_m(lod) / chunk_spacing_m(level);
        assert_true(samples == rintf(samples) && samples >= 1.0f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lod_nominal_ranges_keep_the_rule_at_every_quality),
        cmocka_unit_test(test_lod_morph_narrows_only_at_low_quality),
        cmocka_unit_test(test_lod_ranges_that_break_the_rule_are_found),
        cmocka_unit_test(test_lod_clamp_makes_any_shrunken_ranges_valid_and_grows_none),
        cmocka_unit_test(test_lod_morph_starts_never_jump_while_ranges_grow),
        cmocka_unit_test(test_lod_clamp_lowers_no_more_than_needed),
        cmocka_unit_test(test_lod_sizes_agree_with_each_other_and_with_the_chunk),
    };
    return cmocka_run_group_tests_name("lod", tests, NULL, NULL);
}
