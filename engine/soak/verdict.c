#include "soak/verdict.h"
#include <assert.h>
#include <math.h>
#include <stddef.h>

// What was measured for one limit. With a reason: not applicable, or, when `fault` is set, red because a run of
// this kind must have had something to measure.
typedef struct Measure {
    double value;
    const char *reason;
    bool fault;
} Measure;

static Measure measured(double value)
{
    return (Measure){.value = value, .reason = ""};
}

static Measure not_applicable(const char *reason)
{
    return (Measure){.value = (double)NAN, .reason = reason};
}

static Measure unmeasured(const char *reason)
{
    return (Measure){.value = (double)NAN, .reason = reason, .fault = true};
}

static double p99_ms(const Histogram *histogram)
{
    return (double)histogram_quantile_ns(histogram, 0.99) * 1e-6;
}

static double ratio(uint64_t part, uint64_t whole)
{
    return (double)part / (double)whole;
}

static Measure measure_memory(const VerdictInput *input, LimitId id)
{
    const RunStats *run = input->run;
    if (!run->warm) {
        return not_applicable("the run ended before warm-up did");
    }
    if (id == LIMIT_MEMORY_SLOPE) {
        double slope = run_stats_slope_bytes_per_min(run);
        return isnan(slope) ? not_applicable("shorter than 36,000 ticks") : measured(slope);
    }
    if (id == LIMIT_RSS_DELTA_RATIO) {
        return run->rss_at_warm_bytes > 0 ? measured(run_stats_rss_delta_ratio(run))
                                          : unmeasured("the OS tells no resident set");
    }
    if (id == LIMIT_ALLOCATIONS_STEADY) {
        return measured((double)(run->allocations - run->allocations_at_warm));
    }
    assert(id == LIMIT_GL_OBJECTS_STEADY);
    return input->gpu == LIMIT_GPU_NONE
               ? not_applicable("no GL")
               : measured((double)(run->gl_objects - run->gl_objects_at_warm));
}

static Measure measure_view(const VerdictInput *input, LimitId id)
{
    const RunStats *run = input->run;
    if (id == LIMIT_FIRST_VIEW_MS) {
        if (input->live) {
            return not_applicable("the first view was before this run");
        }
        return run->first_view_ms >= 0.0 ? measured(run->first_view_ms)
                                         : unmeasured("the view was never complete");
    }
    if (run->first_view_ms < 0.0) {
        return unmeasured("the view was never complete");
    }
    if (id == LIMIT_SHARP_TICK_RATIO) {
        return run->sharp_of > 0 ? measured(ratio(run->sharp_ticks, run->sharp_of))
                                 : not_applicable("the run ended with its first view");
    }
    assert(id == LIMIT_TELEPORT_VIEW_MS);
    return run->teleport_view_ms_max > 0.0 ? measured(run->teleport_view_ms_max)
                                           : not_applicable("no jump in so short a run");
}

static Measure measure_coverage(const VerdictInput *input, LimitId id)
{
    const RunStats *run = input->run;
    switch (id) {
    case LIMIT_MISSING_CHECKS:
        return measured((double)run->missing_checks);
    case LIMIT_MISSING_LAST_TICK:
        return measured((double)run->missing_last_tick);
    case LIMIT_HOLES:
        return measured((double)run->holes);
    default:
        assert(id == LIMIT_HOLE_PIXELS);
        if (input->gpu == LIMIT_GPU_NONE) {
            return not_applicable("no GL");
        }
        return run->hole_pixels >= 0 ? measured((double)run->hole_pixels)
                                     : unmeasured("no frame was examined");
    }
}

static Measure measure_prefetch(const VerdictInput *input)
{
    const RunStatsCounters *counters = &input->run->counters;
    if (input->prefetch_off) {
        return not_applicable("prefetch is switched off");
    }
    return counters->lobe_issued > 0 ? measured(ratio(counters->lobe_used, counters->lobe_issued))
                                     : unmeasured("nothing was prefetched");
}

static Measure measure_lod_cache(const RunStats *run, LimitId id)
{
    const RunStatsCounters *counters = &run->counters;
    if (counters->lod_transitions < LIMIT_TRANSITIONS_MIN) {
        return not_applicable("fewer than 50 transitions");
    }
    if (id == LIMIT_LOD_GENERATED_RATIO) {
        return measured(ratio(counters->lod_generated, counters->lod_transitions));
    }
    assert(id == LIMIT_SERVE_MS_P99);
    return run->serve.count > 0 ? measured(p99_ms(&run->serve))
                                : not_applicable("no transition was served from the cache");
}

