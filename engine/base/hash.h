// Purpose: hashes of bytes and integers, equal on every machine.
// Owns: nothing.
// Threads: any.
// Fails: never.
#pragma once
#include <stddef.h>
#include <stdint.h>

// XXH3-64 of `bytes` at `data` with `seed` (xxHash specification 0.2).
uint64_t hash_bytes(const void *data, size_t bytes, uint64_t seed);

// Bijective mix of 64 bits (splitmix64 finaliser).
uint64_t hash_u64(uint64_t value);
