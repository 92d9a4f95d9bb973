// Purpose: map of fixed capacity from a hashed key to a 32-bit value; the keys stay with the caller.
// Owns: its slots, at most half full, so that a look-up touches a few neighbours.
// Threads: one at a time; look-ups write nothing and may run side by side.
// Fails: create returns a Result; an insert into a full table is refused and counted.
#pragma once
#include "base/os_memory.h"
#include "base/result.h"
#include <stdbool.h>

#define TABLE_CAPACITY_MAX (1u << 24)

typedef struct Table Table;

// True when `value` stands for `key`; asked only where the 64-bit hashes agree.
typedef bool TableEqual(const void *object, const void *key, uint32_t value);

typedef struct TableStats {
    uint32_t capacity, count, count_max;
    uint64_t bytes;
    uint64_t refused; // inserts that met a full table
} TableStats;

// For `capacity` entries (1 to TABLE_CAPACITY_MAX); `object` is borrowed and passed to `equal`.
RESULT_MUST Result table_create(uint32_t capacity, OsMemoryOwner owner, TableEqual *equal,
                                const void *object, Table **out);
void table_destroy(Table *table);

// Adds a key that is not in the table (asserted); false when the table is full.
bool table_try_insert(Table *table, uint64_t hash, const void *key, uint32_t value);

// Finds the value of `key`; `out` may be NULL.
bool table_find(const Table *table, uint64_t hash, const void *key, uint32_t *out);

// Takes `key` out and gives its value (`out` may be NULL); false when it was not there.
bool table_remove(Table *table, uint64_t hash, const void *key, uint32_t *out);

void table_clear(Table *table);
TableStats table_stats(const Table *table);
