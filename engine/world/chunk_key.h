// Purpose: the name of a chunk: a square of 256 * 2^level metres in the unbounded plane.
// Owns: nothing.
// Threads: any.
// Fails: never.
#pragma once
#include "base/hash.h"
#include <stdbool.h>
#include <stdint.h>

#define CHUNK_KEY_SIDE_M 256
#define CHUNK_KEY_LEVEL_MAX 6
// |x|, |z| of a key stay below this, so that its corner in metres is exact in a double at every level.
#define CHUNK_KEY_COORD_MAX (INT64_C(1) << 44)

// Level 1 is never used: the parent of a 256 m chunk is the 1 km square of level 2.
typedef struct ChunkKey {
    int64_t x; // east, in units of the chunk's own side
    int64_t z; // south
    int32_t level;
} ChunkKey;

static inline bool chunk_key_equal(ChunkKey a, ChunkKey b)
{
    return a.x == b.x && a.z == b.z && a.level == b.level;
}

// In the header because tables ask for it some thousand times a frame.
static inline uint64_t chunk_key_hash(ChunkKey key)
{
    // Odd constants without a small common lattice keep the sum free of collisions between near keys (golden ratio,
    // and two primes of xxHash); the finaliser then spreads every bit.
    uint64_t sum = (uint64_t)key.x * UINT64_C(0x9E3779B97F4A7C15) +
                   (uint64_t)key.z * UINT64_C(0xC2B2AE3D27D4EB4F) +
                   (uint64_t)(uint32_t)key.level * UINT64_C(0x165667B19E3779F9);
    return hash_u64(sum);
}

// Side in metres.
int64_t chunk_key_side_m(int level);
// The chunk of `level` that holds the point (x, z) in metres.
ChunkKey chunk_key_at(int level, double x_m, double z_m);
// The next coarser chunk in use: level 0 -> 2 -> 3 ... -> 6.
ChunkKey chunk_key_parent(ChunkKey key);
// Children along one side of a parent: 4 for level 2, else 2. Level 2's children are of level 0.
int chunk_key_children_side(int level);
// Child (i, j), i east and j south, each below chunk_key_children_side.
ChunkKey chunk_key_child(ChunkKey key, int i, int j);
// Least distance in the plane from (x, z) to the chunk's square, in metres; 0 inside.
double chunk_key_distance_m(ChunkKey key, double x_m, double z_m);
