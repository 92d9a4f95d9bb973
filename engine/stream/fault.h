// Purpose: faults that the soak's self-test injects to prove that its verdict notices.
// Owns: what it leaks, until fault_stop.
// Threads: the main thread, and one helper thread that holds a lock.
// Fails: never; a fault that cannot be set up is logged.
#pragma once
#include "base/os_thread.h"
#include "base/result.h"
#include <stdbool.h>
#include <stdint.h>

#define FAULT_LEAK_BYTES_PER_S (1024u * 1024u)
#define FAULT_LEAK_BLOCKS_MAX 4096
#define FAULT_STALL_NS UINT64_C(5000000)
#define FAULT_STALL_TICKS 32 // a stall in each so-manieth tick
#define FAULT_LOCK_NS UINT64_C(3000000)

typedef struct Fault {
    bool leaking, stalling, locking;
    double leaked_s;
    void *blocks[FAULT_LEAK_BLOCKS_MAX];
    uint32_t block_count;
} Fault;

void fault_leak(Fault *fault, double dt_s);
void fault_stall(const Fault *fault, uint64_t tick);
// Waits once, when locking, for a lock that another thread holds; call it inside a streaming row.
void fault_lock(Fault *fault);
void fault_stop(Fault *fault);
