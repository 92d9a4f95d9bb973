#include "cache/mem_cache.h"

#include "base/key_index.h"
#include <assert.h>
#include <string.h>

#define NONE KEY_INDEX_NONE

typedef struct Block {
    ChunkKey key;
    uint32_t pins;
    uint32_t older, newer; // in the order of use, while used and unpinned
    bool used;
} Block;

struct MemCache {
    uint8_t *slab;
    Block *blocks;
    KeyIndex index; // from keys to blocks
    uint32_t *free_stack;
    size_t block_bytes, warm_bytes;
    uint32_t count, free_count;
    uint32_t oldest, newest;
    MemCacheStats stats;
    void (*evicted)(void *object, ChunkKey key);
    void *evicted_object;
};

static Result allocate(MemCache *cache)
{
    size_t n = cache->count;
    cache->slab = os_memory_alloc_cold(n * cache->block_bytes, OS_MEMORY_HEIGHTS);
    cache->blocks = os_memory_alloc(n * sizeof(Block), OS_MEMORY_HEIGHTS);
    cache->free_stack = os_memory_alloc(n * sizeof(uint32_t), OS_MEMORY_HEIGHTS);
    if (!cache->slab || !cache->blocks || !cache->free_stack ||
        key_index_create(cache->count, OS_MEMORY_HEIGHTS, &cache->index) != RESULT_OK)
        return RESULT_OUT_OF_MEMORY;
    for (uint32_t i = 0; i < cache->count; i++)
        cache->free_stack[i] = cache->count - 1 - i;
    cache->free_count = cache->count;
    return RESULT_OK;
}

Result mem_cache_create(size_t bytes_max, size_t block_bytes, MemCache **out)
{
    assert(block_bytes > 0 && bytes_max / block_bytes < (1u << 24));
    MemCache *cache = os_memory_alloc(sizeof *cache, OS_MEMORY_HEIGHTS);
    if (!cache)
        return RESULT_OUT_OF_MEMORY;
    cache->block_bytes = (block_bytes + 63) & ~(size_t)63;
    cache->count = (uint32_t)(bytes_max / cache->block_bytes);
    if (cache->count == 0)
        cache->count = 1;
    cache->oldest = cache->newest = NONE;
    if (allocate(cache) != RESULT_OK) {
        mem_cache_destroy(cache);
        return RESULT_OUT_OF_MEMORY;
    }
    *out = cache;
    return RESULT_OK;
}

void mem_cache_destroy(MemCache *cache)
{
    if (!cache)
        return;
    size_t n = cache->count;
    os_memory_free(cache->slab, n * cache->block_bytes, OS_MEMORY_HEIGHTS);
    os_memory_free(cache->blocks, n * sizeof(Block), OS_MEMORY_HEIGHTS);
    os_memory_free(cache->free_stack, n * sizeof(uint32_t), OS_MEMORY_HEIGHTS);
    key_index_destroy(&cache->index);
    os_memory_free(cache, sizeof *cache, OS_MEMORY_HEIGHTS);
}

bool mem_cache_warm(MemCache *cache, size_t bytes)
{
    size_t left = cache->count * cache->block_bytes - cache->warm_bytes;
    size_t part = bytes < left ? bytes : left;
    os_memory_warm(cache->slab + cache->warm_bytes, part);
    cache->warm_bytes += part;
    return part == left;
}

// Number of the block of `key` or NONE.
static uint32_t find(const MemCache *cache, ChunkKey key)
{
    uint64_t hash = chunk_key_hash(key);
    uint32_t step = 0, number;
    do {
        number = key_index_next(&cache->index, hash, &step);
    } while (number != NONE && !chunk_key_equal(cache->blocks[number].key, key));
    return number;
}

static void forget(MemCache *cache, uint32_t number)
{
    key_index_remove(&cache->index, chunk_key_hash(cache->blocks[number].key), number);
    cache->blocks[number].used = false;
    cache->free_stack[cache->free_count++] = number;
}

