#include "base/job_pool.h"
#include "base/os_clock.h"
#include "base/os_thread.h"
#include <assert.h>
#include <stdatomic.h>
#include <stdio.h>

// Why no wake-up is lost.
// A worker sleeps in three steps: it adds itself to `sleepers`, looks once more for work it may
// take, and waits for the semaphore. Who makes work possible (a push, resume, stop) first changes
// the shared state, then reads `sleepers` by a read-modify-write; where that is above zero it takes
// one off and posts once. Both accesses to `sleepers` are read-modify-writes and so have one order:
// - worker first: the waker sees a sleeper and posts;
// - waker first: the worker's look comes after the change and sees it, takes itself off again and
//   goes back to work. Where another waker took it off already, a post is on its way: it waits.
// So posts promised = sleepers taken off, and every one is consumed by exactly one wait.
// A speculative job that must wait for the limit: a worker that is refused reads
// `running_speculative` by a read-modify-write, so whoever gives a place back later sees the job.
// That one then takes the job, or takes a more urgent one and wakes a sleeper for the rest, or goes
// to sleep and looks once more. Places are taken before a pop, never in that last look, so each
// place given back is followed by such a look.
// No thread waits by spinning: an item that is not published yet counts as absent, and the wake of
// its own push follows the publication.

#define QUEUE_CAPACITY_DEFAULT 256u
#define SCRATCH_DEFAULT_BYTES ((size_t)4 * 1024 * 1024)
#define NICE_MAX 19

typedef struct Worker {
    // Written by the worker alone, read by stats.
    _Alignas(64) _Atomic uint64_t cpu_ns;
    _Atomic uint64_t done[JOB_CLASS_COUNT];
    // The worker's own while it runs.
    Arena scratch;
    bool has_run;
    // Fixed before the thread starts.
    JobPool *pool;
    OsThread *thread;
    int index;
} Worker;

struct JobPool {
    // Fixed after create.
    Queue *queues[JOB_CLASS_COUNT];
    OsSemaphore *wake;
    OsSemaphore *started;
    JobRun *run;
    void *object;
    int worker_count;
    int speculative_max;
    // Written by the owner of the pool, read by all.
    _Atomic bool paused;
    _Atomic bool stopping;
    // Written by workers as they start.
    _Atomic int nice;
    _Atomic int workers_started;
    _Atomic int workers_ran;
    // Written by all when a worker sleeps or wakes.
    _Alignas(64) _Atomic int sleepers;
    _Atomic uint64_t wakes;
    // Written by workers for every job.
    _Alignas(64) _Atomic int running;
    _Atomic int running_speculative;
    Worker workers[];
};

typedef struct Job {
    uint64_t item;
    JobClass job_class;
} Job;

static size_t pool_bytes(int worker_count)
{
    return sizeof(JobPool) + (size_t)worker_count * sizeof(Worker);
}

// Takes one off `sleepers`; false when there is none.
static bool claim_sleeper(JobPool *pool)
{
    int n = atomic_load(&pool->sleepers);
    while (n > 0) {
        if (atomic_compare_exchange_weak(&pool->sleepers, &n, n - 1))
            return true;
    }
    return false;
}

static void post(JobPool *pool, int count)
{
    for (int i = 0; i < count; i++) {
        atomic_fetch_add_explicit(&pool->wakes, 1, memory_order_relaxed);
        os_thread_semaphore_post(pool->wake);
    }
}

static void wake_one(JobPool *pool)
{
    // Adding nothing: a read-modify-write is what orders this after a worker's way to sleep.
    if (atomic_fetch_add(&pool->sleepers, 0) > 0 && claim_sleeper(pool))
        post(pool, 1);
}

static void wake_all(JobPool *pool)
{
    post(pool, atomic_exchange(&pool->sleepers, 0));
}

// Takes a place for a speculative job; a refusal writes the same value back (see the top).
static bool reserve_speculative(JobPool *pool)
{
    int n = atomic_load(&pool->running_speculative);
    int next;
    do
        next = n < pool->speculative_max ? n + 1 : n;
    while (!atomic_compare_exchange_weak(&pool->running_speculative, &n, next));
    return n < pool->speculative_max;
}

