#include "base/os_clock.h"
#include "base/os_memory.h"
#include "base/os_thread.h"
#include "stream/fault.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

static Fault fault;

static int begin(void **state)
{
    (void)state;
    memset(&fault, 0, sizeof fault);
    return 0;
}

static int end(void **state)
{
    (void)state;
    fault_stop(&fault);
    return 0;
}

static void a_leak_grows_by_a_mebibyte_each_second(void **state)
{
    (void)state;
    uint64_t before = os_memory_stats().live_total_bytes;
    for (int tick = 0; tick < 59; tick++)
        fault_leak(&fault, 1.0 / 60.0);
    assert_int_equal(os_memory_stats().live_total_bytes, before);
    for (int tick = 59; tick < 5 * 60 + 1; tick++)
        fault_leak(&fault, 1.0 / 60.0);
    assert_int_equal(os_memory_stats().live_total_bytes - before, 5 * FAULT_LEAK_BYTES_PER_S);
    fault_leak(&fault, 0.0); // time stands still
    assert_int_equal(fault.block_count, 5);
    fault_leak(&fault, 3.0); // a long frame
    assert_int_equal(fault.block_count, 8);
    fault_stop(&fault);
    assert_int_equal(os_memory_stats().live_total_bytes, before);
}

static void a_leak_ends_where_memory_or_its_list_ends(void **state)
{
    (void)state;
    os_memory_fail_at(3, 1);
    fault_leak(&fault, 10.0);
    os_memory_fail_at(0, 0);
    assert_int_equal(fault.block_count, 2);
    fault_stop(&fault);
    fault.block_count = FAULT_LEAK_BLOCKS_MAX;
    uint64_t before = os_memory_stats().live_total_bytes;
    fault_leak(&fault, 10.0);
    assert_int_equal(os_memory_stats().live_total_bytes, before);
    fault.block_count = 0;
}

static uint64_t stall_ns(uint64_t tick)
{
    uint64_t started_ns = os_clock_thread_cpu_ns();
    fault_stall(&fault, tick);
    return os_clock_thread_cpu_ns() - started_ns;
}

static void a_stall_burns_the_time_of_this_thread_in_some_ticks(void **state)
{
    (void)state;
    assert_true(stall_ns(0) < FAULT_STALL_NS / 2); // not switched on
    fault.stalling = true;
    assert_true(stall_ns(FAULT_STALL_TICKS) >= FAULT_STALL_NS);
    for (uint64_t tick = 1; tick < FAULT_STALL_TICKS; tick++)
        assert_true(stall_ns(tick) < FAULT_STALL_NS / 2);
    fault_stop(&fault);
    assert_true(stall_ns(2 * FAULT_STALL_TICKS) < FAULT_STALL_NS / 2);
}

static void a_lock_makes_this_thread_wait_once(void **state)
{
    (void)state;
    uint64_t before = os_thread_usage().voluntary_switches;
    fault_lock(&fault);
    assert_int_equal(os_thread_usage().voluntary_switches, before); // not switched on
    uint64_t live = os_memory_stats().live_total_bytes, started_ns = os_clock_now_ns();
    fault.locking = true;
    fault_lock(&fault);
    assert_true(os_thread_usage().voluntary_switches > before);
    assert_true(os_clock_now_ns() - started_ns >= FAULT_LOCK_NS);
    assert_false(fault.locking);
    assert_int_equal(os_memory_stats().live_total_bytes, live);
    before = os_thread_usage().voluntary_switches;
    fault_lock(&fault);
    assert_int_equal(os_thread_usage().voluntary_switches, before);
}

static void a_lock_without_memory_is_no_harm(void **state)
{
    (void)state;
    uint64_t live = os_memory_stats().live_total_bytes;
    for (uint64_t nth = 1; nth <= 3; nth++) {
        fault.locking = true;
        os_memory_fail_at(nth, 0);
        fault_lock(&fault);
        os_memory_fail_at(0, 0);
        assert_false(fault.locking);
        assert_int_equal(os_memory_stats().live_total_bytes, live);
    }
}

#define FAULT_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAULT_TEST(a_leak_grows_by_a_mebibyte_each_second),
        FAULT_TEST(a_leak_ends_where_memory_or_its_list_ends),
        FAULT_TEST(a_stall_burns_the_time_of_this_thread_in_some_ticks),
        FAULT_TEST(a_lock_makes_this_thread_wait_once),
        FAULT_TEST(a_lock_without_memory_is_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
