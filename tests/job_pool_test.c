#include "base/job_pool.h"
#include "base/os_clock.h"
#include "base/os_thread.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sanitized.h"
#include <sched.h>
#include <stdatomic.h>
#include <string.h>

#define ITEMS_MAX 60000u
#define WAIT_MAX_NS UINT64_C(20000000000) // far above any honest wait: only a lost job reaches it

static const int WORKER_COUNTS[] = {1, 2, 7};

// What the jobs of a test leave behind.
typedef struct Record {
    OsSemaphore *gate; // a job whose item has BLOCKS set waits here
    _Atomic uint32_t finished;
    _Atomic uint32_t order_count;
    _Atomic int inside;
    _Atomic int inside_max;
    _Atomic uint32_t scratch_not_empty;
    _Atomic uint64_t work_ns; // CPU time that each job burns
    _Atomic uint8_t runs[ITEMS_MAX];
    uint64_t order[64]; // written by a pool of one worker
    uint64_t thread_ids[JOB_POOL_WORKERS_MAX];
} Record;

#define BLOCKS (UINT64_C(1) << 40)
#define ORDERED (UINT64_C(1) << 41)

static Record record;

static void burn(uint64_t work_ns)
{
    uint64_t end_ns = work_ns ? os_clock_thread_cpu_ns() + work_ns : 0;
    while (end_ns != 0 && os_clock_thread_cpu_ns() < end_ns)
        ;
}

static void run(void *object, uint64_t item, Arena *scratch, int worker_index)
{
    Record *r = object;
    int inside = atomic_fetch_add(&r->inside, 1) + 1;
    int seen = atomic_load(&r->inside_max);
    while (inside > seen && !atomic_compare_exchange_weak(&r->inside_max, &seen, inside))
        ;
    if (scratch->used_bytes != 0 || arena_alloc(scratch, 100) == NULL)
        atomic_fetch_add(&r->scratch_not_empty, 1);
    r->thread_ids[worker_index] = os_thread_id();
    if (item & ORDERED)
        r->order[atomic_fetch_add(&r->order_count, 1)] = item & 0xFFFF;
    if (item & BLOCKS)
        os_thread_semaphore_wait(r->gate);
    burn(atomic_load(&r->work_ns));
    atomic_fetch_add(&r->runs[(item & 0xFFFFFFFF) % ITEMS_MAX], 1);
    atomic_fetch_sub(&r->inside, 1);
    atomic_fetch_add(&r->finished, 1);
}

static JobPool *make(int workers, uint32_t queue_capacity)
{
    OsSemaphore *gate = record.gate;
    memset(&record, 0, sizeof record);
    record.gate = gate;
    JobPoolDesc desc = {
        .workers = workers,
        .queue_capacity = queue_capacity,
        .scratch_bytes = 4096,
        .run = run,
        .object = &record,
    };
    JobPool *pool;
    assert_int_equal(job_pool_create(&desc, &pool), RESULT_OK);
    return pool;
}

static void open_gate(int count)
{
    for (int i = 0; i < count; i++)
        os_thread_semaphore_post(record.gate);
}

static void pause_briefly(uint64_t ns)
{
    os_clock_sleep_until_ns(os_clock_now_ns() + ns);
}

static void wait_finished(uint32_t count)
{
    uint64_t deadline_ns = os_clock_now_ns() + WAIT_MAX_NS;
    while (atomic_load(&record.finished) < count) {
        assert_true(os_clock_now_ns() < deadline_ns);
        sched_yield();
    }
    assert_int_equal(atomic_load(&record.finished), count);
}

static void wait_inside(int count)
{
    uint64_t deadline_ns = os_clock_now_ns() + WAIT_MAX_NS;
    while (atomic_load(&record.inside) < count) {
        assert_true(os_clock_now_ns() < deadline_ns);
        sched_yield();
    }
}

static void wait_idle(const JobPool *pool)
{
    uint64_t deadline_ns = os_clock_now_ns() + WAIT_MAX_NS;
    while (job_pool_stats(pool).running > 0) {
        assert_true(os_clock_now_ns() < deadline_ns);
        sched_yield();
    }
}

