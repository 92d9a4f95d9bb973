#include "base/hash.h"
#include <assert.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

uint64_t hash_bytes(const void *data, size_t bytes, uint64_t seed)
{
    assert(data != NULL || bytes == 0);
    return XXH3_64bits_withSeed(data, bytes, seed);
}

// Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators (OOPSLA 2014), mix64 variant 13.
uint64_t hash_u64(uint64_t value)
{
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9u;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EBu;
    return value ^ (value >> 31);
}
