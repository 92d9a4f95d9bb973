// B3, B7: what threads gain and what handing work over costs.
#include "base/job_pool.h"
#include "base/os_clock.h"
#include "base/os_thread.h"
#include "bench.h"
#include "terrain/terrain.h"
#include <stdatomic.h>
#include <stdio.h>

#define ROUNDS 9
#define CONTROL_LOOPS 600000 // of one control job: about as long as a chunk
#define HANDOVER_ROUNDS 9
#define HANDOVER_JOBS 50000
#define LONE_JOBS 500
#define IDLE_NS UINT64_C(200000000)

typedef struct ScaleJob {
    const Source *source; // NULL: the control loop, which shares nothing
    OsSemaphore *ended; // posted by the last job: looking again and again would take a core's time
    _Alignas(64) atomic_int left;
} ScaleJob;

static void run_job(void *object, uint64_t item, Arena *scratch, int worker_index)
{
    (void)worker_index;
    ScaleJob *job = object;
    if (job->source) {
        Chunk *chunk = arena_alloc(scratch, sizeof *chunk);
        ChunkKey key = bench_key(item, 0);
        if (chunk)
            (void)!job->source->read(job->source->object, key, scratch, NULL, chunk);
    } else {
        uint64_t state = item | 1;
        for (int i = 0; i < CONTROL_LOOPS; i++)
            state = (state ^ (state >> 29)) * UINT64_C(0xbf58476d1ce4e5b9);
        __asm__ volatile("" : : "r"(state));
    }
    if (atomic_fetch_sub(&job->left, 1) == 1)
        os_thread_semaphore_post(job->ended);
}

// Wall time of BENCH_SQUARE_CHUNKS jobs on `workers` threads that already stand.
static double timed(ScaleJob *job, int workers)
{
    JobPool *pool = NULL;
    JobPoolDesc desc = {.workers = workers,
                        .queue_capacity = 2 * BENCH_SQUARE_CHUNKS,
                        .run = run_job,
                        .object = job};
    if (job_pool_create(&desc, &pool) != RESULT_OK)
        return 0;
    atomic_store(&job->left, BENCH_SQUARE_CHUNKS);
    job_pool_pause(pool, true);
    for (uint64_t i = 0; i < BENCH_SQUARE_CHUNKS; i++)
        (void)job_pool_try_push(pool, JOB_DEMAND, i);
    uint64_t start_ns = os_clock_now_ns();
    job_pool_pause(pool, false);
    os_thread_semaphore_wait(job->ended);
    double spent_ms = (double)(os_clock_now_ns() - start_ns) * 1e-6;
    job_pool_destroy(pool);
    return spent_ms;
}

typedef struct Scaling {
    double world[ROUNDS], control[ROUNDS], ratio[ROUNDS]; // per cent of twice one thread
    OsSemaphore *ended;
} Scaling;

// Chunks of `source`, or of land that nobody has seen: what threads make for each other counts then too.
static double timed_chunks(const Bench *bench, const Source *source, OsSemaphore *ended,
                           int workers)
{
    Terrain *terrain = NULL;
    if (!source && terrain_create(&(TerrainDesc){.seed = bench->seed}, &terrain))
        return 0;
    Source anew = source ? *source : terrain_source(terrain);
    ScaleJob chunks = {.source = &anew, .ended = ended};
    double spent_ms = timed(&chunks, workers);
    terrain_destroy(terrain);
    return spent_ms;
}

static void scale(const Bench *bench, const Source *source, Scaling *out)
{
    ScaleJob loops = {.ended = out->ended};
    for (int i = 0; i < ROUNDS; i++) {
        double world_1 = timed_chunks(bench, source, out->ended, 1), control_1 = timed(&loops, 1);
        double world_2 = timed_chunks(bench, source, out->ended, 2), control_2 = timed(&loops, 2);
        out->world[i] = 50 * world_1 / world_2;
        out->control[i] = 50 * control_1 / control_2;
        out->ratio[i] = 100 * out->world[i] / out->control[i];
    }
}