static void every_push_runs_exactly_once(void **state)
{
    (void)state;
    for (int w = 0; w < 3; w++) {
        JobPool *pool = make(WORKER_COUNTS[w], 32);
        uint64_t refused = 0;
        for (uint32_t i = 0; i < ITEMS_MAX; i++) {
            while (!job_pool_try_push(pool, (JobClass)(i % JOB_CLASS_COUNT), i)) {
                refused++;
                sched_yield();
            }
        }
        wait_finished(ITEMS_MAX);
        wait_idle(pool);
        for (uint32_t i = 0; i < ITEMS_MAX; i++)
            assert_int_equal(atomic_load(&record.runs[i]), 1);
        JobPoolStats stats = job_pool_stats(pool);
        uint64_t refused_counted = 0;
        for (int i = 0; i < JOB_CLASS_COUNT; i++) {
            assert_int_equal(stats.done[i], ITEMS_MAX / JOB_CLASS_COUNT);
            assert_int_equal(stats.queues[i].pushed, ITEMS_MAX / JOB_CLASS_COUNT);
            refused_counted += stats.queues[i].refused;
        }
        assert_int_equal(refused_counted, refused);
        assert_int_equal(record.scratch_not_empty, 0);
        assert_int_equal(stats.running_speculative, 0);
        job_pool_destroy(pool);
    }
}

// One job at a time, with gaps around the time that a worker needs to fall asleep.
static void push_with_gaps(int workers, JobClass job_class)
{
    JobPool *pool = make(workers, 8);
    for (uint32_t i = 0; i < 3000; i++) {
        assert_true(job_pool_try_push(pool, job_class, i));
        wait_finished(i + 1);
        for (volatile uint32_t gap = 0; gap < i % 97 * 8; gap++)
            ;
    }
    assert_true(job_pool_stats(pool).wakes <= 3000);
    job_pool_destroy(pool);
}

static void no_wake_up_is_lost_as_workers_fall_asleep(void **state)
{
    (void)state;
    for (int w = 0; w < 3; w++) {
        for (int c = 0; c < JOB_CLASS_COUNT; c++)
            push_with_gaps(WORKER_COUNTS[w], (JobClass)c);
    }
}

typedef struct Pusher {
    JobPool *pool;
    uint32_t first;
    uint32_t count;
} Pusher;

// Bursts of all classes with pauses, so that workers sleep and wake all the time.
static void push_bursts(void *object)
{
    Pusher *pusher = object;
    for (uint32_t i = 0; i < pusher->count; i++) {
        while (!job_pool_try_push(pusher->pool, (JobClass)(i * 7 % 5 % 3), pusher->first + i))
            sched_yield();
        if (i % 16 == 15)
            pause_briefly(20000);
    }
}

static void no_job_is_left_behind_by_bursts_from_several_threads(void **state)
{
    (void)state;
    for (int w = 0; w < 3; w++) {
        JobPool *pool = make(WORKER_COUNTS[w], 64);
        Pusher pushers[3];
        OsThread *threads[3];
        for (uint32_t i = 0; i < 3; i++) {
            pushers[i] = (Pusher){pool, i * 2000, 2000};
            assert_int_equal(os_thread_create("pusher", 0, push_bursts, &pushers[i], &threads[i]),
                             RESULT_OK);
        }
        for (int i = 0; i < 3; i++)
            os_thread_join(threads[i]);
        wait_finished(6000);
        for (uint32_t i = 0; i < 6000; i++)
            assert_int_equal(atomic_load(&record.runs[i]), 1);
        job_pool_destroy(pool);
    }
}

static void resume_and_pause_lose_no_job(void **state)
{
    (void)state;
    for (int w = 0; w < 3; w++) {
        JobPool *pool = make(WORKER_COUNTS[w], 64);
        for (uint32_t i = 0; i < 1000; i++) {
            job_pool_pause(pool, true);
            assert_true(job_pool_try_push(pool, (JobClass)(i % JOB_CLASS_COUNT), i));
            for (volatile uint32_t gap = 0; gap < i % 31 * 30; gap++)
                ;
            job_pool_pause(pool, false);
            wait_finished(i + 1);
        }
        job_pool_destroy(pool);
    }
}

