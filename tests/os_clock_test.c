#include "base/os_clock.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void now_never_runs_backwards(void **state)
{
    (void)state;
    uint64_t before_ns = os_clock_now_ns();
    for (int i = 0; i < 10000; i++) {
        uint64_t after_ns = os_clock_now_ns();
        assert_true(after_ns >= before_ns);
        before_ns = after_ns;
    }
}

static void sleep_lasts_until_the_deadline_and_uses_no_cpu(void **state)
{
    (void)state;
    uint64_t cpu_ns = os_clock_thread_cpu_ns();
    uint64_t deadline_ns = os_clock_now_ns() + 20000000u;
    os_clock_sleep_until_ns(deadline_ns);
    assert_true(os_clock_now_ns() >= deadline_ns);
    assert_true(os_clock_thread_cpu_ns() - cpu_ns < 10000000u);
}

static void a_deadline_that_has_passed_does_not_sleep(void **state)
{
    (void)state;
    uint64_t before_ns = os_clock_now_ns();
    os_clock_sleep_until_ns(0);
    os_clock_sleep_until_ns(before_ns);
    assert_true(os_clock_now_ns() - before_ns < 5000000000u);
}

static void cpu_time_grows_with_work(void **state)
{
    (void)state;
    uint64_t thread_ns = os_clock_thread_cpu_ns();
    uint64_t process_ns = os_clock_process_cpu_ns();
    volatile unsigned sum = 0;
    for (unsigned i = 0; i < 3000000; i++)
        sum += i;
    assert_true(sum != 0);
    uint64_t thread_used_ns = os_clock_thread_cpu_ns() - thread_ns;
    assert_true(thread_used_ns > 100000u);
    assert_true(os_clock_process_cpu_ns() - process_ns >= thread_used_ns / 2);
}

typedef struct FakeClock {
    uint64_t now_ns;
    int sleeps;
} FakeClock;

static uint64_t fake_now_ns(void *object)
{
    return ((FakeClock *)object)->now_ns;
}

static void fake_sleep(void *object, uint64_t deadline_ns)
{
    FakeClock *fake = object;
    fake->now_ns = deadline_ns;
    fake->sleeps++;
}

static void an_override_serves_now_and_sleep_until_it_is_taken_back(void **state)
{
    (void)state;
    FakeClock fake = {.now_ns = 5};
    OsClock clock = {fake_now_ns, fake_sleep, &fake};
    os_clock_override(&clock);
    assert_int_equal(os_clock_now_ns(), 5);
    os_clock_sleep_until_ns(UINT64_C(1) << 60);
    assert_int_equal(os_clock_now_ns(), UINT64_C(1) << 60);
    assert_int_equal(fake.sleeps, 1);
    assert_true(os_clock_thread_cpu_ns() != fake.now_ns);
    os_clock_override(NULL);
    assert_true(os_clock_now_ns() != fake.now_ns);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(now_never_runs_backwards),
        cmocka_unit_test(sleep_lasts_until_the_deadline_and_uses_no_cpu),
        cmocka_unit_test(a_deadline_that_has_passed_does_not_sleep),
        cmocka_unit_test(cpu_time_grows_with_work),
        cmocka_unit_test(an_override_serves_now_and_sleep_until_it_is_taken_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
