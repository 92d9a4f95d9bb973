#include "stream/fault.h"

#include "base/log.h"
#include "base/os_clock.h"
#include "base/os_memory.h"
#include <string.h>

void fault_leak(Fault *fault, double dt_s)
{
    fault->leaked_s += dt_s;
    while (fault->leaked_s >= 1.0 && fault->block_count < FAULT_LEAK_BLOCKS_MAX) {
        void *block = os_memory_alloc(FAULT_LEAK_BYTES_PER_S, OS_MEMORY_BASE);
        if (!block)
            return;
        memset(block, 1, FAULT_LEAK_BYTES_PER_S);
        fault->blocks[fault->block_count++] = block;
        fault->leaked_s -= 1.0;
    }
}

void fault_stall(const Fault *fault, uint64_t tick)
{
    if (!fault->stalling || tick % FAULT_STALL_TICKS != 0)
        return;
    uint64_t end_ns = os_clock_thread_cpu_ns() + FAULT_STALL_NS;
    while (os_clock_thread_cpu_ns() < end_ns)
        continue;
}

typedef struct Holder {
    OsMutex *mutex;
    OsSemaphore *held;
} Holder;

static void hold(void *object)
{
    const Holder *holder = object;
    os_thread_mutex_lock(holder->mutex);
    os_thread_semaphore_post(holder->held);
    os_clock_sleep_until_ns(os_clock_now_ns() + FAULT_LOCK_NS);
    os_thread_mutex_unlock(holder->mutex);
}

void fault_lock(Fault *fault)
{
    if (!fault->locking)
        return;
    fault->locking = false;
    Holder holder = {0};
    OsThread *thread = NULL;
    if (os_thread_mutex_create(&holder.mutex) == RESULT_OK &&
        os_thread_semaphore_create(0, &holder.held) == RESULT_OK &&
        os_thread_create("fault-lock", 0, hold, &holder, &thread) == RESULT_OK) {
        os_thread_semaphore_wait(holder.held);
        os_thread_mutex_lock(holder.mutex);
        os_thread_mutex_unlock(holder.mutex);
    } else {
        log_warn("fault: no thread to hold a lock");
    }
    os_thread_join(thread);
    if (holder.mutex)
        os_thread_mutex_destroy(holder.mutex);
    if (holder.held)
        os_thread_semaphore_destroy(holder.held);
}

void fault_stop(Fault *fault)
{
    for (uint32_t i = 0; i < fault->block_count; i++)
        os_memory_free(fault->blocks[i], FAULT_LEAK_BYTES_PER_S, OS_MEMORY_BASE);
    fault->block_count = 0;
    fault->leaking = fault->stalling = false;
}
