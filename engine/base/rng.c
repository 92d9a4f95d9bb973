#include "base/rng.h"
#include "base/hash.h"
#include <assert.h>
#include <math.h>

// 2^64 / golden ratio, the step of splitmix64.
static const uint64_t STEP = 0x9E3779B97F4A7C15u;

// Splitmix64 read at position n; the start of each stream is itself a splitmix64 number of the seed.
uint64_t rng_u64(uint64_t seed, uint64_t stream, uint64_t n)
{
    uint64_t start = hash_u64(hash_u64(seed + STEP) + STEP * (stream + 1));
    return hash_u64(start + STEP * (n + 1));
}

float rng_unit(uint64_t seed, uint64_t stream, uint64_t n)
{
    return (float)(rng_u64(seed, stream, n) >> 40) * 0x1p-24f;
}

float rng_range(uint64_t seed, uint64_t stream, uint64_t n, float low, float high)
{
    assert(low <= high);
    float value = low + (high - low) * rng_unit(seed, stream, n);
    // Rounding may reach the open end.
    return value < high || low == high ? value : nextafterf(high, low);
}