// Whether a worker could start a job now; takes nothing.
static bool work_waits(JobPool *pool)
{
    if (atomic_load(&pool->paused))
        return false;
    if (queue_has_item(pool->queues[JOB_URGENT]) || queue_has_item(pool->queues[JOB_DEMAND]))
        return true;
    return queue_has_item(pool->queues[JOB_SPECULATIVE]) &&
           atomic_fetch_add(&pool->running_speculative, 0) < pool->speculative_max;
}

static bool take_from(JobPool *pool, JobClass job_class, Job *out)
{
    out->job_class = job_class;
    if (job_class != JOB_SPECULATIVE)
        return queue_try_pop(pool->queues[job_class], &out->item);
    if (!queue_has_item(pool->queues[job_class]) || !reserve_speculative(pool))
        return false;
    if (queue_try_pop(pool->queues[job_class], &out->item))
        return true;
    atomic_fetch_sub(&pool->running_speculative, 1);
    return false;
}

// `running` rises before `paused` is read and before the pop: who pauses and then reads no running
// job knows that none will start, and a job is never missing from both its queue and `running`.
static bool take_job(JobPool *pool, Job *out)
{
    atomic_fetch_add(&pool->running, 1);
    if (!atomic_load(&pool->paused) && !atomic_load(&pool->stopping)) {
        for (int i = 0; i < JOB_CLASS_COUNT; i++) {
            if (take_from(pool, (JobClass)i, out))
                return true;
        }
    }
    atomic_fetch_sub(&pool->running, 1);
    return false;
}

static void run_job(Worker *worker, Job job)
{
    JobPool *pool = worker->pool;
    if (!worker->has_run) {
        worker->has_run = true;
        atomic_fetch_add(&pool->workers_ran, 1);
    }
    assert(arena_mark(&worker->scratch) == 0);
    pool->run(pool->object, job.item, &worker->scratch, worker->index);
    arena_rewind(&worker->scratch, 0);
    atomic_store_explicit(&worker->cpu_ns, os_clock_thread_cpu_ns(), memory_order_relaxed);
    atomic_fetch_add_explicit(&worker->done[job.job_class], 1, memory_order_release);
    if (job.job_class == JOB_SPECULATIVE) {
        int before = atomic_fetch_sub(&pool->running_speculative, 1);
        assert(before > 0 && before <= pool->speculative_max);
        (void)before;
    }
    int before = atomic_fetch_sub(&pool->running, 1);
    assert(before > 0 && before <= pool->worker_count);
    (void)before;
}

static void sleep_until_woken(JobPool *pool)
{
    atomic_fetch_add(&pool->sleepers, 1);
    if ((atomic_load(&pool->stopping) || work_waits(pool)) && claim_sleeper(pool))
        return;
    os_thread_semaphore_wait(pool->wake);
}

static void worker_main(void *object)
{
    Worker *worker = object;
    JobPool *pool = worker->pool;
    atomic_store(&pool->nice, os_thread_nice());
    atomic_fetch_add(&pool->workers_started, 1);
    os_thread_semaphore_post(pool->started);
    while (!atomic_load(&pool->stopping)) {
        Job job;
        if (!take_job(pool, &job)) {
            sleep_until_woken(pool);
            continue;
        }
        if (atomic_load(&pool->sleepers) > 0 && work_waits(pool))
            wake_one(pool);
        run_job(worker, job);
    }
}

static Result start_worker(JobPool *pool, int index, const JobPoolDesc *desc)
{
    Worker *worker = &pool->workers[index];
    size_t scratch_bytes = desc->scratch_bytes ? desc->scratch_bytes : SCRATCH_DEFAULT_BYTES;
    worker->pool = pool;
    worker->index = index;
    if (!arena_create(scratch_bytes, OS_MEMORY_SCRATCH, &worker->scratch))
        return RESULT_OUT_OF_MEMORY;
    char name[24];
    snprintf(name, sizeof name, "arete-work-%d", index);
    Result result = os_thread_create(name, desc->nice, worker_main, worker, &worker->thread);
    if (result == RESULT_OK) // its nice value is known from here on
        os_thread_semaphore_wait(pool->started);
    return result;
}