static Measure measure_throttle(const VerdictInput *input, LimitId id)
{
    const RunStats *run = input->run;
    const Throttle *throttle = &run->throttle;
    if (id == LIMIT_THROTTLE_HELD_DEMAND) {
        return measured((double)run->throttle_held_demand_ticks);
    }
    assert(id == LIMIT_THROTTLE_RELEASED_MS);
    if (input->throttle_off) {
        return not_applicable("the throttle is switched off");
    }
    if (throttle->engaged_count == 0) {
        // The first burn of the main thread is at 6 s.
        return run->virtual_s > 7.0 ? unmeasured("the throttle never engaged")
                                    : not_applicable("no shock in so short a run");
    }
    // A throttle that is still engaged counts with the calm it has seen so far.
    return measured(
        fmax(throttle->released_ms_max, throttle->engaged ? 1e3 * throttle->calm_s : 0.0));
}

static Measure measure_time(const RunStats *run, LimitId id)
{
    switch (id) {
    case LIMIT_STREAM_MS_P99:
        return measured(p99_ms(&run->stream));
    case LIMIT_HITCHES:
        return measured((double)run->hitch_count);
    case LIMIT_HITCHES_STEADY:
        return measured((double)run->hitch_steady_count);
    case LIMIT_STREAM_BLOCKED:
        return measured((double)run->stream_switches);
    case LIMIT_STREAM_COLD_MS_MAX:
        return run->stream_cold.count > 0 ? measured((double)run->stream_cold.max_ns * 1e-6)
                                          : not_applicable("no tick was cold");
    case LIMIT_UNEXPLAINED_MS_P99:
        return measured(p99_ms(&run->rows[LEDGER_UNEXPLAINED]));
    case LIMIT_FRAME_HITCHES:
        return measured((double)run->frame_hitches);
    default:
        assert(id == LIMIT_STREAM_WALL_MS_P99);
        return measured(p99_ms(&run->stream_wall));
    }
}

static Measure measure(const VerdictInput *input, LimitId id)
{
    const RunStats *run = input->run;
    switch (id) {
    case LIMIT_MISSING_CHECKS:
    case LIMIT_MISSING_LAST_TICK:
    case LIMIT_HOLES:
    case LIMIT_HOLE_PIXELS:
        return measure_coverage(input, id);
    case LIMIT_DUPLICATES:
        return measured((double)run->counters.duplicates);
    case LIMIT_DROPPED:
        return measured((double)run->counters.dropped);
    case LIMIT_RSS_DELTA_RATIO:
    case LIMIT_MEMORY_SLOPE:
    case LIMIT_ALLOCATIONS_STEADY:
    case LIMIT_GL_OBJECTS_STEADY:
        return measure_memory(input, id);
    case LIMIT_FIRST_VIEW_MS:
    case LIMIT_TELEPORT_VIEW_MS:
    case LIMIT_SHARP_TICK_RATIO:
        return measure_view(input, id);
    case LIMIT_PREFETCH_USED_RATIO:
        return measure_prefetch(input);
    case LIMIT_LOD_GENERATED_RATIO:
    case LIMIT_SERVE_MS_P99:
        return measure_lod_cache(run, id);
    case LIMIT_THROTTLE_RELEASED_MS:
    case LIMIT_THROTTLE_HELD_DEMAND:
        return measure_throttle(input, id);
    default:
        return measure_time(run, id);
    }
}

static VerdictRow judge(const VerdictInput *input, LimitId id)
{
    const Limit *limit = limit_get(id);
    double bound = limit->bounds[input->gpu];
    Measure result = input->run->ticks > 0 ? measure(input, id) : unmeasured("no tick was flown");
    VerdictRow row = {.id = id,
                      .value = result.value,
                      .bound = bound,
                      .applies = result.reason[0] == '\0' || result.fault,
                      .reason = result.reason};
    if (row.applies && bound == LIMIT_UNGATED) {
        row.applies = false;
        row.reason = input->gpu == LIMIT_GPU_NONE ? "wall time, gated on a GPU only"
                                                  : "wall time, not gated on software GL";
    }
    row.pass = !row.applies || limit_keep(limit->compare, row.value, bound);
    return row;
}

Verdict verdict_judge(const VerdictInput *input)
{
    assert(input != NULL && input->run != NULL);
    assert(input->path == VERDICT_BY_HAND || (unsigned)input->path < FLIGHT_COUNT);
    assert((unsigned)input->gpu <= LIMIT_GPU_HARDWARE);
    uint32_t flown = input->path == VERDICT_BY_HAND ? 0 : LIMIT_ON((unsigned)input->path);
    Verdict verdict = {0};
    for (int id = 0; id < LIMIT_COUNT; ++id) {
        uint32_t paths = limit_get((LimitId)id)->paths;
        if (paths != LIMIT_ON_ALL && (paths & flown) == 0) {
            continue;
        }
        VerdictRow row = judge(input, (LimitId)id);
        verdict.broken += !row.pass;
        verdict.rows[verdict.count++] = row;
    }
    verdict.pass = verdict.broken == 0;
    return verdict;
}

const VerdictRow *verdict_row(const Verdict *verdict, LimitId id)
{
    assert(verdict != NULL && (unsigned)id < LIMIT_COUNT);
    for (int i = 0; i < verdict->count; ++i) {
        if (verdict->rows[i].id == id) {
            return &verdict->rows[i];
        }
    }
    return NULL;
}
