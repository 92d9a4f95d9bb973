#include "base/os_clock.h"
#include "base/os_memory.h"
#include "base/os_thread.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>

typedef struct Seen {
    uint64_t id;
    int nice;
    char name[32];
    int interrupt_is_blocked;
} Seen;

static void look(void *object)
{
    Seen *seen = object;
    seen->id = os_thread_id();
    seen->nice = os_thread_nice();
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    seen->interrupt_is_blocked = sigismember(&mask, SIGINT);
    char path[64];
    snprintf(path, sizeof path, "/proc/self/task/%llu/comm", (unsigned long long)seen->id);
    FILE *file = fopen(path, "r");
    if (file == NULL || fgets(seen->name, sizeof seen->name, file) == NULL)
        seen->name[0] = 0;
    if (file != NULL)
        fclose(file);
    seen->name[strcspn(seen->name, "\n")] = 0;
}

static Seen look_from(const char *name, int nice)
{
    Seen seen = {0};
    OsThread *thread;
    assert_int_equal(os_thread_create(name, nice, look, &seen, &thread), RESULT_OK);
    os_thread_join(thread);
    return seen;
}

static void a_thread_has_its_own_id_and_name(void **state)
{
    (void)state;
    Seen seen = look_from("ridge-worker-with-a-long-name", 0);
    assert_true(seen.id != 0 && seen.id != os_thread_id());
    assert_string_equal(seen.name, "ridge-worker-wi");
    assert_int_equal(os_thread_id(), os_thread_id());
}

static void nice_is_added_to_the_thread_alone(void **state)
{
    (void)state;
    int before = os_thread_nice();
    Seen seen = look_from("nice", 3);
    assert_int_equal(seen.nice, before + 3 > 19 ? 19 : before + 3);
    assert_int_equal(look_from("nicest", 19).nice, 19);
    assert_int_equal(os_thread_nice(), before);
}

static void signals_are_left_to_the_main_thread(void **state)
{
    (void)state;
    assert_true(look_from("masked", 0).interrupt_is_blocked);
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    assert_false(sigismember(&mask, SIGINT));
}

typedef struct Shared {
    OsMutex *mutex;
    OsSemaphore *ping, *pong;
    int count;
    int could_take;
} Shared;

static void add_many(void *object)
{
    Shared *shared = object;
    for (int i = 0; i < 20000; i++) {
        os_thread_mutex_lock(shared->mutex);
        shared->count++;
        os_thread_mutex_unlock(shared->mutex);
    }
}

static void a_mutex_lets_one_in_at_a_time(void **state)
{
    (void)state;
    Shared shared = {0};
    OsThread *threads[3];
    assert_int_equal(os_thread_mutex_create(&shared.mutex), RESULT_OK);
    for (int i = 0; i < 3; i++)
        assert_int_equal(os_thread_create("adder", 0, add_many, &shared, &threads[i]), RESULT_OK);
    for (int i = 0; i < 3; i++)
        os_thread_join(threads[i]);
    assert_int_equal(shared.count, 60000);
    os_thread_mutex_destroy(shared.mutex);
}

static void try_it(void *object)
{
    Shared *shared = object;
    shared->could_take = os_thread_mutex_try_lock(shared->mutex);
    if (shared->could_take)
        os_thread_mutex_unlock(shared->mutex);
}

static void try_lock_is_refused_while_another_holds_it(void **state)
{
    (void)state;
    Shared shared = {.could_take = -1};
    OsThread *thread;
    assert_int_equal(os_thread_mutex_create(&shared.mutex), RESULT_OK);
    assert_true(os_thread_mutex_try_lock(shared.mutex));
    assert_int_equal(os_thread_create("trier", 0, try_it, &shared, &thread), RESULT_OK);
    os_thread_join(thread);
    assert_int_equal(shared.could_take, 0);
    os_thread_mutex_unlock(shared.mutex);
    assert_int_equal(os_thread_create("trier", 0, try_it, &shared, &thread), RESULT_OK);
    os_thread_join(thread);
    assert_int_equal(shared.could_take, 1);
    os_thread_mutex_destroy(shared.mutex);
}

