#include "terrain/noise_lanes.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

// This file sees the scalar build of the lanes: one point at a time.
static NoiseSample sample(const NoiseOctave *octave, int64_t x_m, int64_t z_m)
{
    NoiseCursor cursor = noise_cursor(octave, 1);
    noise_cursor_row(&cursor, x_m, z_m);
    return noise_sample(&cursor, 0);
}

static void test_a_point_has_the_same_bits_from_any_row_start(void **state)
{
    (void)state;
    const int64_t far_m[] = {0, -12345, 10000000000, -10000000000, (INT64_C(1) << 52) - 4096};
    NoiseOctave octave = noise_octave(7, 3, 13.0f);
    for (int i = 0; i < 5; i++)
        for (int start = 0; start < 64; start++) {
            NoiseCursor cursor = noise_cursor(&octave, 2);
            noise_cursor_row(&cursor, far_m[i] + 2 * start, far_m[4 - i]);
            float value = noise_value(&cursor, 64 - start);
            assert_true(value == sample(&octave, far_m[i] + 128, far_m[4 - i]).value);
        }
}

static void test_slopes_are_those_of_the_values(void **state)
{
    (void)state;
    NoiseOctave octave = noise_octave(42, 1, 900.0f);
    for (int64_t x = -5000; x < 5000; x += 37) {
        NoiseSample here = sample(&octave, x, 3 * x);
        float east = sample(&octave, x + 1, 3 * x).value - sample(&octave, x - 1, 3 * x).value;
        float south = sample(&octave, x, 3 * x + 1).value - sample(&octave, x, 3 * x - 1).value;
        assert_true(fabsf(here.slope_x - 0.5f * east) < 2.0e-6f);
        assert_true(fabsf(here.slope_z - 0.5f * south) < 2.0e-6f);
    }
}

static void test_values_have_mean_zero_and_a_known_deviation(void **state)
{
    (void)state;
    double sum = 0.0, squares = 0.0, most = 0.0;
    int count = 0;
    NoiseOctave octave = noise_octave(1, 5, 10.0f);
    for (int64_t z = 0; z < 3000; z += 7)
        for (int64_t x = 0; x < 3000; x += 7, count++) {
            double value = (double)sample(&octave, x, z).value;
            sum += value;
            squares += value * value;
            most = fabs(value) > most ? fabs(value) : most;
        }
    double mean = sum / count, deviation = sqrt(squares / count - mean * mean);
    assert_true(fabs(mean) < 0.01);
    assert_true(deviation > 0.36 && deviation < 0.40);
    assert_true(most < 2.4);
}

static void test_octaves_of_a_seed_differ_in_direction_and_hash(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 64; i++) {
        NoiseOctave a = noise_octave(9, i, 100.0f), b = noise_octave(9, i + 1, 100.0f);
        NoiseOctave other = noise_octave(10, i, 100.0f);
        assert_int_not_equal(a.seed, b.seed);
        assert_int_not_equal(a.seed, other.seed);
        assert_true(a.a != b.a || a.b != b.b);
        double cells = hypot((double)a.a_per_m, (double)a.b_per_m);
        assert_true(fabs(cells - 0.01) < 1.0e-5);
    }
}

static void test_stripes_run_across_the_given_direction(void **state)
{
    (void)state;
    NoiseOctave octave = noise_octave(3, 2, 1000.0f);
    const LanesF still[2] = {0.0f, 0.0f}, east[2] = {1.5f, 0.0f};
    double along = 0.0, across = 0.0;
    for (int64_t x = 0; x < 200000; x += 331) {
        float values[3];
        for (int i = 0; i < 3; i++) {
            NoiseCursor cursor = noise_cursor(&octave, 1);
            noise_cursor_row(&cursor, x + (i == 1) * 40, 5 * x + (i == 2) * 40);
            values[i] = noise_stripes(&cursor, 0, still, east).value;
            assert_true(fabsf(values[i]) < 1.01f);
        }
        across += fabs((double)(values[1] - values[0]));
        along += fabs((double)(values[2] - values[0]));
    }
    assert_true(across > 3.0 * along);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_point_has_the_same_bits_from_any_row_start),
        cmocka_unit_test(test_slopes_are_those_of_the_values),
        cmocka_unit_test(test_values_have_mean_zero_and_a_known_deviation),
        cmocka_unit_test(test_octaves_of_a_seed_differ_in_direction_and_hash),
        cmocka_unit_test(test_stripes_run_across_the_given_direction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
