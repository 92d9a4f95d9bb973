// Purpose: from the hash of a key to the caller's slot that holds the key; open addressing, linear probing.
// Owns: its cells, allocated once by create; the keys stay in the caller's slots.
// Threads: one.
// Fails: create returns a Result; adding beyond the capacity and removing what is not there assert.
#pragma once
#include "base/os_memory.h"
#include "base/result.h"

#define KEY_INDEX_NONE UINT32_MAX

// The tag spares most looks at keys that only share a place.
typedef struct KeyIndexCell {
    uint32_t tag;    // lower half of the hash; its lowest bits are the cell where a search begins
    uint32_t number; // slot + 1; 0: empty
} KeyIndexCell;

typedef struct KeyIndex {
    KeyIndexCell *cells;
    uint32_t mask; // count of cells - 1: a power of two, at least twice the capacity
    uint32_t count, capacity;
    OsMemoryOwner owner;
} KeyIndex;

// `capacity` keys at most, 1 to 2^24 - 1. Freed with key_index_destroy.
RESULT_MUST Result key_index_create(uint32_t capacity, OsMemoryOwner owner, KeyIndex *out);
// Also of what create could not make, and of zeroes.
void key_index_destroy(KeyIndex *index);

// The next slot whose key may have this hash, KEY_INDEX_NONE past the last; `*step` starts at 0.
// The caller compares the keys. In the header because tables ask for it some thousand times a frame.
static inline uint32_t key_index_next(const KeyIndex *index, uint64_t hash, uint32_t *step)
{
    uint32_t tag = (uint32_t)hash;
    for (;;) {
        KeyIndexCell cell = index->cells[(tag + (*step)++) & index->mask];
        if (!cell.number || cell.tag == tag)
            return cell.number - 1; // an empty cell's 0 wraps to KEY_INDEX_NONE
    }
}

// `slot` holds a key of this hash from now on; no other slot holds the same key.
void key_index_add(KeyIndex *index, uint64_t hash, uint32_t slot);
// `hash` as it was added.
void key_index_remove(KeyIndex *index, uint64_t hash, uint32_t slot);