static Result fill(JobPool *pool, const JobPoolDesc *desc)
{
    uint32_t capacity = desc->queue_capacity ? desc->queue_capacity : QUEUE_CAPACITY_DEFAULT;
    Result result = os_thread_semaphore_create(0, &pool->wake);
    if (result == RESULT_OK)
        result = os_thread_semaphore_create(0, &pool->started);
    for (int i = 0; i < JOB_CLASS_COUNT && result == RESULT_OK; i++)
        result = queue_create(capacity, &pool->queues[i]);
    for (int i = 0; i < pool->worker_count && result == RESULT_OK; i++)
        result = start_worker(pool, i, desc);
    return result;
}

static int default_workers(void)
{
    int count = os_thread_cpu_count() * 3 / 4;
    if (count < 2)
        return 2;
    return count < JOB_POOL_WORKERS_MAX ? count : JOB_POOL_WORKERS_MAX;
}

Result job_pool_create(const JobPoolDesc *desc, JobPool **out)
{
    assert(desc != NULL && out != NULL && desc->run != NULL);
    assert(desc->nice >= 0 && desc->nice <= NICE_MAX);
    *out = NULL;
    if (desc->workers < 0 || desc->workers > JOB_POOL_WORKERS_MAX)
        return RESULT_LIMIT;
    int workers = desc->workers ? desc->workers : default_workers();
    JobPool *pool = os_memory_alloc(pool_bytes(workers), OS_MEMORY_BASE);
    if (pool == NULL)
        return RESULT_OUT_OF_MEMORY;
    pool->worker_count = workers;
    pool->speculative_max = workers / 2 > 1 ? workers / 2 : 1;
    pool->run = desc->run;
    pool->object = desc->object;
    Result result = fill(pool, desc);
    if (result != RESULT_OK) {
        job_pool_destroy(pool);
        return result;
    }
    *out = pool;
    return RESULT_OK;
}

void job_pool_destroy(JobPool *pool)
{
    if (pool == NULL)
        return;
    atomic_store(&pool->stopping, true);
    if (pool->wake != NULL)
        wake_all(pool);
    for (int i = 0; i < pool->worker_count; i++)
        os_thread_join(pool->workers[i].thread);
    for (int i = 0; i < pool->worker_count; i++)
        arena_destroy(&pool->workers[i].scratch);
    for (int i = 0; i < JOB_CLASS_COUNT; i++)
        queue_destroy(pool->queues[i]);
    os_thread_semaphore_destroy(pool->wake);
    os_thread_semaphore_destroy(pool->started);
    os_memory_free(pool, pool_bytes(pool->worker_count), OS_MEMORY_BASE);
}

bool job_pool_try_push(JobPool *pool, JobClass job_class, uint64_t item)
{
    assert((unsigned)job_class < JOB_CLASS_COUNT);
    if (!queue_try_push(pool->queues[job_class], item))
        return false;
    wake_one(pool);
    return true;
}

void job_pool_pause(JobPool *pool, bool paused)
{
    atomic_store(&pool->paused, paused);
    if (!paused)
        wake_all(pool);
}

// Queues first, then `running`: with no depth and nothing running, every push has been done.
JobPoolStats job_pool_stats(const JobPool *pool)
{
    JobPoolStats stats = {
        .workers_requested = pool->worker_count,
        .workers_started = atomic_load(&pool->workers_started),
        .workers_ran = atomic_load(&pool->workers_ran),
        .nice = atomic_load(&pool->nice),
        .wakes = atomic_load_explicit(&pool->wakes, memory_order_relaxed),
    };
    for (int i = 0; i < JOB_CLASS_COUNT; i++)
        stats.queues[i] = queue_stats(pool->queues[i]);
    stats.running = atomic_load(&pool->running);
    stats.running_speculative = atomic_load(&pool->running_speculative);
    for (int i = 0; i < pool->worker_count; i++) {
        const Worker *worker = &pool->workers[i];
        stats.cpu_ns += atomic_load_explicit(&worker->cpu_ns, memory_order_relaxed);
        for (int k = 0; k < JOB_CLASS_COUNT; k++)
            stats.done[k] += atomic_load_explicit(&worker->done[k], memory_order_acquire);
    }
    return stats;
}
