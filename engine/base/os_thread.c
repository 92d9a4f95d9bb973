#include "base/os_thread.h"
#include "base/os_memory.h"
#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define NAME_BYTES 16 // pthread_setname_np: 15 characters and the end
#define NICE_MAX 19

struct OsThread {
    pthread_t handle;
    void (*run)(void *object);
    void *object;
    int nice;
    char name[NAME_BYTES];
};

struct OsMutex {
    pthread_mutex_t handle;
};

struct OsSemaphore {
    sem_t handle;
};

static _Atomic unsigned fail_countdown; // 0: off; 1: the next start fails
static _Atomic bool fail_persistent;

static bool asked_to_fail(void)
{
    unsigned n = atomic_load(&fail_countdown);
    while (n != 0) {
        unsigned next = n > 1 ? n - 1 : atomic_load(&fail_persistent);
        if (atomic_compare_exchange_weak(&fail_countdown, &n, next))
            return n == 1;
    }
    return false;
}

void os_thread_fail_at(unsigned nth, int persistent)
{
    atomic_store(&fail_persistent, persistent != 0);
    atomic_store(&fail_countdown, nth);
}

// On Linux the nice value belongs to the thread, not to the process: setpriority(2), notes.
static void add_nice(int nice)
{
    int target = os_thread_nice() + nice;
    if (target > NICE_MAX)
        target = NICE_MAX;
    int failed = setpriority(PRIO_PROCESS, (id_t)gettid(), target);
    assert(failed == 0 && "a higher nice value is always allowed");
    (void)failed;
}

static void *thread_main(void *argument)
{
    OsThread *thread = argument;
    pthread_setname_np(pthread_self(), thread->name);
    if (thread->nice > 0)
        add_nice(thread->nice);
    thread->run(thread->object);
    return NULL;
}

Result os_thread_create(const char *name, int nice, void (*run)(void *object), void *object,
                        OsThread **out)
{
    assert(name != NULL && run != NULL && out != NULL);
    assert(nice >= 0 && nice <= NICE_MAX);
    *out = NULL;
    OsThread *thread = os_memory_alloc(sizeof *thread, OS_MEMORY_BASE);
    if (thread == NULL)
        return RESULT_OUT_OF_MEMORY;
    thread->run = run;
    thread->object = object;
    thread->nice = nice;
    snprintf(thread->name, sizeof thread->name, "%s", name);
    // A new thread inherits the mask: with all blocked, signals reach the main thread only.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error =
        asked_to_fail() ? EAGAIN : pthread_create(&thread->handle, NULL, thread_main, thread);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error != 0) {
        os_memory_free(thread, sizeof *thread, OS_MEMORY_BASE);
        return error == EAGAIN ? RESULT_LIMIT : RESULT_UNSUPPORTED;
    }
    *out = thread;
    return RESULT_OK;
}

void os_thread_join(OsThread *thread)
{
    if (thread == NULL)
        return;
    int error = pthread_join(thread->handle, NULL);
    assert(error == 0);
    (void)error;
    os_memory_free(thread, sizeof *thread, OS_MEMORY_BASE);
}

uint64_t os_thread_id(void)
{
    return (uint64_t)gettid();
}

int os_thread_nice(void)
{
    errno = 0;
    int nice = getpriority(PRIO_PROCESS, (id_t)gettid());
    assert(nice != -1 || errno == 0);
    return nice;
}

OsThreadUsage os_thread_usage(void)
{
    struct rusage usage;
    int failed = getrusage(RUSAGE_THREAD, &usage);
    assert(failed == 0);
    (void)failed;
    return (OsThreadUsage){.voluntary_switches = (uint64_t)usage.ru_nvcsw,
                           .involuntary_switches = (uint64_t)usage.ru_nivcsw,
                           .page_faults = (uint64_t)(usage.ru_minflt + usage.ru_majflt)};
}

int os_thread_cpu_count(void)
{
    cpu_set_t set;
    long count = 0;
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        count = CPU_COUNT(&set);
    else // more CPUs than the fixed set holds
        count = sysconf(_SC_NPROCESSORS_ONLN);
    return count < 1 ? 1 : (int)count;
}

// Error checking, so that locking twice or unlocking another's lock asserts.
Result os_thread_mutex_create(OsMutex **out)
{
    assert(out != NULL);
    *out = os_memory_alloc(sizeof **out, OS_MEMORY_BASE);
    if (*out == NULL)
        return RESULT_OUT_OF_MEMORY;
    pthread_mutexattr_t attributes;
    int error = pthread_mutexattr_init(&attributes);
    error |= pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK);
    error |= pthread_mutex_init(&(*out)->handle, &attributes);
    pthread_mutexattr_destroy(&attributes);
    assert(error == 0);
    (void)error;
    return RESULT_OK;
}

void os_thread_mutex_destroy(OsMutex *mutex)
{
    if (mutex == NULL)
        return;
    int error = pthread_mutex_destroy(&mutex->handle);
    assert(error == 0 && "destroyed while held");
    (void)error;
    os_memory_free(mutex, sizeof *mutex, OS_MEMORY_BASE);
}

void os_thread_mutex_lock(OsMutex *mutex)
{
    int error = pthread_mutex_lock(&mutex->handle);
    assert(error == 0);
    (void)error;
}

int os_thread_mutex_try_lock(OsMutex *mutex)
{
    int error = pthread_mutex_trylock(&mutex->handle);
    assert(error == 0 || error == EBUSY);
    return error == 0;
}

void os_thread_mutex_unlock(OsMutex *mutex)
{
    int error = pthread_mutex_unlock(&mutex->handle);
    assert(error == 0);
    (void)error;
}

Result os_thread_semaphore_create(unsigned count, OsSemaphore **out)
{
    assert(out != NULL && count <= INT_MAX);
    *out = os_memory_alloc(sizeof **out, OS_MEMORY_BASE);
    if (*out == NULL)
        return RESULT_OUT_OF_MEMORY;
    int failed = sem_init(&(*out)->handle, 0, count);
    assert(failed == 0);
    (void)failed;
    return RESULT_OK;
}

void os_thread_semaphore_destroy(OsSemaphore *semaphore)
{
    if (semaphore == NULL)
        return;
    sem_destroy(&semaphore->handle);
    os_memory_free(semaphore, sizeof *semaphore, OS_MEMORY_BASE);
}

void os_thread_semaphore_post(OsSemaphore *semaphore)
{
    int failed = sem_post(&semaphore->handle);
    assert(failed == 0);
    (void)failed;
}

void os_thread_semaphore_wait(OsSemaphore *semaphore)
{
    int failed;
    do
        failed = sem_wait(&semaphore->handle);
    while (failed != 0 && errno == EINTR);
    assert(failed == 0);
}
