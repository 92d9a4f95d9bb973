// Purpose: the only door to time; a test can put its own clock behind it.
// Owns: the optional override.
// Threads: any; override only while no other thread runs.
// Fails: never.
#pragma once
#include <stdint.h>

typedef struct OsClock {
    uint64_t (*now_ns)(void *object);
    void (*sleep_until_ns)(void *object, uint64_t deadline_ns);
    void *object;
} OsClock;

// Monotonic wall time in nanoseconds.
uint64_t os_clock_now_ns(void);

// CPU time of the calling thread in nanoseconds; never overridden.
uint64_t os_clock_thread_cpu_ns(void);

// CPU time of the whole process in nanoseconds; never overridden.
uint64_t os_clock_process_cpu_ns(void);

// Sleeps until `deadline_ns` of os_clock_now_ns; returns at once when it has passed.
void os_clock_sleep_until_ns(uint64_t deadline_ns);

// Puts `clock` (borrowed, NULL restores the system's) behind now and sleep.
void os_clock_override(const OsClock *clock);