static void while_paused_no_job_starts_and_resume_runs_them_all(void **state)
{
    (void)state;
    for (int w = 0; w < 3; w++) {
        JobPool *pool = make(WORKER_COUNTS[w], 64);
        job_pool_pause(pool, true);
        wait_idle(pool);
        for (uint32_t i = 0; i < 60; i++)
            assert_true(job_pool_try_push(pool, (JobClass)(i % JOB_CLASS_COUNT), i));
        pause_briefly(10000000);
        assert_int_equal(atomic_load(&record.finished), 0);
        job_pool_pause(pool, false);
        wait_finished(60);
        job_pool_destroy(pool);
    }
}

static void a_running_job_ends_although_the_pool_is_paused(void **state)
{
    (void)state;
    JobPool *pool = make(2, 8);
    assert_true(job_pool_try_push(pool, JOB_DEMAND, BLOCKS | 1));
    wait_inside(1);
    job_pool_pause(pool, true);
    assert_true(job_pool_try_push(pool, JOB_DEMAND, 2));
    open_gate(1);
    wait_finished(1);
    wait_idle(pool);
    assert_int_equal(record.runs[2], 0);
    job_pool_destroy(pool);
}

static void urgent_goes_before_demand_before_speculative(void **state)
{
    (void)state;
    JobPool *pool = make(1, 8);
    job_pool_pause(pool, true);
    for (uint64_t i = 0; i < 4; i++) {
        assert_true(job_pool_try_push(pool, JOB_SPECULATIVE, ORDERED | (20 + i)));
        assert_true(job_pool_try_push(pool, JOB_DEMAND, ORDERED | (10 + i)));
        assert_true(job_pool_try_push(pool, JOB_URGENT, ORDERED | i));
    }
    job_pool_pause(pool, false);
    wait_finished(12);
    for (uint64_t i = 0; i < 12; i++)
        assert_int_equal(record.order[i], i / 4 * 10 + i % 4);
    job_pool_destroy(pool);
}

static void speculative_jobs_take_half_of_the_workers_and_no_more(void **state)
{
    (void)state;
    const int limits[] = {1, 1, 3};
    for (int w = 0; w < 3; w++) {
        JobPool *pool = make(WORKER_COUNTS[w], 64);
        for (uint64_t i = 0; i < 20; i++)
            assert_true(job_pool_try_push(pool, JOB_SPECULATIVE, BLOCKS | i));
        wait_inside(limits[w]);
        pause_briefly(10000000);
        assert_int_equal(atomic_load(&record.inside), limits[w]);
        assert_int_equal(job_pool_stats(pool).running_speculative, limits[w]);
        if (WORKER_COUNTS[w] > limits[w]) { // the others still serve demand
            assert_true(job_pool_try_push(pool, JOB_DEMAND, 100));
            wait_finished(1);
            assert_int_equal(record.runs[100], 1);
        }
        open_gate(20);
        wait_finished(WORKER_COUNTS[w] > limits[w] ? 21 : 20);
        assert_true(record.inside_max <= limits[w] + 1);
        wait_idle(pool);
        assert_int_equal(job_pool_stats(pool).running_speculative, 0);
        job_pool_destroy(pool);
    }
}

static void all_workers_serve_demand_at_once(void **state)
{
    (void)state;
    JobPool *pool = make(7, 64);
    for (uint64_t i = 0; i < 7; i++)
        assert_true(job_pool_try_push(pool, JOB_DEMAND, BLOCKS | i));
    wait_inside(7);
    JobPoolStats stats = job_pool_stats(pool);
    assert_int_equal(stats.running, 7);
    assert_int_equal(stats.workers_requested, 7);
    assert_int_equal(stats.workers_started, 7);
    assert_int_equal(stats.workers_ran, 7);
    open_gate(7);
    wait_finished(7);
    for (int i = 0; i < 7; i++) {
        for (int k = 0; k < i; k++)
            assert_true(record.thread_ids[i] != record.thread_ids[k]);
    }
    job_pool_destroy(pool);
}

