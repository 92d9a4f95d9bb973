#include "soak/soak_live.h"
#include "base/os_clock.h"
#include <assert.h>
#include <string.h>

void soak_live_begin(SoakLive *live, const Engine *engine, uint64_t ticks, const char *gl_renderer)
{
    assert(live != NULL && engine != NULL);
    memset(live, 0, sizeof *live);
    run_stats_start(&live->run);
    live->before = engine_run(engine)->counters;
    live->ticks = ticks > 0 ? ticks : SOAK_LIVE_TICKS;
    live->start_ns = os_clock_now_ns();
    live->gpu = limit_gpu(gl_renderer);
    live->running = true;
}

static uint64_t since(uint64_t now, uint64_t before)
{
    assert(now >= before);
    return now - before;
}

static RunStatsCounters counters_since(const RunStatsCounters *now, const RunStatsCounters *before)
{
    return (RunStatsCounters){
        .generated = since(now->generated, before->generated),
        .sparse = since(now->sparse, before->sparse),
        .refined = since(now->refined, before->refined),
        .uploaded = since(now->uploaded, before->uploaded),
        .evicted = since(now->evicted, before->evicted),
        .cancelled = since(now->cancelled, before->cancelled),
        .failed = since(now->failed, before->failed),
        .retried = since(now->retried, before->retried),
        .duplicates = since(now->duplicates, before->duplicates),
        .dropped = since(now->dropped, before->dropped),
        .lobe_issued = since(now->lobe_issued, before->lobe_issued),
        .lobe_used = since(now->lobe_used, before->lobe_used),
        .ring_issued = since(now->ring_issued, before->ring_issued),
        .ring_used = since(now->ring_used, before->ring_used),
        .lod_transitions = since(now->lod_transitions, before->lod_transitions),
        .lod_hits = since(now->lod_hits, before->lod_hits),
        .lod_rebuilt = since(now->lod_rebuilt, before->lod_rebuilt),
        .lod_generated = since(now->lod_generated, before->lod_generated),
        .cache_hits = since(now->cache_hits, before->cache_hits),
        .plans = since(now->plans, before->plans),
        .plan_left_out = since(now->plan_left_out, before->plan_left_out),
        .plan_overflow = since(now->plan_overflow, before->plan_overflow),
        .teleports = since(now->teleports, before->teleports),
    };
}

bool soak_live_add(SoakLive *live, const Engine *engine)
{
    assert(live != NULL && engine != NULL);
    if (!live->running) {
        return false;
    }
    const RunStats *whole = engine_run(engine);
    RunStatsTick tick = {
        .frame = engine_frame(engine),
        .since_create_ms = (double)(os_clock_now_ns() - live->start_ns) * 1e-6,
        .allocations = whole->allocations - whole->excused_allocations,
        .gl_objects = whole->gl_objects - whole->excused_objects,
    };
    run_stats_add(&live->run, &tick);
    if (live->run.ticks < live->ticks) {
        return false;
    }
    live->run.counters = counters_since(&whole->counters, &live->before);
    live->run.throttle = whole->throttle;
    live->run.workers = whole->workers;
    live->run.memory = whole->memory;
    live->run.gpu = whole->gpu;
    live->run.serve = whole->serve; // of the whole flight: a histogram of a part is not kept
    VerdictInput input = {
        .run = &live->run, .path = VERDICT_BY_HAND, .gpu = live->gpu, .live = true};
    live->verdict = verdict_judge(&input);
    live->running = false;
    live->done = true;
    return true;
}

float soak_live_progress(const SoakLive *live)
{
    assert(live != NULL);
    if (live->done) {
        return 1.0f;
    }
    return live->ticks > 0 ? (float)live->run.ticks / (float)live->ticks : 0.0f;
}
