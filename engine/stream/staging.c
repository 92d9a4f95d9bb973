#include "stream/staging.h"

#include "base/os_memory.h"
#include <assert.h>
#include <string.h>

typedef enum SlotState { SLOT_FREE, SLOT_FILLING, SLOT_FLYING } SlotState;

typedef struct SlotPool {
    uint8_t *states;
    uint32_t *free_stack;
    uint32_t *flying; // oldest first
    uint32_t count, free_count, flying_count;
} SlotPool;

struct Staging {
    const GpuSink *sink;
    SlotPool pools[LOD_GRID_COUNT];
    uint64_t refused;
};

static Result pool_create(SlotPool *pool, uint32_t count)
{
    pool->count = count;
    pool->states = os_memory_alloc(count, OS_MEMORY_STAGING);
    pool->free_stack = os_memory_alloc(count * sizeof(uint32_t), OS_MEMORY_STAGING);
    pool->flying = os_memory_alloc(count * sizeof(uint32_t), OS_MEMORY_STAGING);
    if (!pool->states || !pool->free_stack || !pool->flying)
        return RESULT_OUT_OF_MEMORY;
    for (uint32_t i = 0; i < count; i++)
        pool->free_stack[i] = count - 1 - i;
    pool->free_count = count;
    return RESULT_OK;
}

Result staging_create(const GpuSink *sink, const uint32_t slot_counts[LOD_GRID_COUNT],
                      Staging **out)
{
    Staging *staging = os_memory_alloc(sizeof *staging, OS_MEMORY_STAGING);
    if (!staging)
        return RESULT_OUT_OF_MEMORY;
    staging->sink = sink;
    for (int g = 0; g < LOD_GRID_COUNT; g++) {
        assert(slot_counts[g] > 0);
        if (pool_create(&staging->pools[g], slot_counts[g]) != RESULT_OK) {
            staging_destroy(staging);
            return RESULT_OUT_OF_MEMORY;
        }
    }
    *out = staging;
    return RESULT_OK;
}

void staging_destroy(Staging *staging)
{
    if (!staging)
        return;
    for (int g = 0; g < LOD_GRID_COUNT; g++) {
        SlotPool *pool = &staging->pools[g];
        os_memory_free(pool->states, pool->count, OS_MEMORY_STAGING);
        os_memory_free(pool->free_stack, pool->count * sizeof(uint32_t), OS_MEMORY_STAGING);
        os_memory_free(pool->flying, pool->count * sizeof(uint32_t), OS_MEMORY_STAGING);
    }
    os_memory_free(staging, sizeof *staging, OS_MEMORY_STAGING);
}

uint32_t staging_try_acquire(Staging *staging, LodGrid grid)
{
    SlotPool *pool = &staging->pools[grid];
    if (pool->free_count == 0) {
        staging->refused++;
        return STAGING_NONE;
    }
    uint32_t slot = pool->free_stack[--pool->free_count];
    assert(pool->states[slot] == SLOT_FREE);
    pool->states[slot] = SLOT_FILLING;
    return slot;
}

uint8_t *staging_memory(const Staging *staging, LodGrid grid, uint32_t slot)
{
    assert(slot < staging->pools[grid].count);
    return staging->sink->slot_memory(staging->sink->object, grid, slot);
}

static void slot_free(SlotPool *pool, uint32_t slot)
{
    pool->states[slot] = SLOT_FREE;
    pool->free_stack[pool->free_count++] = slot;
    assert(pool->free_count <= pool->count);
}

void staging_cancel(Staging *staging, LodGrid grid, uint32_t slot)
{
    assert(staging->pools[grid].states[slot] == SLOT_FILLING);
    slot_free(&staging->pools[grid], slot);
}

void staging_submit(Staging *staging, LodGrid grid, uint32_t slot)
{
    SlotPool *pool = &staging->pools[grid];
    assert(pool->states[slot] == SLOT_FILLING && pool->flying_count < pool->count);
    pool->states[slot] = SLOT_FLYING;
    pool->flying[pool->flying_count++] = slot;
}

void staging_poll(Staging *staging)
{
    for (int g = 0; g < LOD_GRID_COUNT; g++) {
        SlotPool *pool = &staging->pools[g];
        uint32_t done = 0;
        // The GPU finishes in order: the first busy slot ends the poll.
        while (done < pool->flying_count &&
               staging->sink->slot_idle(staging->sink->object, (LodGrid)g, pool->flying[done]))
            slot_free(pool, pool->flying[done++]);
        pool->flying_count -= done;
        memmove(pool->flying, pool->flying + done, pool->flying_count * sizeof(uint32_t));
    }
}

void staging_reset(Staging *staging)
{
    for (int g = 0; g < LOD_GRID_COUNT; g++) {
        SlotPool *pool = &staging->pools[g];
        for (uint32_t i = 0; i < pool->flying_count; i++)
            slot_free(pool, pool->flying[i]);
        pool->flying_count = 0;
    }
}

StagingStats staging_stats(const Staging *staging)
{
    StagingStats stats = {.refused = staging->refused};
    for (int g = 0; g < LOD_GRID_COUNT; g++) {
        stats.slots[g] = staging->pools[g].count;
        stats.free[g] = staging->pools[g].free_count;
    }
    return stats;
}