// Each round needs every worker inside at the same time: one that sleeps on shows as a time-out.
static void as_many_jobs_as_workers_always_run_side_by_side(void **state)
{
    (void)state;
    for (int w = 0; w < 3; w++) {
        int workers = WORKER_COUNTS[w];
        JobPool *pool = make(workers, 8);
        for (int round = 1; round <= 500; round++) {
            for (int i = 0; i < workers; i++) {
                bool speculative = i > 0 && i <= workers / 2;
                assert_true(job_pool_try_push(pool, speculative ? JOB_SPECULATIVE : JOB_DEMAND,
                                              BLOCKS | (uint64_t)i));
            }
            wait_inside(workers);
            open_gate(workers);
            wait_finished((uint32_t)(round * workers));
        }
        job_pool_destroy(pool);
    }
}

static void a_worker_that_ran_nothing_does_not_count_as_having_run(void **state)
{
    (void)state;
    JobPool *pool = make(2, 8);
    assert_int_equal(job_pool_stats(pool).workers_started, 2);
    assert_int_equal(job_pool_stats(pool).workers_ran, 0);
    assert_true(job_pool_try_push(pool, JOB_DEMAND, 1));
    wait_finished(1);
    assert_int_equal(job_pool_stats(pool).workers_ran, 1);
    job_pool_destroy(pool);
}

static void a_full_class_refuses_and_the_others_still_take(void **state)
{
    (void)state;
    JobPool *pool = make(1, 4);
    job_pool_pause(pool, true);
    for (uint64_t i = 0; i < 4; i++)
        assert_true(job_pool_try_push(pool, JOB_DEMAND, i));
    assert_false(job_pool_try_push(pool, JOB_DEMAND, 4));
    assert_true(job_pool_try_push(pool, JOB_URGENT, 5));
    JobPoolStats stats = job_pool_stats(pool);
    assert_int_equal(stats.queues[JOB_DEMAND].refused, 1);
    assert_int_equal(stats.queues[JOB_DEMAND].depth, 4);
    assert_int_equal(stats.queues[JOB_URGENT].refused, 0);
    job_pool_pause(pool, false);
    wait_finished(5);
    job_pool_destroy(pool);
}

static void a_push_wakes_nobody_while_all_workers_are_busy(void **state)
{
    (void)state;
    JobPool *pool = make(2, 256);
    for (uint64_t i = 0; i < 2; i++)
        assert_true(job_pool_try_push(pool, JOB_DEMAND, BLOCKS | i));
    wait_inside(2);
    uint64_t wakes = job_pool_stats(pool).wakes;
    assert_true(wakes <= 4); // one for each push, one handed on by each worker
    for (uint64_t i = 2; i < 200; i++)
        assert_true(job_pool_try_push(pool, JOB_DEMAND, i));
    assert_int_equal(job_pool_stats(pool).wakes, wakes);
    open_gate(2);
    wait_finished(200);
    job_pool_destroy(pool);
}

// Asleep with nothing to do, asleep while paused before a full queue, and asleep before speculative
// jobs that the limit holds back.
static void waiting_uses_no_cpu(void **state)
{
    (void)state;
    JobPool *pool = make(7, 64);
    for (int round = 0; round < 3; round++) {
        if (round == 1) {
            job_pool_pause(pool, true);
            wait_idle(pool);
            for (uint64_t i = 0; i < 20; i++)
                assert_true(job_pool_try_push(pool, JOB_SPECULATIVE, BLOCKS | i));
        } else if (round == 2) {
            job_pool_pause(pool, false);
            wait_inside(3);
        }
        pause_briefly(5000000);
        uint64_t cpu_ns = os_clock_process_cpu_ns();
        pause_briefly(40000000);
        assert_true(os_clock_process_cpu_ns() - cpu_ns < 20000000);
    }
    open_gate(20);
    wait_finished(20);
    job_pool_destroy(pool);
}

static void cpu_time_counts_work_and_not_sleep(void **state)
{
    (void)state;
    JobPool *pool = make(2, 8);
    record.work_ns = 4000000;
    for (uint64_t i = 0; i < 3; i++)
        assert_true(job_pool_try_push(pool, JOB_DEMAND, i));
    wait_finished(3);
    wait_idle(pool);
    uint64_t cpu_ns = job_pool_stats(pool).cpu_ns;
    assert_true(cpu_ns >= 12000000);
    pause_briefly(30000000);
    record.work_ns = 0;
    assert_true(job_pool_try_push(pool, JOB_DEMAND, 1));
    wait_finished(4);
    wait_idle(pool);
    assert_true(job_pool_stats(pool).cpu_ns - cpu_ns < 15000000);
    job_pool_destroy(pool);
}

