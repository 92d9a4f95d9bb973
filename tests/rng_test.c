#include "base/rng.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

// The first numbers of three streams, so that a world never changes under its seed.
static void numbers_are_the_same_for_ever(void **state)
{
    (void)state;
    assert_true(rng_u64(0, 0, 0) == UINT64_C(0x238275BC38FCBE91));
    assert_true(rng_u64(42, 7, 1000) == UINT64_C(0x93DE056177735858));
    assert_true(rng_u64(UINT64_MAX, UINT64_MAX, UINT64_MAX) == UINT64_C(0x179F01F0D2FBA97A));
}

static void seed_stream_and_index_each_change_the_number(void **state)
{
    (void)state;
    uint64_t number = rng_u64(1, 2, 3);
    assert_true(number != rng_u64(2, 2, 3));
    assert_true(number != rng_u64(1, 3, 3));
    assert_true(number != rng_u64(1, 2, 4));
    assert_true(rng_u64(1, 2, 3) != rng_u64(2, 1, 3));
    assert_true(rng_u64(1, 2, 3) != rng_u64(1, 3, 2));
    assert_true(number == rng_u64(1, 2, 3));
}

// 64 cells, 64,000 numbers: chi-squared with 63 degrees of freedom stays under 130 (p < 1e-6).
static void unit_fills_its_range_evenly(void **state)
{
    (void)state;
    for (uint64_t stream = 0; stream < 4; stream++) {
        int cells[64] = {0};
        for (uint64_t n = 0; n < 64000; n++) {
            float value = rng_unit(42, stream, n);
            assert_true(value >= 0 && value < 1);
            cells[(int)(value * 64)]++;
        }
        double chi = 0;
        for (int i = 0; i < 64; i++)
            chi += (cells[i] - 1000.0) * (cells[i] - 1000.0) / 1000.0;
        assert_true(chi < 130);
        assert_true(chi > 25);
    }
}

static void neighbouring_streams_are_not_alike(void **state)
{
    (void)state;
    double sum = 0;
    for (uint64_t n = 0; n < 10000; n++)
        sum += (rng_unit(5, 1, n) - 0.5) * (rng_unit(5, 2, n) - 0.5);
    assert_true(fabs(sum / 10000 * 12) < 0.05);
}

static void range_keeps_its_open_end(void **state)
{
    (void)state;
    float high = nextafterf(1, 2);
    for (uint64_t n = 0; n < 1000; n++) {
        float value = rng_range(1, 1, n, -3, 5);
        assert_true(value >= -3 && value < 5);
        assert_true(rng_range(1, 1, n, 1, high) == 1);
    }
    assert_true(rng_range(1, 1, 1, 2, 2) == 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_the_same_for_ever),
        cmocka_unit_test(seed_stream_and_index_each_change_the_number),
        cmocka_unit_test(unit_fills_its_range_evenly),
        cmocka_unit_test(neighbouring_streams_are_not_alike),
        cmocka_unit_test(range_keeps_its_open_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
