#include "profile/histogram.h"
#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#define STEPS 32u // linear steps in an octave
#define STEPS_LOG2 5u
#define NS_PER_MS 1e6

static_assert(HISTOGRAM_BUCKETS % STEPS == 0, "whole octaves only");

// Octave 0 holds 0 .. 31 ns exactly; octave k from 1 holds 2^(k+4) .. 2^(k+5) - 1 ns in steps of 2^(k-1).
static unsigned bucket_of(uint64_t value_ns)
{
    if (value_ns < STEPS) {
        return (unsigned)value_ns;
    }
    unsigned octave = 63u - (unsigned)__builtin_clzll(value_ns) - STEPS_LOG2 + 1u;
    unsigned bucket = octave * STEPS + (unsigned)(value_ns >> (octave - 1u)) % STEPS;
    return bucket < HISTOGRAM_BUCKETS ? bucket : HISTOGRAM_BUCKETS - 1u;
}

// The largest value that falls into `bucket`.
static uint64_t bucket_high_ns(unsigned bucket)
{
    unsigned octave = bucket / STEPS, step = bucket % STEPS;
    if (octave == 0) {
        return step;
    }
    return ((uint64_t)(STEPS + step + 1u) << (octave - 1u)) - 1u;
}

void histogram_add(Histogram *histogram, uint64_t value_ns)
{
    assert(histogram != NULL);
    uint32_t *bucket = &histogram->buckets[bucket_of(value_ns)];
    *bucket += *bucket < UINT32_MAX;
    histogram->count += 1;
    if (value_ns > histogram->max_ns) {
        histogram->max_ns = value_ns;
    }
    double value = (double)value_ns;
    histogram->sum_ns += value;
    histogram->sum_squares_ns2 += value * value;
}

uint64_t histogram_quantile_ns(const Histogram *histogram, double q)
{
    assert(histogram != NULL);
    assert(q >= 0.0 && q <= 1.0);
    uint64_t rank = (uint64_t)ceil(q * (double)histogram->count);
    rank = rank < 1 ? 1 : rank;
    uint64_t below = 0;
    // The last bucket also holds all that lies beyond it: the maximum is the only honest answer there.
    for (unsigned bucket = 0; bucket < HISTOGRAM_BUCKETS - 1u; ++bucket) {
        below += histogram->buckets[bucket];
        if (below >= rank) {
            uint64_t high_ns = bucket_high_ns(bucket);
            return high_ns < histogram->max_ns ? high_ns : histogram->max_ns;
        }
    }
    return histogram->max_ns;
}

HistogramSummary histogram_summary(const Histogram *histogram)
{
    assert(histogram != NULL);
    HistogramSummary out = {.count = histogram->count};
    if (histogram->count == 0) {
        return out;
    }
    out.mean_ms = histogram->sum_ns / (double)histogram->count / NS_PER_MS;
    out.p50_ms = (double)histogram_quantile_ns(histogram, 0.50) / NS_PER_MS;
    out.p95_ms = (double)histogram_quantile_ns(histogram, 0.95) / NS_PER_MS;
    out.p99_ms = (double)histogram_quantile_ns(histogram, 0.99) / NS_PER_MS;
    out.p999_ms = (double)histogram_quantile_ns(histogram, 0.999) / NS_PER_MS;
    out.max_ms = (double)histogram->max_ns / NS_PER_MS;
    return out;
}

void histogram_clear(Histogram *histogram)
{
    assert(histogram != NULL);
    memset(histogram, 0, sizeof *histogram);
}
