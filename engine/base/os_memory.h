// Purpose: the only door to the heap; counts live bytes by owner and can fail the n-th call.
// Owns: the counters.
// Threads: any; the counters are atomic.
// Fails: returns NULL when the system does or when a test asked for it.
#pragma once
#include <stddef.h>
#include <stdint.h>

#define OS_MEMORY_OWNER_LIST(X)                                                                    \
    X(OS_MEMORY_BASE, "base")                                                                      \
    X(OS_MEMORY_SCRATCH, "scratch")                                                                \
    X(OS_MEMORY_HEIGHTS, "heights")                                                                \
    X(OS_MEMORY_STAGING, "staging")                                                                \
    X(OS_MEMORY_TABLES, "tables")                                                                  \
    X(OS_MEMORY_PROFILE, "profile")                                                                \
    X(OS_MEMORY_RENDER, "render")                                                                  \
    X(OS_MEMORY_UI, "ui")                                                                          \
    X(OS_MEMORY_APP, "app")

typedef enum OsMemoryOwner {
#define OS_MEMORY_ENUM(name, text) name,
    OS_MEMORY_OWNER_LIST(OS_MEMORY_ENUM)
#undef OS_MEMORY_ENUM
        OS_MEMORY_OWNER_COUNT
} OsMemoryOwner;

typedef struct OsMemoryStats {
    uint64_t live_bytes[OS_MEMORY_OWNER_COUNT];
    uint64_t live_total_bytes;
    uint64_t allocation_count; // calls since the program started, whether freed or not
} OsMemoryStats;

// Returns zeroed bytes aligned to 64, resident from then on, owned by the caller and freed with os_memory_free; NULL on
// failure.
void *os_memory_alloc(size_t bytes, OsMemoryOwner owner);

// The same, but neither zeroed nor resident: os_memory_warm makes it so, or its first use does.
void *os_memory_alloc_cold(size_t bytes, OsMemoryOwner owner);
// Makes every page of these bytes resident and leaves what it holds; other threads may use them meanwhile.
void os_memory_warm(void *memory, size_t bytes);

// Frees what these gave, with the same size and owner; NULL is allowed.
void os_memory_free(void *memory, size_t bytes, OsMemoryOwner owner);

OsMemoryStats os_memory_stats(void);
const char *os_memory_owner_name(OsMemoryOwner owner);

// Resident set of the process in bytes, as the OS says; 0 where it cannot be read.
uint64_t os_memory_rss_bytes(void);

// Makes the `nth` allocation from now (1 = the next) return NULL; 0 switches this off.
// With `persistent` every later one fails too.
void os_memory_fail_at(uint64_t nth, int persistent);

// Keeps the C heap from holding freed pages: fixes the mmap threshold and caps the arenas. Call once at start.
void os_memory_setup(void);
