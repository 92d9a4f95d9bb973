// Purpose: random numbers without state: the n-th number of a stream is a function of (seed, stream, n).
// Owns: nothing.
// Threads: any.
// Fails: never.
#pragma once
#include <stdint.h>

uint64_t rng_u64(uint64_t seed, uint64_t stream, uint64_t n);

// Uniform in [0, 1), 24 bits.
float rng_unit(uint64_t seed, uint64_t stream, uint64_t n);

// Uniform in [low, high).
float rng_range(uint64_t seed, uint64_t stream, uint64_t n, float low, float high);