static void answer(void *object)
{
    Shared *shared = object;
    for (int i = 0; i < 200; i++) {
        os_thread_semaphore_wait(shared->ping);
        shared->count++;
        os_thread_semaphore_post(shared->pong);
    }
}

static void semaphores_pass_the_turn_and_count_as_voluntary_switches(void **state)
{
    (void)state;
    Shared shared = {0};
    OsThread *thread;
    assert_int_equal(os_thread_semaphore_create(0, &shared.ping), RESULT_OK);
    assert_int_equal(os_thread_semaphore_create(0, &shared.pong), RESULT_OK);
    assert_int_equal(os_thread_create("answer", 0, answer, &shared, &thread), RESULT_OK);
    for (int i = 1; i <= 200; i++) {
        os_thread_semaphore_post(shared.ping);
        os_thread_semaphore_wait(shared.pong);
        assert_int_equal(shared.count, i);
    }
    os_thread_join(thread);
    uint64_t before = os_thread_usage().voluntary_switches;
    os_clock_sleep_until_ns(os_clock_now_ns() + 2000000u);
    assert_true(os_thread_usage().voluntary_switches > before);
    os_thread_semaphore_destroy(shared.ping);
    os_thread_semaphore_destroy(shared.pong);
}

static void a_semaphore_starts_with_its_count(void **state)
{
    (void)state;
    OsSemaphore *semaphore;
    assert_int_equal(os_thread_semaphore_create(2, &semaphore), RESULT_OK);
    os_thread_semaphore_wait(semaphore);
    os_thread_semaphore_wait(semaphore);
    os_thread_semaphore_destroy(semaphore);
}

static void creation_reports_a_lack_of_memory(void **state)
{
    (void)state;
    uint64_t live_bytes = os_memory_stats().live_total_bytes;
    OsThread *thread;
    OsMutex *mutex;
    OsSemaphore *semaphore;
    os_memory_fail_at(1, 1);
    assert_int_equal(os_thread_create("none", 0, look, NULL, &thread), RESULT_OUT_OF_MEMORY);
    assert_int_equal(os_thread_mutex_create(&mutex), RESULT_OUT_OF_MEMORY);
    assert_int_equal(os_thread_semaphore_create(0, &semaphore), RESULT_OUT_OF_MEMORY);
    os_memory_fail_at(0, 0);
    assert_null(thread);
    os_thread_join(NULL);
    os_thread_mutex_destroy(NULL);
    os_thread_semaphore_destroy(NULL);
    assert_int_equal(os_memory_stats().live_total_bytes, live_bytes);
}

static void a_start_fails_when_asked(void **state)
{
    (void)state;
    uint64_t live_bytes = os_memory_stats().live_total_bytes;
    for (int persistent = 0; persistent < 2; persistent++) {
        os_thread_fail_at(2, persistent);
        assert_string_equal(look_from("first", 0).name, "first");
        Seen seen = {0};
        OsThread *thread;
        assert_int_equal(os_thread_create("second", 0, look, &seen, &thread), RESULT_LIMIT);
        assert_null(thread);
        Result third = os_thread_create("third", 0, look, &seen, &thread);
        assert_int_equal(third, persistent ? RESULT_LIMIT : RESULT_OK);
        os_thread_join(thread);
        os_thread_fail_at(0, 0);
    }
    assert_int_equal(os_memory_stats().live_total_bytes, live_bytes);
}

static void there_is_at_least_one_cpu(void **state)
{
    (void)state;
    assert_in_range(os_thread_cpu_count(), 1, 65536);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thread_has_its_own_id_and_name),
        cmocka_unit_test(nice_is_added_to_the_thread_alone),
        cmocka_unit_test(signals_are_left_to_the_main_thread),
        cmocka_unit_test(a_mutex_lets_one_in_at_a_time),
        cmocka_unit_test(try_lock_is_refused_while_another_holds_it),
        cmocka_unit_test(semaphores_pass_the_turn_and_count_as_voluntary_switches),
        cmocka_unit_test(a_semaphore_starts_with_its_count),
        cmocka_unit_test(creation_reports_a_lack_of_memory),
        cmocka_unit_test(a_start_fails_when_asked),
        cmocka_unit_test(there_is_at_least_one_cpu),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
