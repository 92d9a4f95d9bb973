// Purpose: bounded lock-free queue of 64-bit items for many producers and many consumers (Vyukov's ring).
// Owns: its cells.
// Threads: any for try_push, try_pop and stats; create and destroy by one.
// Fails: try_push refuses when full and counts it; nothing is ever dropped.
#pragma once
#include "base/os_memory.h"
#include "base/result.h"
#include <stdbool.h>

typedef struct Queue Queue;

typedef struct QueueStats {
    uint32_t capacity;
    uint32_t depth;     // about, while others push and pop
    uint32_t depth_max; // about
    uint64_t pushed;
    uint64_t popped;
    uint64_t refused; // pushes that met a full queue
} QueueStats;

// `capacity` is rounded up to a power of two, 2 to 2^20. Owned by the caller.
RESULT_MUST Result queue_create(uint32_t capacity, Queue **out);
void queue_destroy(Queue *queue);

bool queue_try_push(Queue *queue, uint64_t item);
bool queue_try_pop(Queue *queue, uint64_t *out);

// True when a pop would find an item now; a push that has not returned yet may not show.
bool queue_has_item(const Queue *queue);

QueueStats queue_stats(const Queue *queue);