static void workers_run_at_the_nice_value_asked_for(void **state)
{
    (void)state;
    JobPoolDesc desc = {.workers = 2, .nice = 10, .run = run, .object = &record};
    JobPool *pool;
    assert_int_equal(job_pool_create(&desc, &pool), RESULT_OK);
    int expected = os_thread_nice() + 10;
    assert_int_equal(job_pool_stats(pool).nice, expected > 19 ? 19 : expected);
    assert_int_equal(job_pool_stats(pool).queues[JOB_DEMAND].capacity, 256);
    job_pool_destroy(pool);
}

static void the_default_is_at_least_two_workers_and_too_many_are_refused(void **state)
{
    (void)state;
    JobPoolDesc desc = {.scratch_bytes = 4096, .run = run, .object = &record};
    JobPool *pool;
    assert_int_equal(job_pool_create(&desc, &pool), RESULT_OK);
    assert_in_range(job_pool_stats(pool).workers_started, 2, JOB_POOL_WORKERS_MAX);
    job_pool_destroy(pool);
    desc.workers = JOB_POOL_WORKERS_MAX + 1;
    assert_int_equal(job_pool_create(&desc, &pool), RESULT_LIMIT);
    assert_null(pool);
    desc.workers = -1;
    assert_int_equal(job_pool_create(&desc, &pool), RESULT_LIMIT);
}

static void destroy_lets_running_jobs_end_and_drops_queued_ones(void **state)
{
    (void)state;
    for (int w = 0; w < 3; w++) {
        JobPool *pool = make(WORKER_COUNTS[w], 64);
        int workers = WORKER_COUNTS[w];
        for (uint64_t i = 0; i < (uint64_t)workers; i++)
            assert_true(job_pool_try_push(pool, JOB_DEMAND, BLOCKS | i));
        wait_inside(workers);
        job_pool_pause(pool, true);
        for (uint64_t i = 50; i < 80; i++)
            assert_true(job_pool_try_push(pool, JOB_DEMAND, i));
        open_gate(workers);
        job_pool_destroy(pool);
        assert_int_equal(record.finished, workers);
    }
}

static void create_fails_cleanly_at_every_allocation_and_thread(void **state)
{
    (void)state;
    uint64_t live_bytes = os_memory_stats().live_total_bytes;
    JobPoolDesc desc = {.workers = 2, .scratch_bytes = 4096, .run = run, .object = &record};
    for (int persistent = 0; persistent < 2; persistent++) {
        Result result = RESULT_OUT_OF_MEMORY;
        uint64_t n;
        for (n = 1; n < 64 && result != RESULT_OK; n++) {
            JobPool *pool;
            os_memory_fail_at(n, persistent);
            result = job_pool_create(&desc, &pool);
            os_memory_fail_at(0, 0);
            assert_int_equal(pool == NULL, result != RESULT_OK);
            if (result != RESULT_OK)
                assert_int_equal(result, RESULT_OUT_OF_MEMORY);
            job_pool_destroy(pool);
            assert_int_equal(os_memory_stats().live_total_bytes, live_bytes);
        }
        assert_int_equal(result, RESULT_OK);
        assert_true(n > 10); // pool, 2 semaphores, 3 queues, 2 arenas, 2 threads
    }
    for (unsigned n = 1; n <= 2; n++) {
        JobPool *pool;
        os_thread_fail_at(n, 0);
        assert_int_equal(job_pool_create(&desc, &pool), RESULT_LIMIT);
        assert_int_equal(os_memory_stats().live_total_bytes, live_bytes);
    }
}

