// Purpose: the only door to threads, locks and semaphores; a test can fail the n-th start of a thread.
// Owns: the OS objects behind its handles.
// Threads: any, as stated.
// Fails: creation returns a Result; the rest asserts on misuse.
#pragma once
#include "base/result.h"
#include <stdint.h>

typedef struct OsThread OsThread;
typedef struct OsMutex OsMutex;
typedef struct OsSemaphore OsSemaphore;

// Starts a thread named `name` (15 characters shown by the OS) at `nice` (0-19, added to the process's).
// `*out` is owned by the caller and given to os_thread_join.
RESULT_MUST Result os_thread_create(const char *name, int nice, void (*run)(void *object),
                                    void *object, OsThread **out);

// The `nth` start from now fails with RESULT_LIMIT, and if `persistent` all after it; 0: none.
void os_thread_fail_at(unsigned nth, int persistent);

// Waits for the thread's end and frees the handle; NULL is allowed.
void os_thread_join(OsThread *thread);

// Small unique number of the calling thread, stable for its life, as the OS shows it.
uint64_t os_thread_id(void);

// Nice value in force for the calling thread.
int os_thread_nice(void);

// What has kept the calling thread from its work so far (getrusage RUSAGE_THREAD).
typedef struct OsThreadUsage {
    uint64_t voluntary_switches;   // it waited
    uint64_t involuntary_switches; // another thread ran instead
    uint64_t page_faults;          // minor and major
} OsThreadUsage;
OsThreadUsage os_thread_usage(void);

// CPUs that this process may run on, at least 1.
int os_thread_cpu_count(void);

RESULT_MUST Result os_thread_mutex_create(OsMutex **out);
void os_thread_mutex_destroy(OsMutex *mutex);
void os_thread_mutex_lock(OsMutex *mutex);
int os_thread_mutex_try_lock(OsMutex *mutex); // 1 when taken
void os_thread_mutex_unlock(OsMutex *mutex);

RESULT_MUST Result os_thread_semaphore_create(unsigned count, OsSemaphore **out);
void os_thread_semaphore_destroy(OsSemaphore *semaphore);
void os_thread_semaphore_post(OsSemaphore *semaphore); // never waits
void os_thread_semaphore_wait(OsSemaphore *semaphore);
