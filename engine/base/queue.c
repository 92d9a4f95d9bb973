#include "base/queue.h"
#include <assert.h>
#include <stdatomic.h>

#define CAPACITY_MAX (1u << 20)

// Dmitry Vyukov, Bounded MPMC queue (1024cores.net). A cell whose sequence equals a position is
// free for the push of that position; position + 1 means that it holds that push's item.
typedef struct Cell {
    _Atomic uint64_t sequence;
    uint64_t item;
} Cell;

struct Queue {
    // Fixed after create.
    uint64_t mask;
    // Written by producers.
    _Alignas(64) _Atomic uint64_t push_position;
    _Atomic uint64_t refused;
    _Atomic uint32_t depth_max;
    // Written by consumers.
    _Alignas(64) _Atomic uint64_t pop_position;
    _Alignas(64) Cell cells[];
};

static size_t queue_bytes(uint64_t capacity)
{
    return sizeof(Queue) + (size_t)capacity * sizeof(Cell);
}

Result queue_create(uint32_t capacity, Queue **out)
{
    assert(out != NULL);
    assert(capacity > 0 && capacity <= CAPACITY_MAX);
    uint64_t rounded = 2;
    while (rounded < capacity)
        rounded *= 2;
    Queue *queue = os_memory_alloc(queue_bytes(rounded), OS_MEMORY_BASE);
    *out = queue;
    if (queue == NULL)
        return RESULT_OUT_OF_MEMORY;
    queue->mask = rounded - 1;
    for (uint64_t i = 0; i < rounded; i++)
        atomic_init(&queue->cells[i].sequence, i);
    return RESULT_OK;
}

void queue_destroy(Queue *queue)
{
    if (queue != NULL)
        os_memory_free(queue, queue_bytes(queue->mask + 1), OS_MEMORY_BASE);
}

static void note_depth(Queue *queue, uint64_t pushed)
{
    uint64_t popped = atomic_load_explicit(&queue->pop_position, memory_order_relaxed);
    uint32_t depth = pushed > popped ? (uint32_t)(pushed - popped) : 0;
    uint32_t seen = atomic_load_explicit(&queue->depth_max, memory_order_relaxed);
    if (depth > seen) // two producers may overwrite each other: the figure is "about"
        atomic_store_explicit(&queue->depth_max, depth, memory_order_relaxed);
}

bool queue_try_push(Queue *queue, uint64_t item)
{
    uint64_t position = atomic_load_explicit(&queue->push_position, memory_order_relaxed);
    for (;;) {
        Cell *cell = &queue->cells[position & queue->mask];
        uint64_t sequence = atomic_load_explicit(&cell->sequence, memory_order_acquire);
        int64_t lead = (int64_t)(sequence - position);
        if (lead < 0) {
            atomic_fetch_add_explicit(&queue->refused, 1, memory_order_relaxed);
            return false;
        }
        if (lead > 0) {
            position = atomic_load_explicit(&queue->push_position, memory_order_relaxed);
            continue;
        }
        if (atomic_compare_exchange_weak_explicit(&queue->push_position, &position, position + 1,
                                                  memory_order_relaxed, memory_order_relaxed)) {
            cell->item = item;
            atomic_store_explicit(&cell->sequence, position + 1, memory_order_release);
            note_depth(queue, position + 1);
            return true;
        }
    }
}

bool queue_try_pop(Queue *queue, uint64_t *out)
{
    uint64_t position = atomic_load_explicit(&queue->pop_position, memory_order_relaxed);
    for (;;) {
        Cell *cell = &queue->cells[position & queue->mask];
        uint64_t sequence = atomic_load_explicit(&cell->sequence, memory_order_acquire);
        int64_t lead = (int64_t)(sequence - (position + 1));
        if (lead < 0)
            return false;
        if (lead > 0) {
            position = atomic_load_explicit(&queue->pop_position, memory_order_relaxed);
            continue;
        }
        // Release: who sees the new position also sees what the consumer did before this pop.
        if (atomic_compare_exchange_weak_explicit(&queue->pop_position, &position, position + 1,
                                                  memory_order_release, memory_order_relaxed)) {
            *out = cell->item;
            atomic_store_explicit(&cell->sequence, position + queue->mask + 1,
                                  memory_order_release);
            return true;
        }
    }
}

bool queue_has_item(const Queue *queue)
{
    for (;;) {
        uint64_t position = atomic_load_explicit(&queue->pop_position, memory_order_relaxed);
        const Cell *cell = &queue->cells[position & queue->mask];
        uint64_t sequence = atomic_load_explicit(&cell->sequence, memory_order_acquire);
        int64_t lead = (int64_t)(sequence - (position + 1));
        if (lead <= 0) // above zero the item went while we looked: look at the next
            return lead == 0;
    }
}

QueueStats queue_stats(const Queue *queue)
{
    uint64_t popped = atomic_load_explicit(&queue->pop_position, memory_order_acquire);
    uint64_t pushed = atomic_load_explicit(&queue->push_position, memory_order_acquire);
    uint64_t depth = pushed > popped ? pushed - popped : 0;
    uint64_t capacity = queue->mask + 1;
    return (QueueStats){
        .capacity = (uint32_t)capacity,
        .depth = (uint32_t)(depth < capacity ? depth : capacity),
        .depth_max = atomic_load_explicit(&queue->depth_max, memory_order_relaxed),
        .pushed = pushed,
        .popped = popped,
        .refused = atomic_load_explicit(&queue->refused, memory_order_relaxed),
    };
}
