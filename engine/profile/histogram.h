// Purpose: whole-run percentiles of a duration in a fixed number of bytes.
// Owns: its counts, inline.
// Threads: one.
// Fails: never; values beyond the last bucket are kept as the maximum.
#pragma once
#include <stdint.h>

// 64 octaves of ns would be 64 x 32; 32 octaves from 2^5 ns (32 ns) with 32 linear steps each give 3 % resolution.
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
