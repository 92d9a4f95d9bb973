#include "base/arena.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dies.h"
#include <string.h>

static Arena make(size_t bytes)
{
    Arena arena;
    assert_true(arena_create(bytes, OS_MEMORY_SCRATCH, &arena));
    return arena;
}

static void allocations_are_aligned_and_do_not_overlap(void **state)
{
    (void)state;
    Arena arena = make(1000);
    assert_int_equal(arena.capacity_bytes, 1024);
    uint8_t *a = arena_alloc(&arena, 1);
    uint8_t *b = arena_alloc(&arena, 65);
    uint8_t *c = arena_alloc(&arena, 64);
    assert_int_equal((uintptr_t)a % 64, 0);
    assert_ptr_equal(b, a + 64);
    assert_ptr_equal(c, b + 128);
    memset(b, 1, 65);
    memset(c, 2, 64);
    assert_int_equal(b[64], 1);
    arena_destroy(&arena);
}

static void the_whole_capacity_can_be_used_and_not_a_byte_more(void **state)
{
    (void)state;
    Arena arena = make(256);
    assert_non_null(arena_alloc(&arena, 256));
    assert_null(arena_alloc(&arena, 1));
    assert_null(arena_alloc(&arena, SIZE_MAX));
    assert_int_equal(arena.overflow_count, 2);
    assert_int_equal(arena.used_bytes, 256);
    arena_rewind(&arena, 0);
    assert_null(arena_alloc(&arena, 257));
    assert_non_null(arena_alloc(&arena, 1));
    arena_destroy(&arena);
}

static void a_rewind_gives_the_same_memory_again_and_keeps_what_is_below(void **state)
{
    (void)state;
    Arena arena = make(4096);
    uint8_t *kept = arena_alloc(&arena, 100);
    kept[99] = 7;
    size_t mark = arena_mark(&arena);
    void *first = arena_alloc(&arena, 2000);
    arena_rewind(&arena, mark);
    assert_ptr_equal(arena_alloc(&arena, 10), first);
    assert_int_equal(kept[99], 7);
    assert_int_equal(arena.high_water_bytes, 128 + 2048);
    arena_destroy(&arena);
}

static void an_empty_allocation_is_a_place_of_its_own(void **state)
{
    (void)state;
    Arena arena = make(256);
    void *a = arena_alloc(&arena, 0);
    void *b = arena_alloc(&arena, 0);
    assert_non_null(a);
    assert_ptr_not_equal(a, b);
    arena_destroy(&arena);
}

static void memory_is_owned_and_given_back(void **state)
{
    (void)state;
    uint64_t before = os_memory_stats().live_bytes[OS_MEMORY_SCRATCH];
    Arena arena = make(1 << 16);
    assert_int_equal(os_memory_stats().live_bytes[OS_MEMORY_SCRATCH] - before, 1 << 16);
    arena_destroy(&arena);
    assert_null(arena.memory);
    arena_destroy(&arena);
    assert_int_equal(os_memory_stats().live_bytes[OS_MEMORY_SCRATCH], before);
}

static void creation_reports_a_lack_of_memory(void **state)
{
    (void)state;
    Arena arena;
    os_memory_fail_at(1, 0);
    assert_false(arena_create(100, OS_MEMORY_SCRATCH, &arena));
    assert_null(arena.memory);
    arena_destroy(&arena);
}

static void rewind_upwards(void)
{
    Arena arena;
    if (arena_create(1024, OS_MEMORY_SCRATCH, &arena))
        arena_rewind(&arena, 64);
}

static void rewinding_above_what_is_used_asserts(void **state)
{
    (void)state;
    assert_true(dies(rewind_upwards));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allocations_are_aligned_and_do_not_overlap),
        cmocka_unit_test(the_whole_capacity_can_be_used_and_not_a_byte_more),
        cmocka_unit_test(a_rewind_gives_the_same_memory_again_and_keeps_what_is_below),
        cmocka_unit_test(an_empty_allocation_is_a_place_of_its_own),
        cmocka_unit_test(memory_is_owned_and_given_back),
        cmocka_unit_test(creation_reports_a_lack_of_memory),
        cmocka_unit_test(rewinding_above_what_is_used_asserts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
