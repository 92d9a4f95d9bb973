#include "base/arena.h"
#include <assert.h>
#include <string.h>

#define ALIGN_BYTES 64u

// Under AddressSanitizer what is not allocated is poisoned, so use after a rewind is caught, and what is allocated is
// neither zero nor a number, so use before a write shows in results.
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_POISONS 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define ARENA_POISONS 1
#endif
#ifdef ARENA_POISONS
#include <sanitizer/asan_interface.h>
#define POISON(memory, bytes) ASAN_POISON_MEMORY_REGION(memory, bytes)
#define UNPOISON(memory, bytes) ASAN_UNPOISON_MEMORY_REGION(memory, bytes)
#define SPOIL(memory, bytes) memset(memory, 0xff, bytes)
#else
#define POISON(memory, bytes) ((void)0)
#define UNPOISON(memory, bytes) ((void)0)
#define SPOIL(memory, bytes) ((void)0)
#endif

static size_t round_up(size_t bytes)
{
    return (bytes + ALIGN_BYTES - 1) & ~(size_t)(ALIGN_BYTES - 1);
}

int arena_create(size_t capacity_bytes, OsMemoryOwner owner, Arena *out)
{
    assert(out != NULL);
    assert(capacity_bytes > 0 && capacity_bytes <= SIZE_MAX - ALIGN_BYTES);
    *out = (Arena){.capacity_bytes = round_up(capacity_bytes), .owner = owner};
    out->memory = os_memory_alloc(out->capacity_bytes, owner);
    if (out->memory == NULL)
        return 0;
    POISON(out->memory, out->capacity_bytes);
    return 1;
}

void arena_destroy(Arena *arena)
{
    if (arena->memory == NULL)
        return;
    UNPOISON(arena->memory, arena->capacity_bytes);
    os_memory_free(arena->memory, arena->capacity_bytes, arena->owner);
    *arena = (Arena){0};
}

void *arena_alloc(Arena *arena, size_t bytes)
{
    assert(arena->memory != NULL);
    assert(arena->used_bytes <= arena->capacity_bytes);
    size_t free_bytes = arena->capacity_bytes - arena->used_bytes;
    size_t taken_bytes = bytes == 0 ? ALIGN_BYTES : round_up(bytes);
    if (bytes > free_bytes || taken_bytes > free_bytes) {
        arena->overflow_count++;
        return NULL;
    }
    uint8_t *memory = arena->memory + arena->used_bytes;
    UNPOISON(memory, bytes);
    SPOIL(memory, bytes);
    arena->used_bytes += taken_bytes;
    if (arena->used_bytes > arena->high_water_bytes)
        arena->high_water_bytes = arena->used_bytes;
    return memory;
}

size_t arena_mark(const Arena *arena)
{
    return arena->used_bytes;
}

void arena_rewind(Arena *arena, size_t mark)
{
    assert(mark <= arena->used_bytes && mark % ALIGN_BYTES == 0);
    POISON(arena->memory + mark, arena->used_bytes - mark);
    arena->used_bytes = mark;
}
