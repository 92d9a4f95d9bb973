#include "base/key_index.h"

#include <assert.h>

Result key_index_create(uint32_t capacity, OsMemoryOwner owner, KeyIndex *out)
{
    assert(capacity > 0 && capacity < (1u << 24));
    uint32_t size = 2;
    while (size < capacity * 2)
        size *= 2;
    *out = (KeyIndex){.mask = size - 1, .capacity = capacity, .owner = owner};
    out->cells = os_memory_alloc(size * sizeof *out->cells, owner);
    return out->cells ? RESULT_OK : RESULT_OUT_OF_MEMORY;
}

void key_index_destroy(KeyIndex *index)
{
    os_memory_free(index->cells, ((size_t)index->mask + 1) * sizeof *index->cells, index->owner);
    *index = (KeyIndex){0};
}

void key_index_add(KeyIndex *index, uint64_t hash, uint32_t slot)
{
    assert(index->count < index->capacity && slot < index->capacity);
    uint32_t at = (uint32_t)hash & index->mask;
    while (index->cells[at].number)
        at = (at + 1) & index->mask;
    index->cells[at] = (KeyIndexCell){(uint32_t)hash, slot + 1};
    index->count++;
}

void key_index_remove(KeyIndex *index, uint64_t hash, uint32_t slot)
{
    uint32_t mask = index->mask, hole = (uint32_t)hash & mask;
    while (index->cells[hole].number != slot + 1) {
        assert(index->cells[hole].number && "not in the index");
        hole = (hole + 1) & mask;
    }
    // Backward shift: close the gap with every later cell of the run that may move there.
    for (uint32_t at = (hole + 1) & mask; index->cells[at].number; at = (at + 1) & mask) {
        uint32_t home = index->cells[at].tag & mask;
        if (((at - home) & mask) < ((at - hole) & mask))
            continue;
        index->cells[hole] = index->cells[at];
        hole = at;
    }
    index->cells[hole] = (KeyIndexCell){0};
    index->count--;
}
