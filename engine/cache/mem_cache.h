// Purpose: fixed number of equal blocks keyed by chunk, least recently used out first, never while pinned.
// Owns: one slab of blocks and its key table.
// Threads: one (the main thread), but one other may warm; block contents may be used by jobs while pinned.
// Fails: create returns a Result; acquire returns NULL when every block is pinned.
#pragma once
#include "base/result.h"
#include "world/chunk_key.h"
#include <stddef.h>

typedef struct MemCache MemCache;

typedef struct MemCacheStats {
    uint32_t blocks, used, pinned;
    uint64_t bytes; // of the slab
    uint64_t hits, misses, evictions, refusals;
} MemCacheStats;

// As many blocks of `block_bytes` as fit in `bytes_max`.
RESULT_MUST Result mem_cache_create(size_t bytes_max, size_t block_bytes, MemCache **out);
void mem_cache_destroy(MemCache *cache);
// Makes the next `bytes` of the slab resident, so that no page fault comes in a frame and RSS stays flat; true when all
// are. Blocks in use keep what they hold.
bool mem_cache_warm(MemCache *cache, size_t bytes);

// The block of `key` or NULL; counts a hit or a miss and makes the block the most recently used.
void *mem_cache_find(MemCache *cache, ChunkKey key);
// As find, but neither counts nor changes the order.
void *mem_cache_peek(const MemCache *cache, ChunkKey key);
// A block for a key that is not in the cache, pinned once; evicts the least recently used unpinned block.
void *mem_cache_acquire(MemCache *cache, ChunkKey key);
void mem_cache_pin(MemCache *cache, void *block);
void mem_cache_unpin(MemCache *cache, void *block);
// Forgets a block that is pinned exactly once (a read that failed).
void mem_cache_discard(MemCache *cache, void *block);
// Calls `evicted` with the key of each block that acquire takes away from another chunk.
void mem_cache_on_evict(MemCache *cache, void (*evicted)(void *object, ChunkKey key), void *object);
MemCacheStats mem_cache_stats(const MemCache *cache);
