// Purpose: linear memory for one owner: allocations live until a rewind.
// Owns: one block of fixed size, committed and touched at create.
// Threads: one at a time.
// Fails: create returns NULL; arena_alloc returns NULL when full and counts it.
#pragma once
#include "base/os_memory.h"

typedef struct Arena {
    uint8_t *memory;
    size_t capacity_bytes;
    size_t used_bytes;
    size_t high_water_bytes;
    uint64_t overflow_count;
    OsMemoryOwner owner;
} Arena;

// Makes an arena of `capacity_bytes`; `out->memory` is NULL on failure. Freed with arena_destroy.
int arena_create(size_t capacity_bytes, OsMemoryOwner owner, Arena *out); // 1 on success
void arena_destroy(Arena *arena);

// Returns `bytes` aligned to 64 (not cleared), valid until a rewind below it; NULL when full.
void *arena_alloc(Arena *arena, size_t bytes);

// A mark to give back to arena_rewind.
size_t arena_mark(const Arena *arena);
void arena_rewind(Arena *arena, size_t mark);
