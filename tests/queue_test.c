#include "base/os_thread.h"
#include "base/queue.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sched.h>
#include <stdatomic.h>
#include <string.h>

#define ITEMS_PER_PRODUCER 20000u
#define THREADS_EACH_MAX 4

static Queue *make(uint32_t capacity)
{
    Queue *queue;
    assert_int_equal(queue_create(capacity, &queue), RESULT_OK);
    return queue;
}

static void items_come_out_in_order_over_many_laps(void **state)
{
    (void)state;
    Queue *queue = make(4);
    uint64_t item = 0;
    for (uint64_t i = 0; i < 100; i++) {
        assert_false(queue_has_item(queue));
        assert_false(queue_try_pop(queue, &item));
        for (uint64_t k = 0; k < 3; k++)
            assert_true(queue_try_push(queue, i * 3 + k));
        for (uint64_t k = 0; k < 3; k++) {
            assert_true(queue_has_item(queue));
            assert_true(queue_try_pop(queue, &item));
            assert_true(item == i * 3 + k);
        }
    }
    queue_destroy(queue);
}

static void a_full_queue_refuses_and_keeps_what_it_has(void **state)
{
    (void)state;
    Queue *queue = make(8);
    for (uint64_t i = 0; i < 8; i++)
        assert_true(queue_try_push(queue, i));
    assert_false(queue_try_push(queue, 99));
    assert_false(queue_try_push(queue, 99));
    assert_int_equal(queue_stats(queue).refused, 2);
    uint64_t item;
    for (uint64_t i = 0; i < 8; i++) {
        assert_true(queue_try_pop(queue, &item));
        assert_true(item == i);
    }
    assert_false(queue_try_pop(queue, &item));
    queue_destroy(queue);
}

static void capacity_is_rounded_up_to_a_power_of_two(void **state)
{
    (void)state;
    const uint32_t asked[] = {1, 2, 3, 256, 257, 1 << 20};
    const uint32_t given[] = {2, 2, 4, 256, 512, 1 << 20};
    for (int i = 0; i < 6; i++) {
        Queue *queue = make(asked[i]);
        assert_int_equal(queue_stats(queue).capacity, given[i]);
        queue_destroy(queue);
    }
}

static void stats_follow_pushes_and_pops(void **state)
{
    (void)state;
    Queue *queue = make(16);
    uint64_t item;
    for (uint64_t i = 0; i < 10; i++)
        assert_true(queue_try_push(queue, i));
    for (int i = 0; i < 7; i++)
        assert_true(queue_try_pop(queue, &item));
    QueueStats stats = queue_stats(queue);
    assert_int_equal(stats.depth, 3);
    assert_int_equal(stats.depth_max, 10);
    assert_int_equal(stats.pushed, 10);
    assert_int_equal(stats.popped, 7);
    assert_int_equal(stats.refused, 0);
    queue_destroy(queue);
}

static void memory_comes_at_create_only_and_goes_back(void **state)
{
    (void)state;
    OsMemoryStats before = os_memory_stats();
    Queue *queue;
    os_memory_fail_at(1, 0);
    assert_int_equal(queue_create(100, &queue), RESULT_OUT_OF_MEMORY);
    assert_null(queue);
    queue_destroy(queue);
    queue = make(100);
    OsMemoryStats made = os_memory_stats();
    uint64_t item;
    for (uint64_t i = 0; i < 1000; i++)
        assert_true(queue_try_push(queue, i) && queue_try_pop(queue, &item));
    assert_int_equal(os_memory_stats().allocation_count, made.allocation_count);
    queue_destroy(queue);
    assert_int_equal(os_memory_stats().live_total_bytes, before.live_total_bytes);
}

typedef struct Crowd {
    Queue *queue;
    uint32_t total;
    _Atomic uint32_t producers;
    _Atomic uint32_t popped;
    _Atomic uint32_t out_of_order;
    _Atomic uint8_t seen[THREADS_EACH_MAX * ITEMS_PER_PRODUCER];
} Crowd;

static void produce(void *object)
{
    Crowd *crowd = object;
    uint64_t producer = atomic_fetch_add(&crowd->producers, 1);
    for (uint64_t i = 0; i < ITEMS_PER_PRODUCER; i++) {
        while (!queue_try_push(crowd->queue, producer * ITEMS_PER_PRODUCER + i))
            sched_yield();
    }
}

// One consumer meets the items of each producer in the order in which they were pushed.
static void consume(void *object)
{
    Crowd *crowd = object;
    uint64_t next[THREADS_EACH_MAX] = {0};
    uint64_t item;
    while (atomic_load(&crowd->popped) < crowd->total) {
        if (!queue_try_pop(crowd->queue, &item)) {
            sched_yield();
            continue;
        }
        atomic_fetch_add(&crowd->popped, 1);
        atomic_fetch_add(&crowd->seen[item], 1);
        uint64_t producer = item / ITEMS_PER_PRODUCER;
        if (item % ITEMS_PER_PRODUCER < next[producer])
            atomic_fetch_add(&crowd->out_of_order, 1);
        next[producer] = item % ITEMS_PER_PRODUCER + 1;
    }
}

static void run_crowd(uint32_t producers, uint32_t consumers, uint32_t capacity)
{
    static Crowd crowd;
    memset(&crowd, 0, sizeof crowd);
    crowd.queue = make(capacity);
    crowd.total = producers * ITEMS_PER_PRODUCER;
    OsThread *threads[2 * THREADS_EACH_MAX];
    for (uint32_t i = 0; i < producers + consumers; i++)
        assert_int_equal(
            os_thread_create("crowd", 0, i < producers ? produce : consume, &crowd, &threads[i]),
            RESULT_OK);
    for (uint32_t i = 0; i < producers + consumers; i++)
        os_thread_join(threads[i]);
    for (uint32_t i = 0; i < crowd.total; i++)
        assert_int_equal(crowd.seen[i], 1);
    assert_int_equal(crowd.out_of_order, 0);
    QueueStats stats = queue_stats(crowd.queue);
    assert_int_equal(stats.pushed, crowd.total);
    assert_int_equal(stats.popped, crowd.total);
    assert_true(stats.depth_max >= 1 && stats.depth_max <= stats.capacity);
    queue_destroy(crowd.queue);
}

static void every_item_comes_out_once_whoever_pushes_and_pops(void **state)
{
    (void)state;
    run_crowd(1, 1, 64);
    run_crowd(4, 1, 16);
    run_crowd(1, 4, 2);
    run_crowd(4, 4, 256);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_come_out_in_order_over_many_laps),
        cmocka_unit_test(a_full_queue_refuses_and_keeps_what_it_has),
        cmocka_unit_test(capacity_is_rounded_up_to_a_power_of_two),
        cmocka_unit_test(stats_follow_pushes_and_pops),
        cmocka_unit_test(memory_comes_at_create_only_and_goes_back),
        cmocka_unit_test(every_item_comes_out_once_whoever_pushes_and_pops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