static void add_scaling(Bench *bench, const char *const names[2], Scaling *scaling)
{
    double control = bench_median(scaling->control, ROUNDS);
    BenchRow *row = bench_add(bench, names[0], "%", bench_median(scaling->world, ROUNDS));
    row->samples = ROUNDS;
    row = bench_add(bench, "control loop that shares nothing, the same", "%", control);
    row->samples = ROUNDS;
    row = bench_add(bench, names[1], "%", bench_median(scaling->ratio, ROUNDS));
    row->samples = ROUNDS;
    bench_limit(row, BENCH_AT_LEAST, 95);
    if (control < 95)
        snprintf(row->note, sizeof row->note, "noisy: the control itself is under 95 %%");
}

void bench_threads_scaling(Bench *bench)
{
    Scaling scaling;
    if (os_thread_semaphore_create(0, &scaling.ended)) {
        bench_broken(bench, "scaling", "no semaphore");
        return;
    }
    (void)timed_chunks(bench, bench->source, scaling.ended, 1); // now it knows that land
    scale(bench, bench->source, &scaling);
    add_scaling(bench,
                (const char *const[2]){"chunks on 2 threads, of twice one thread",
                                       "chunks against the control, interleaved"},
                &scaling);
    scale(bench, NULL, &scaling);
    add_scaling(bench,
                (const char *const[2]){"the same, of land that nobody has seen",
                                       "that against the control, interleaved"},
                &scaling);
    os_thread_semaphore_destroy(scaling.ended);
}

static void count_job(void *object, uint64_t item, Arena *scratch, int worker_index)
{
    (void)item;
    (void)scratch;
    (void)worker_index;
    atomic_fetch_add((atomic_int *)object, 1);
}

// CPU of pushing and running, in microseconds per job, while the queue never runs empty.
static double handover_us(JobPool *pool, atomic_int *done)
{
    atomic_store(done, 0);
    int pushed = 0;
    uint64_t cpu_ns = os_clock_process_cpu_ns();
    while (pushed < HANDOVER_JOBS) {
        if (job_pool_try_push(pool, JOB_DEMAND, 1))
            pushed++;
        else
            os_clock_sleep_until_ns(os_clock_now_ns() + 20000);
    }
    while (atomic_load(done) < HANDOVER_JOBS)
        os_clock_sleep_until_ns(os_clock_now_ns() + 20000);
    return (double)(os_clock_process_cpu_ns() - cpu_ns) * 1e-3 / HANDOVER_JOBS;
}

static double wakes_per_lone_job(JobPool *pool, atomic_int *done)
{
    uint64_t wakes = job_pool_stats(pool).wakes;
    for (int i = 0; i < LONE_JOBS; i++) {
        atomic_store(done, 0);
        while (!job_pool_try_push(pool, JOB_DEMAND, 1))
            continue;
        while (!atomic_load(done))
            os_clock_sleep_until_ns(os_clock_now_ns() + 20000);
    }
    return (double)(job_pool_stats(pool).wakes - wakes) / LONE_JOBS;
}

void bench_threads_handover(Bench *bench)
{
    JobPool *pool = NULL;
    atomic_int done = 0;
    double times[HANDOVER_ROUNDS];
    JobPoolDesc desc = {.workers = 2, .queue_capacity = 4096, .run = count_job, .object = &done};
    if (job_pool_create(&desc, &pool) != RESULT_OK) {
        bench_broken(bench, "job hand-over", "no workers");
        return;
    }
    for (int i = 0; i < HANDOVER_ROUNDS; i++)
        times[i] = handover_us(pool, &done);
    BenchRow *row = bench_add(bench, "push and take, queue never empty", "us CPU/job",
                              bench_median(times, HANDOVER_ROUNDS));
    row->samples = HANDOVER_ROUNDS;
    bench_limit(row, BENCH_AT_MOST, 1);
    row = bench_add(bench, "wakes for a job that meets an empty queue", "wakes",
                    wakes_per_lone_job(pool, &done));
    bench_limit(row, BENCH_AT_MOST, 1);
    uint64_t idle_ns = os_clock_process_cpu_ns();
    os_clock_sleep_until_ns(os_clock_now_ns() + IDLE_NS);
    row = bench_add(bench, "CPU of idle workers", "ms/s",
                    (double)(os_clock_process_cpu_ns() - idle_ns) * 1e3 / (double)IDLE_NS);
    bench_limit(row, BENCH_AT_MOST, 1);
    job_pool_destroy(pool);
}
