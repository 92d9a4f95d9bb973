// Purpose: sorts numbers, for medians and for finding twins.
// Owns: nothing.
// Threads: any.
// Fails: never.
#pragma once
#include <stdint.h>
#include <stdlib.h>

static inline int sort_u64_compare(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

static inline void sort_u64(uint64_t *values, size_t count)
{
    qsort(values, count, sizeof *values, sort_u64_compare);
}
