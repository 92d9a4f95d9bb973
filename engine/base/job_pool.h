// Purpose: named worker threads that run small jobs, most urgent class first.
// Owns: the threads, one bounded queue per class and one scratch arena per worker.
// Threads: push and stats by any, never waiting; create, pause and destroy by one.
// Fails: create returns a Result; a full queue refuses the push (back-pressure).
#pragma once
#include "base/arena.h"
#include "base/queue.h"
#include "base/result.h"
#include <stdbool.h>

#define JOB_POOL_WORKERS_MAX 64

// Served in this order. At most half of the workers (at least one) run JOB_SPECULATIVE at a time.
typedef enum JobClass { JOB_URGENT, JOB_DEMAND, JOB_SPECULATIVE, JOB_CLASS_COUNT } JobClass;

typedef struct JobPool JobPool;

// Runs one job: `item` is what was pushed; `scratch` is empty at entry and rewound after.
typedef void JobRun(void *object, uint64_t item, Arena *scratch, int worker_index);

typedef struct JobPoolDesc {
    int workers;             // 1-64; 0: max(2, 3/4 of the CPUs)
    int nice;                // of every worker, 0-19
    uint32_t queue_capacity; // per class; 0: 256
    size_t scratch_bytes;    // per worker; 0: 4 MiB
    JobRun *run;
    void *object; // borrowed, passed to run
} JobPoolDesc;

typedef struct JobPoolStats {
    int workers_requested;
    int workers_started;
    int workers_ran; // distinct thread ids that have run at least one job
    int nice;        // in force on the workers
    int running;     // jobs being run now
    int running_speculative;
    uint64_t done[JOB_CLASS_COUNT];
    uint64_t cpu_ns; // CPU time of all workers, idle time excluded
    uint64_t wakes;  // semaphore posts
    QueueStats queues[JOB_CLASS_COUNT];
} JobPoolStats;

RESULT_MUST Result job_pool_create(const JobPoolDesc *desc, JobPool **out);

// Lets running jobs end, drops queued ones, joins all threads.
void job_pool_destroy(JobPool *pool);

// Refuses (false) when the class's queue is full. Wakes at most one sleeper.
bool job_pool_try_push(JobPool *pool, JobClass job_class, uint64_t item);

// While paused no worker starts a job; running ones end. For tests and the shock flight.
void job_pool_pause(JobPool *pool, bool paused);

JobPoolStats job_pool_stats(const JobPool *pool);
