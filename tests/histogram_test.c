// Bucket arithmetic and quantiles, against sorted samples.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rng.h"
#include "profile/histogram.h"
#include "sort_u64.h"
#include <math.h>

#define SAMPLES 20000

static Histogram histogram;

static int start(void **state)
{
    (void)state;
    histogram_clear(&histogram);
    return 0;
}

// What one value is rounded to: a second, huge value keeps the maximum out of the way.
static uint64_t rounded_ns(uint64_t value_ns)
{
    histogram_clear(&histogram);
    histogram_add(&histogram, value_ns);
    histogram_add(&histogram, UINT64_MAX);
    return histogram_quantile_ns(&histogram, 0.5);
}

static void test_histogram_is_exact_below_64_ns(void **state)
{
    (void)state;
    for (uint64_t value_ns = 0; value_ns < 64; ++value_ns) {
        assert_int_equal(rounded_ns(value_ns), value_ns);
    }
}

static void test_histogram_rounds_up_by_at_most_3_2_percent(void **state)
{
    (void)state;
    double worst = 0.0;
    for (uint64_t n = 0; n < SAMPLES; ++n) {
        uint64_t value_ns = (uint64_t)exp2((double)rng_range(1, 2, n, 0.0f, 35.8f));
        uint64_t rounded = rounded_ns(value_ns);
        assert_true(rounded >= value_ns);
        worst = fmax(worst, (double)(rounded - value_ns) / fmax((double)value_ns, 1.0));
    }
    assert_true(worst <= 0.032);
    assert_true(worst > 0.025); // the samples do reach the edges
}

static void test_histogram_edges_of_octaves_fall_on_the_right_side(void **state)
{
    (void)state;
    for (unsigned bit = 6; bit < 36; ++bit) {
        uint64_t edge_ns = UINT64_C(1) << bit;
        assert_int_equal(rounded_ns(edge_ns - 1), edge_ns - 1);
        assert_int_equal(rounded_ns(edge_ns), edge_ns + edge_ns / 32 - 1);
    }
}

static void test_histogram_quantiles_match_sorted_samples(void **state)
{
    (void)state;
    static uint64_t sorted[SAMPLES];
    for (uint64_t n = 0; n < SAMPLES; ++n) {
        sorted[n] = (uint64_t)(1e4 * exp((double)rng_range(3, 4, n, 0.0f, 8.0f)));
        histogram_add(&histogram, sorted[n]);
    }
    sort_u64(sorted, SAMPLES);
    const double quantiles[] = {0.0, 0.01, 0.5, 0.95, 0.99, 0.999, 1.0};
    for (size_t i = 0; i < sizeof quantiles / sizeof quantiles[0]; ++i) {
        size_t rank = (size_t)ceil(quantiles[i] * SAMPLES);
        double exact = (double)sorted[rank > 0 ? rank - 1 : 0];
        double told = (double)histogram_quantile_ns(&histogram, quantiles[i]);
        assert_true(told >= exact && told <= exact * 1.032);
    }
    assert_int_equal(histogram_quantile_ns(&histogram, 1.0), sorted[SAMPLES - 1]);
}

static void test_histogram_keeps_what_lies_beyond_the_last_bucket_as_the_maximum(void **state)
{
    (void)state;
    uint64_t hour_ns = UINT64_C(3600000000000);
    histogram_add(&histogram, hour_ns);
    histogram_add(&histogram, 5);
    assert_int_equal(histogram_quantile_ns(&histogram, 1.0), hour_ns);
    assert_int_equal(histogram_quantile_ns(&histogram, 0.5), 5);
    histogram_add(&histogram, UINT64_MAX);
    assert_true(histogram.max_ns == UINT64_MAX);
}

static void test_histogram_sums_up_in_milliseconds(void **state)
{
    (void)state;
    for (int n = 1; n <= 100; ++n) {
        histogram_add(&histogram, (uint64_t)n * 1000000);
    }
    HistogramSummary summary = histogram_summary(&histogram);
    assert_int_equal(summary.count, 100);
    assert_true(fabs(summary.mean_ms - 50.5) < 1e-9);
    assert_true(summary.max_ms == 100.0);
    assert_true(summary.p50_ms >= 50.0 && summary.p50_ms <= 51.6);
    assert_true(summary.p95_ms >= 95.0 && summary.p95_ms <= 98.1);
    assert_true(summary.p99_ms >= 99.0 && summary.p99_ms <= 100.0);
    assert_true(fabs(histogram.sum_squares_ns2 - 338350e12) < 1e6);
}

static void test_histogram_of_nothing_is_zero(void **state)
{
    (void)state;
    HistogramSummary summary = histogram_summary(&histogram);
    assert_int_equal(summary.count, 0);
    assert_true(summary.mean_ms == 0.0 && summary.p999_ms == 0.0 && summary.max_ms == 0.0);
    assert_int_equal(histogram_quantile_ns(&histogram, 0.99), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_histogram_is_exact_below_64_ns, start),
        cmocka_unit_test_setup(test_histogram_rounds_up_by_at_most_3_2_percent, start),
        cmocka_unit_test_setup(test_histogram_edges_of_octaves_fall_on_the_right_side, start),
        cmocka_unit_test_setup(test_histogram_quantiles_match_sorted_samples, start),
        cmocka_unit_test_setup(test_histogram_keeps_what_lies_beyond_the_last_bucket_as_the_maximum,
                               start),
        cmocka_unit_test_setup(test_histogram_sums_up_in_milliseconds, start),
        cmocka_unit_test_setup(test_histogram_of_nothing_is_zero, start),
    };
    return cmocka_run_group_tests_name("histogram", tests, NULL, NULL);
}
