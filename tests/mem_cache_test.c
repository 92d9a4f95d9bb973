#include "base/os_memory.h"
#include "base/rng.h"
#include "cache/mem_cache.h"
#include "dies.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#define BLOCK_BYTES 1000 // rounded up to 1024
#define BLOCKS 8
#define FUZZ_SEED UINT64_C(5)
#define FUZZ_STEPS 30000

static MemCache *cache;
static ChunkKey evicted[64];
static int evicted_count;

static void note_evicted(void *object, ChunkKey key)
{
    assert_ptr_equal(object, &evicted_count);
    evicted[evicted_count++ % 64] = key;
}

static int begin(void **state)
{
    (void)state;
    evicted_count = 0;
    if (mem_cache_create(BLOCKS * 1024 + 500, BLOCK_BYTES, &cache) != RESULT_OK)
        return -1;
    mem_cache_on_evict(cache, note_evicted, &evicted_count);
    return 0;
}

static int end(void **state)
{
    (void)state;
    mem_cache_destroy(cache);
    return 0;
}

static ChunkKey chunk(int64_t x)
{
    return (ChunkKey){x, -x, 0};
}

// Acquired, filled with its number and let go.
static void put(int64_t x)
{
    uint8_t *block = mem_cache_acquire(cache, chunk(x));
    assert_non_null(block);
    memset(block, (int)(x & 0xff), BLOCK_BYTES);
    mem_cache_unpin(cache, block);
}

static bool holds(int64_t x)
{
    const uint8_t *block = mem_cache_peek(cache, chunk(x));
    assert_true(!block || (block[0] == (x & 0xff) && block[BLOCK_BYTES - 1] == (x & 0xff)));
    return block != NULL;
}

static void as_many_blocks_fit_as_the_bytes_allow(void **state)
{
    (void)state;
    MemCacheStats stats = mem_cache_stats(cache);
    assert_int_equal(stats.blocks, BLOCKS);
    assert_int_equal(stats.bytes, BLOCKS * 1024);
    uint64_t before = os_memory_stats().live_total_bytes,
             calls = os_memory_stats().allocation_count;
    for (int64_t x = 0; x < 100; x++)
        put(x);
    assert_int_equal(os_memory_stats().live_total_bytes, before);
    assert_int_equal(os_memory_stats().allocation_count, calls); // nothing after create
    assert_int_equal(mem_cache_stats(cache).used, BLOCKS);
}

static void the_least_recently_used_goes_first(void **state)
{
    (void)state;
    for (int64_t x = 0; x < BLOCKS; x++)
        put(x);
    assert_non_null(mem_cache_find(cache, chunk(0))); // used again
    assert_true(holds(1));                            // only looked at
    put(100);
    assert_true(holds(0) && !holds(1) && holds(2));
    put(101);
    assert_true(holds(0) && !holds(2));
    assert_int_equal(evicted_count, 2);
    assert_true(chunk_key_equal(evicted[0], chunk(1)) && chunk_key_equal(evicted[1], chunk(2)));
    MemCacheStats stats = mem_cache_stats(cache);
    assert_int_equal(stats.evictions, 2);
    assert_int_equal(stats.hits, 1);
    assert_null(mem_cache_find(cache, chunk(55)));
    assert_int_equal(mem_cache_stats(cache).misses, 1);
}

static void a_pinned_block_stays(void **state)
{
    (void)state;
    void *pinned = mem_cache_acquire(cache, chunk(0));
    memset(pinned, 0, BLOCK_BYTES);
    for (int64_t x = 1; x < 50; x++)
        put(x);
    assert_true(holds(0));
    mem_cache_pin(cache, pinned);
    mem_cache_unpin(cache, pinned);
    for (int64_t x = 50; x < 100; x++)
        put(x);
    assert_true(holds(0)); // pinned twice, let go once
    mem_cache_unpin(cache, pinned);
    for (int64_t x = 100; x < 100 + BLOCKS; x++)
        put(x);
    assert_false(holds(0));
}

static void with_everything_pinned_it_refuses(void **state)
{
    (void)state;
    void *blocks[BLOCKS];
    for (int64_t x = 0; x < BLOCKS; x++)
        blocks[x] = mem_cache_acquire(cache, chunk(x));
    assert_int_equal(mem_cache_stats(cache).pinned, BLOCKS);
    assert_null(mem_cache_acquire(cache, chunk(100)));
    assert_int_equal(mem_cache_stats(cache).refusals, 1);
    mem_cache_unpin(cache, blocks[3]);
    assert_ptr_equal(mem_cache_acquire(cache, chunk(100)), blocks[3]);
    assert_int_equal(mem_cache_stats(cache).pinned, BLOCKS);
}