static void list_remove(MemCache *cache, Block *block)
{
    if (block->older != NONE)
        cache->blocks[block->older].newer = block->newer;
    else
        cache->oldest = block->newer;
    if (block->newer != NONE)
        cache->blocks[block->newer].older = block->older;
    else
        cache->newest = block->older;
}

static void list_append(MemCache *cache, uint32_t number)
{
    Block *block = &cache->blocks[number];
    block->older = cache->newest;
    block->newer = NONE;
    if (cache->newest != NONE)
        cache->blocks[cache->newest].newer = number;
    else
        cache->oldest = number;
    cache->newest = number;
}

static void *memory_of(const MemCache *cache, uint32_t number)
{
    return cache->slab + (size_t)number * cache->block_bytes;
}

static uint32_t number_of(const MemCache *cache, const void *block)
{
    size_t offset = (size_t)((const uint8_t *)block - cache->slab);
    assert(offset % cache->block_bytes == 0 && offset / cache->block_bytes < cache->count);
    return (uint32_t)(offset / cache->block_bytes);
}

void *mem_cache_peek(const MemCache *cache, ChunkKey key)
{
    uint32_t number = find(cache, key);
    return number == NONE ? NULL : memory_of(cache, number);
}

void *mem_cache_find(MemCache *cache, ChunkKey key)
{
    uint32_t number = find(cache, key);
    if (number == NONE) {
        cache->stats.misses++;
        return NULL;
    }
    cache->stats.hits++;
    Block *block = &cache->blocks[number];
    if (block->pins == 0) {
        list_remove(cache, block);
        list_append(cache, number);
    }
    return memory_of(cache, number);
}

static void evict_oldest(MemCache *cache)
{
    uint32_t number = cache->oldest;
    Block *block = &cache->blocks[number];
    assert(block->used && block->pins == 0);
    list_remove(cache, block);
    forget(cache, number);
    cache->stats.evictions++;
    if (cache->evicted)
        cache->evicted(cache->evicted_object, block->key);
}

void *mem_cache_acquire(MemCache *cache, ChunkKey key)
{
    assert(!mem_cache_peek(cache, key));
    if (cache->free_count == 0 && cache->oldest != NONE)
        evict_oldest(cache);
    if (cache->free_count == 0) {
        cache->stats.refusals++;
        return NULL;
    }
    uint32_t number = cache->free_stack[--cache->free_count];
    cache->blocks[number] =
        (Block){.key = key, .pins = 1, .older = NONE, .newer = NONE, .used = true};
    key_index_add(&cache->index, chunk_key_hash(key), number);
    cache->stats.pinned++;
    return memory_of(cache, number);
}

void mem_cache_pin(MemCache *cache, void *block)
{
    Block *b = &cache->blocks[number_of(cache, block)];
    assert(b->used);
    if (b->pins++ == 0) {
        list_remove(cache, b);
        cache->stats.pinned++;
    }
}

void mem_cache_unpin(MemCache *cache, void *block)
{
    uint32_t number = number_of(cache, block);
    Block *b = &cache->blocks[number];
    assert(b->used && b->pins > 0);
    if (--b->pins == 0) {
        list_append(cache, number);
        cache->stats.pinned--;
    }
}

void mem_cache_discard(MemCache *cache, void *block)
{
    uint32_t number = number_of(cache, block);
    Block *b = &cache->blocks[number];
    assert(b->used && b->pins == 1);
    forget(cache, number);
    cache->stats.pinned--;
}

void mem_cache_on_evict(MemCache *cache, void (*evicted)(void *object, ChunkKey key), void *object)
{
    cache->evicted = evicted;
    cache->evicted_object = object;
}

MemCacheStats mem_cache_stats(const MemCache *cache)
{
    MemCacheStats stats = cache->stats;
    stats.blocks = cache->count;
    stats.used = cache->count - cache->free_count;
    stats.bytes = (uint64_t)cache->count * cache->block_bytes;
    return stats;
}
