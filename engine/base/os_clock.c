#include "base/os_clock.h"
#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <time.h>

#define NS_PER_S 1000000000u

static const OsClock *override_clock;

static uint64_t read_ns(clockid_t id)
{
    struct timespec time;
    int failed = clock_gettime(id, &time);
    assert(failed == 0);
    (void)failed;
    return (uint64_t)time.tv_sec * NS_PER_S + (uint64_t)time.tv_nsec;
}

uint64_t os_clock_now_ns(void)
{
    const OsClock *clock = override_clock;
    return clock != NULL ? clock->now_ns(clock->object) : read_ns(CLOCK_MONOTONIC);
}

uint64_t os_clock_thread_cpu_ns(void)
{
    return read_ns(CLOCK_THREAD_CPUTIME_ID);
}

uint64_t os_clock_process_cpu_ns(void)
{
    return read_ns(CLOCK_PROCESS_CPUTIME_ID);
}

void os_clock_sleep_until_ns(uint64_t deadline_ns)
{
    const OsClock *clock = override_clock;
    if (clock != NULL) {
        clock->sleep_until_ns(clock->object, deadline_ns);
        return;
    }
    struct timespec deadline = {
        .tv_sec = (time_t)(deadline_ns / NS_PER_S),
        .tv_nsec = (long)(deadline_ns % NS_PER_S),
    };
    int error = EINTR;
    while (error == EINTR)
        error = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, NULL);
    assert(error == 0);
}

void os_clock_override(const OsClock *clock)
{
    assert(clock == NULL || (clock->now_ns != NULL && clock->sleep_until_ns != NULL));
    override_clock = clock;
}