static void a_discarded_block_is_forgotten(void **state)
{
    (void)state;
    void *block = mem_cache_acquire(cache, chunk(1));
    mem_cache_discard(cache, block);
    assert_null(mem_cache_peek(cache, chunk(1)));
    MemCacheStats stats = mem_cache_stats(cache);
    assert_int_equal(stats.used, 0);
    assert_int_equal(stats.pinned, 0);
    assert_int_equal(evicted_count, 0); // whoever discards knows
    put(1);
    assert_true(holds(1));
}

// Random use against a list of keys from oldest to newest.
static void it_behaves_like_a_list_ordered_by_use(void **state)
{
    (void)state;
    int64_t order[BLOCKS];
    int count = 0;
    for (uint64_t step = 0; step < FUZZ_STEPS; step++) {
        int64_t x = (int64_t)(rng_u64(FUZZ_SEED, 1, step) % 20);
        int at = 0;
        while (at < count && order[at] != x)
            at++;
        assert_int_equal(holds(x), at < count);
        bool discard = rng_u64(FUZZ_SEED, 2, step) % 8 == 0;
        if (at < count) {
            void *block = mem_cache_find(cache, chunk(x));
            mem_cache_pin(cache, block);
            if (discard)
                mem_cache_discard(cache, block);
            else
                mem_cache_unpin(cache, block);
        } else {
            put(x);
            at = count < BLOCKS ? count++ : 0; // full: the oldest made room
            discard = false;
        }
        for (; at + 1 < count; at++)
            order[at] = order[at + 1];
        count -= discard;
        if (!discard)
            order[count - 1] = x;
        assert_int_equal(mem_cache_stats(cache).used, count);
        assert_int_equal(mem_cache_stats(cache).pinned, 0);
    }
}

static void it_is_warm_after_all_its_bytes_and_keeps_what_blocks_hold(void **state)
{
    (void)state;
    void *block = mem_cache_acquire(cache, chunk(1));
    memset(block, 7, BLOCK_BYTES);
    size_t bytes = mem_cache_stats(cache).bytes;
    assert_false(mem_cache_warm(cache, bytes / 2));
    assert_true(mem_cache_warm(cache, bytes));
    assert_true(mem_cache_warm(cache, bytes));
    for (int i = 0; i < BLOCK_BYTES; i++)
        assert_int_equal(((uint8_t *)block)[i], 7);
}

static void acquire_twice(void)
{
    put(1);
    (void)mem_cache_acquire(cache, chunk(1));
}

static void unpin_twice(void)
{
    void *block = mem_cache_acquire(cache, chunk(1));
    mem_cache_unpin(cache, block);
    mem_cache_unpin(cache, block);
}

static void discard_shared(void)
{
    void *block = mem_cache_acquire(cache, chunk(1));
    mem_cache_pin(cache, block);
    mem_cache_discard(cache, block);
}

static void misuse_is_a_bug(void **state)
{
    (void)state;
    assert_true(dies(acquire_twice));
    assert_true(dies(unpin_twice));
    assert_true(dies(discard_shared));
}

static void create_without_memory_fails_cleanly(void **state)
{
    (void)state;
    uint64_t before = os_memory_stats().live_total_bytes;
    for (uint64_t nth = 1; nth <= 5; nth++) {
        MemCache *other = NULL;
        os_memory_fail_at(nth, 0);
        assert_int_equal(mem_cache_create(65536, 1024, &other), RESULT_OUT_OF_MEMORY);
        os_memory_fail_at(0, 0);
        assert_int_equal(os_memory_stats().live_total_bytes, before);
    }
}

#define CACHE_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CACHE_TEST(as_many_blocks_fit_as_the_bytes_allow),
        CACHE_TEST(the_least_recently_used_goes_first),
        CACHE_TEST(a_pinned_block_stays),
        CACHE_TEST(with_everything_pinned_it_refuses),
        CACHE_TEST(a_discarded_block_is_forgotten),
        CACHE_TEST(it_behaves_like_a_list_ordered_by_use),
        CACHE_TEST(it_is_warm_after_all_its_bytes_and_keeps_what_blocks_hold),
        CACHE_TEST(misuse_is_a_bug),
        CACHE_TEST(create_without_memory_fails_cleanly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
