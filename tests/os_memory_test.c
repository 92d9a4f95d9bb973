#include "base/os_memory.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dies.h"
#include "sanitized.h"
#include <string.h>

static void memory_is_zeroed_and_aligned_even_when_reused(void **state)
{
    (void)state;
    const size_t sizes[] = {1, 63, 64, 65, 4096, 100000, 1 << 20};
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
            uint8_t *memory = os_memory_alloc(sizes[i], OS_MEMORY_BASE);
            assert_non_null(memory);
            assert_int_equal((uintptr_t)memory % 64, 0);
            for (size_t k = 0; k < sizes[i]; k++)
                assert_int_equal(memory[k], 0);
            memset(memory, 0xA5, sizes[i]);
            os_memory_free(memory, sizes[i], OS_MEMORY_BASE);
        }
    }
}

static void live_bytes_are_counted_by_owner(void **state)
{
    (void)state;
    OsMemoryStats before = os_memory_stats();
    void *a = os_memory_alloc(1000, OS_MEMORY_HEIGHTS);
    void *b = os_memory_alloc(77, OS_MEMORY_UI);
    OsMemoryStats during = os_memory_stats();
    assert_int_equal(during.live_bytes[OS_MEMORY_HEIGHTS] - before.live_bytes[OS_MEMORY_HEIGHTS],
                     1000);
    assert_int_equal(during.live_bytes[OS_MEMORY_UI] - before.live_bytes[OS_MEMORY_UI], 77);
    assert_int_equal(during.live_total_bytes - before.live_total_bytes, 1077);
    assert_int_equal(during.allocation_count - before.allocation_count, 2);
    os_memory_free(a, 1000, OS_MEMORY_HEIGHTS);
    os_memory_free(b, 77, OS_MEMORY_UI);
    os_memory_free(NULL, 5, OS_MEMORY_UI);
    OsMemoryStats after = os_memory_stats();
    assert_int_equal(after.live_total_bytes, before.live_total_bytes);
    assert_int_equal(after.allocation_count, during.allocation_count);
}

static void the_nth_allocation_fails_once(void **state)
{
    (void)state;
    os_memory_fail_at(3, 0);
    for (int i = 1; i <= 5; i++) {
        void *memory = os_memory_alloc(8, OS_MEMORY_BASE);
        assert_int_equal(memory == NULL, i == 3);
        os_memory_free(memory, 8, OS_MEMORY_BASE);
    }
}

static void persistent_failure_lasts_until_switched_off(void **state)
{
    (void)state;
    os_memory_fail_at(2, 1);
    for (int i = 1; i <= 5; i++) {
        void *memory = os_memory_alloc(8, OS_MEMORY_BASE);
        assert_int_equal(memory == NULL, i >= 2);
        os_memory_free(memory, 8, OS_MEMORY_BASE);
    }
    os_memory_fail_at(0, 0);
    void *memory = os_memory_alloc(8, OS_MEMORY_BASE);
    assert_non_null(memory);
    os_memory_free(memory, 8, OS_MEMORY_BASE);
}

static void an_impossible_size_is_refused_and_not_counted(void **state)
{
    (void)state;
    uint64_t before = os_memory_stats().live_total_bytes;
    volatile size_t bytes = SIZE_MAX;
    assert_null(os_memory_alloc(bytes, OS_MEMORY_BASE));
    assert_int_equal(os_memory_stats().live_total_bytes, before);
}

static void free_with_another_owner(void)
{
    void *memory = os_memory_alloc(64, OS_MEMORY_UI);
    os_memory_free(memory, 64, OS_MEMORY_APP);
}

static void freeing_with_another_owner_asserts(void **state)
{
    (void)state;
    assert_true(dies(free_with_another_owner));
}

static void every_owner_has_a_name(void **state)
{
    (void)state;
    for (int i = 0; i < OS_MEMORY_OWNER_COUNT; i++)
        assert_string_not_equal(os_memory_owner_name((OsMemoryOwner)i), "unknown");
    assert_string_equal(os_memory_owner_name(OS_MEMORY_STAGING), "staging");
    assert_string_equal(os_memory_owner_name(OS_MEMORY_OWNER_COUNT), "unknown");
}

static void a_large_block_is_resident_at_once_and_goes_back(void **state)
{
    (void)state;
    if (sanitized()) {
        skip(); // the sanitizer's own pages are counted too
    }
    const size_t bytes = 64u << 20;
    os_memory_setup();
    uint64_t before = os_memory_rss_bytes();
    assert_true(before > 0);
    void *memory = os_memory_alloc(bytes, OS_MEMORY_BASE);
    uint64_t during = os_memory_rss_bytes();
    os_memory_free(memory, bytes, OS_MEMORY_BASE);
    uint64_t after = os_memory_rss_bytes();
    assert_true(during >= before + bytes * 9 / 10);
    assert_true(after <= before + bytes / 10);
}

static void a_cold_block_is_resident_when_warmed_and_keeps_its_bytes(void **state)
{
    (void)state;
    if (sanitized()) {
        skip();
    }
    const size_t bytes = (64u << 20) + 12345, half = bytes / 2;
    os_memory_setup();
    uint64_t before = os_memory_rss_bytes();
    char *memory = os_memory_alloc_cold(bytes, OS_MEMORY_BASE);
    assert_non_null(memory);
    memory[half + 5000] = 'x';
    assert_true(os_memory_rss_bytes() <= before + bytes / 10);
    os_memory_warm(memory, half);
    uint64_t middle = os_memory_rss_bytes();
    assert_in_range(middle, before + half * 9 / 10, before + half * 11 / 10);
    os_memory_warm(memory + half, bytes - half);
    assert_true(os_memory_rss_bytes() >= before + bytes * 9 / 10);
    assert_int_equal(memory[half + 5000], 'x');
    os_memory_free(memory, bytes, OS_MEMORY_BASE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed_and_aligned_even_when_reused),
        cmocka_unit_test(live_bytes_are_counted_by_owner),
        cmocka_unit_test(the_nth_allocation_fails_once),
        cmocka_unit_test(persistent_failure_lasts_until_switched_off),
        cmocka_unit_test(an_impossible_size_is_refused_and_not_counted),
        cmocka_unit_test(freeing_with_another_owner_asserts),
        cmocka_unit_test(every_owner_has_a_name),
        cmocka_unit_test(a_large_block_is_resident_at_once_and_goes_back),
        cmocka_unit_test(a_cold_block_is_resident_when_warmed_and_keeps_its_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