static void work_allocates_nothing_and_never_puts_the_pusher_to_sleep(void **state)
{
    (void)state;
    JobPool *pool = make(2, 4096);
    uint64_t allocations = os_memory_stats().allocation_count;
    uint64_t switches = os_thread_usage().voluntary_switches;
    for (uint32_t i = 0; i < 4000; i++)
        assert_true(job_pool_try_push(pool, JOB_DEMAND, i));
    uint64_t switches_after = os_thread_usage().voluntary_switches;
    wait_finished(4000);
    assert_int_equal(os_memory_stats().allocation_count, allocations);
    if (!sanitized()) // whose own locks may sleep
        assert_int_equal(switches_after, switches);
    job_pool_destroy(pool);
}

// The target is 1 us of CPU time per job while the queue is not empty; the limit here is loose
// enough for a sanitizer and a busy machine, and the figure is printed.
static void handing_over_costs_little_cpu_time(void **state)
{
    (void)state;
    JobPool *pool = make(1, 1 << 16);
    job_pool_pause(pool, true);
    wait_idle(pool);
    uint64_t push_ns = os_clock_thread_cpu_ns();
    assert_true(job_pool_try_push(pool, JOB_DEMAND, 0));
    push_ns = os_clock_thread_cpu_ns() - push_ns;
    uint64_t before_ns = os_clock_thread_cpu_ns();
    for (uint32_t i = 1; i < ITEMS_MAX; i++)
        assert_true(job_pool_try_push(pool, JOB_DEMAND, i));
    uint64_t pushes_ns = os_clock_thread_cpu_ns() - before_ns;
    job_pool_pause(pool, false);
    uint64_t deadline_ns = os_clock_now_ns() + WAIT_MAX_NS;
    while (atomic_load(&record.finished) < ITEMS_MAX && os_clock_now_ns() < deadline_ns)
        pause_briefly(1000000);
    wait_finished(ITEMS_MAX);
    wait_idle(pool);
    uint64_t worker_ns = job_pool_stats(pool).cpu_ns;
    print_message("push %u ns while paused, take and run %u ns per job\n",
                  (unsigned)(pushes_ns / ITEMS_MAX), (unsigned)(worker_ns / ITEMS_MAX));
    assert_true(worker_ns / ITEMS_MAX < 50000);
    job_pool_destroy(pool);
}

static int make_gate(void **state)
{
    (void)state;
    return os_thread_semaphore_create(0, &record.gate) == RESULT_OK ? 0 : -1;
}

static int remove_gate(void **state)
{
    (void)state;
    os_thread_semaphore_destroy(record.gate);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_push_runs_exactly_once),
        cmocka_unit_test(no_wake_up_is_lost_as_workers_fall_asleep),
        cmocka_unit_test(no_job_is_left_behind_by_bursts_from_several_threads),
        cmocka_unit_test(resume_and_pause_lose_no_job),
        cmocka_unit_test(while_paused_no_job_starts_and_resume_runs_them_all),
        cmocka_unit_test(a_running_job_ends_although_the_pool_is_paused),
        cmocka_unit_test(urgent_goes_before_demand_before_speculative),
        cmocka_unit_test(speculative_jobs_take_half_of_the_workers_and_no_more),
        cmocka_unit_test(all_workers_serve_demand_at_once),
        cmocka_unit_test(as_many_jobs_as_workers_always_run_side_by_side),
        cmocka_unit_test(a_worker_that_ran_nothing_does_not_count_as_having_run),
        cmocka_unit_test(a_full_class_refuses_and_the_others_still_take),
        cmocka_unit_test(a_push_wakes_nobody_while_all_workers_are_busy),
        cmocka_unit_test(waiting_uses_no_cpu),
        cmocka_unit_test(cpu_time_counts_work_and_not_sleep),
        cmocka_unit_test(workers_run_at_the_nice_value_asked_for),
        cmocka_unit_test(the_default_is_at_least_two_workers_and_too_many_are_refused),
        cmocka_unit_test(destroy_lets_running_jobs_end_and_drops_queued_ones),
        cmocka_unit_test(create_fails_cleanly_at_every_allocation_and_thread),
        cmocka_unit_test(work_allocates_nothing_and_never_puts_the_pusher_to_sleep),
        cmocka_unit_test(handing_over_costs_little_cpu_time),
    };
    return cmocka_run_group_tests(tests, make_gate, remove_gate);
}
