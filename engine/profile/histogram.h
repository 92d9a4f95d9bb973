// Purpose: whole-run percentiles of a duration in a fixed number of bytes.
// Owns: its counts, inline.
// Threads: one.
// Fails: never; values beyond the last bucket are kept as the maximum.
#pragma once
#include <stdint.h>

// 0 - 31 ns exactly, then 31 octaves of 32 linear steps up to 2^36 ns (69 s): a bucket is at most 1/32 = 3.125 % wide.
#define HISTOGRAM_BUCKETS (32 * 32)

typedef struct Histogram {
    uint64_t count;
    uint64_t max_ns;
    double sum_ns;
    double sum_squares_ns2;
    uint32_t buckets[HISTOGRAM_BUCKETS];
} Histogram;

typedef struct HistogramSummary {
    uint64_t count;
    double mean_ms, p50_ms, p95_ms, p99_ms, p999_ms, max_ms;
} HistogramSummary;

void histogram_add(Histogram *histogram, uint64_t value_ns);

// Upper edge of the bucket that holds quantile `q` in [0, 1], capped at the maximum; 0 when empty.
uint64_t histogram_quantile_ns(const Histogram *histogram, double q);
HistogramSummary histogram_summary(const Histogram *histogram);
void histogram_clear(Histogram *histogram);
