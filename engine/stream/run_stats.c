#include "stream/run_stats.h"
#include "base/log.h"
#include <assert.h>
#include <math.h>
#include <string.h>

#define RECENT_WALLS ((int)(sizeof(((RunStats *)0)->recent_wall_ms) / sizeof(float)))

static double ms_from_ns(uint64_t ns)
{
    return (double)ns * 1e-6;
}

void run_stats_start(RunStats *run)
{
    assert(run != NULL);
    memset(run, 0, sizeof *run);
    run->missing_last_tick = -1;
    run->hole_pixels = -1;
    run->first_view_ms = -1.0;
}

static void add_times(RunStats *run, const Ledger *ledger)
{
    histogram_add(&run->work, ledger->tick_cpu_ns);
    histogram_add(&run->wall, ledger->tick_wall_ns);
    histogram_add(&run->stream, ledger->stream_cpu_ns);
    histogram_add(&run->stream_wall, ledger->stream_wall_ns);
    histogram_add(run->first_view_ms < 0.0 ? &run->stream_cold : &run->stream_steady,
                  ledger->stream_cpu_ns);
    for (int row = 0; row < LEDGER_ROW_COUNT; ++row) {
        histogram_add(&run->rows[row], ledger->cpu_ns[row]);
    }
    run->stream_switches += ledger->stream_usage.voluntary_switches;
}

// `count`: 1 to RECENT_WALLS.
static float median_of(const float *values, int count)
{
    float sorted[RECENT_WALLS];
    assert(count > 0 && count <= RECENT_WALLS);
    for (int i = 0; i < count; ++i) {
        int place = i;
        while (place > 0 && sorted[place - 1] > values[i]) {
            sorted[place] = sorted[place - 1];
            --place;
        }
        sorted[place] = values[i];
    }
    return 0.5f * (sorted[(count - 1) / 2] + sorted[count / 2]);
}

static void add_wall(RunStats *run, const Ledger *ledger)
{
    double wall_ms = ms_from_ns(ledger->tick_wall_ns);
    // The median is of the 60 ticks before this one, so a hitch does not hide itself.
    if (run->ticks >= RECENT_WALLS &&
        wall_ms > 2.0 * (double)median_of(run->recent_wall_ms, RECENT_WALLS)) {
        ++run->frame_hitches;
    }
    run->recent_wall_ms[run->ticks % RECENT_WALLS] = (float)wall_ms;
    run->jank_ms += fmax(0.0, wall_ms - RUN_STATS_JANK_MS);
}

// As in RunStatsHitch.
static double slowness(const RunStats *run, const Ledger *ledger)
{
    float ratios[LEDGER_ROW_COUNT];
    int count = 0;
    for (int row = 0; row < LEDGER_ROW_COUNT; ++row) {
        uint64_t median_ns = histogram_quantile_ns(&run->rows[row], 0.5);
        if (!ledger_row_is_stream((LedgerRow)row) && median_ns > 0) {
            ratios[count++] = (float)ledger->cpu_ns[row] / (float)median_ns;
        }
    }
    return count > 0 ? (double)median_of(ratios, count) : 1.0;
}

static void add_hitch(RunStats *run, const FrameStats *frame)
{
    const Ledger *ledger = &frame->ledger;
    double stream_ms = ms_from_ns(ledger->stream_cpu_ns);
    if (stream_ms <= RUN_STATS_HITCH_MS) {
        return;
    }
    LedgerRow worst = LEDGER_PLAN;
    for (int row = 0; row < LEDGER_ROW_COUNT; ++row) {
        if (ledger_row_is_stream((LedgerRow)row) && ledger->cpu_ns[row] > ledger->cpu_ns[worst]) {
            worst = (LedgerRow)row;
        }
    }
    RunStatsHitch *hitch = &run->hitches[run->hitch_count % RUN_STATS_HITCHES_MAX];
    *hitch = (RunStatsHitch){.tick = frame->tick,
                             .ms = stream_ms,
                             .row = worst,
                             .row_ms = ms_from_ns(ledger->cpu_ns[worst]),
                             .item = ledger->largest[worst],
                             .usage = ledger->stream_usage,
                             .steady = run->warm,
                             .slowness = slowness(run, ledger),
                             .results_depth = frame->results_depth};
    memcpy(hitch->queue_depths, frame->queue_depths, sizeof hitch->queue_depths);
    ++run->hitch_count;
    run->hitch_steady_count += run->warm;
    if (run->hitches_kept < RUN_STATS_HITCHES_MAX) {
        ++run->hitches_kept;
    }
}

static void add_coverage(RunStats *run, const FrameStats *frame)
{
    run->missing_checks += frame->missing;
    if (frame->missing > 0) {
        run->missing_last_tick = (int64_t)frame->tick;
    }
    run->holes += frame->holes;
    if (frame->hole_pixels >= 0) {
        run->hole_pixels = (run->hole_pixels < 0 ? 0 : run->hole_pixels) + frame->hole_pixels;
    }
    run->late_count_max = frame->late > run->late_count_max ? frame->late : run->late_count_max;
    run->late_longest_ms = fmax(run->late_longest_ms, frame->late_longest_ms);
    run->throttle_held_demand_ticks += frame->throttle_held_demand;
    if (run->first_view_ms >= 0.0) {
        ++run->sharp_of;
        run->sharp_ticks += frame->sharp;
    }
}

// Times of the first view and of the views after jumps. A jump that is not complete yet already counts with
// the time it has taken, so that one that never ends shows.
static void add_view(RunStats *run, const RunStatsTick *tick)
{
    const FrameStats *frame = tick->frame;
    if (run->first_view_ms >= 0.0) {
        if (frame->teleported) {
            run->teleport_pending = true;
            run->teleport_start_ms = tick->since_create_ms - ms_from_ns(frame->ledger.tick_wall_ns);
        }
        if (run->teleport_pending) {
            double elapsed_ms = tick->since_create_ms - run->teleport_start_ms;
            run->teleport_view_ms_max = fmax(run->teleport_view_ms_max, elapsed_ms);
            run->teleport_pending = !frame->view_complete;
        }
    } else if (frame->view_complete) {
        run->first_view_ms = tick->since_create_ms;
        run->view_complete_tick = frame->tick;
        run->view_complete_s = frame->time_s;
    }
}

// By the end of the warm-up every worker has had work; said once a run.
static void warn_of_few_workers(const RunStats *run)
{
    const JobPoolStats *workers = &run->workers;
    if (workers->workers_ran < workers->workers_requested) {
        log_warn("only %d of %d worker threads have run so far; fewer --threads would do as much",
                 workers->workers_ran, workers->workers_requested);
    }
}

static void add_memory(RunStats *run, const RunStatsTick *tick)
{
    const FrameStats *frame = tick->frame;
    run->allocations = tick->allocations;
    run->gl_objects = tick->gl_objects;
    if (!run->warm) {
        if (run->first_view_ms < 0.0 ||
            frame->time_s - run->view_complete_s < RUN_STATS_WARM_UP_S) {
            return;
        }
        run->warm = true;
        run->warm_tick = frame->tick;
        run->rss_at_warm_bytes = frame->rss_bytes;
        run->allocations_at_warm = tick->allocations;
        run->gl_objects_at_warm = tick->gl_objects;
        warn_of_few_workers(run);
    }
    if (frame->rss_bytes > run->rss_max_bytes) {
        run->rss_max_bytes = frame->rss_bytes;
    }
    assert(frame->tick >= run->warm_tick);
    if ((frame->tick - run->warm_tick) % RUN_STATS_RSS_TICKS == 0) {
        double minutes = (frame->time_s - run->view_complete_s) / 60.0;
        // Bytes relative to the first sample: sums of squares then keep their digits.
        double bytes = (double)frame->rss_bytes - (double)run->rss_at_warm_bytes;
        ++run->rss_samples;
        run->rss_sum_t += minutes;
        run->rss_sum_y += bytes;
        run->rss_sum_tt += minutes * minutes;
        run->rss_sum_ty += minutes * bytes;
    }
}

void run_stats_add(RunStats *run, const RunStatsTick *tick)
{
    assert(run != NULL && tick != NULL && tick->frame != NULL);
    const FrameStats *frame = tick->frame;
    add_times(run, &frame->ledger);
    add_wall(run, &frame->ledger);
    add_hitch(run, frame);
    add_coverage(run, frame);
    add_view(run, tick);
    add_memory(run, tick);
    run->virtual_s = frame->time_s;
    ++run->ticks;
}

void run_stats_excuse(RunStats *run, uint64_t allocations, uint64_t gl_objects)
{
    assert(run && allocations >= run->allocations && gl_objects >= run->gl_objects);
    run->excused_allocations += allocations - run->allocations;
    run->excused_objects += gl_objects - run->gl_objects;
    run->allocations_at_warm += allocations - run->allocations;
    run->gl_objects_at_warm += gl_objects - run->gl_objects;
    run->allocations = allocations;
    run->gl_objects = gl_objects;
}

const RunStatsHitch *run_stats_hitch(const RunStats *run, uint32_t index)
{
    assert(index < run->hitches_kept);
    return &run->hitches[(run->hitch_count - run->hitches_kept + index) % RUN_STATS_HITCHES_MAX];
}

double run_stats_slope_bytes_per_min(const RunStats *run)
{
    assert(run != NULL);
    double n = (double)run->rss_samples;
    double spread = n * run->rss_sum_tt - run->rss_sum_t * run->rss_sum_t;
    if (run->ticks < RUN_STATS_SLOPE_TICKS || run->rss_samples < 2 || spread <= 0.0) {
        return (double)NAN;
    }
    return (n * run->rss_sum_ty - run->rss_sum_t * run->rss_sum_y) / spread;
}

double run_stats_smoothness(const RunStats *run)
{
    assert(run != NULL);
    if (run->wall.count == 0 || run->wall.sum_ns <= 0.0) {
        return 0.0;
    }
    double mean = run->wall.sum_ns / (double)run->wall.count;
    double variance = run->wall.sum_squares_ns2 / (double)run->wall.count - mean * mean;
    return fmax(0.0, 1.0 - fmax(0.0, variance) / (mean * mean));
}

double run_stats_rss_delta_ratio(const RunStats *run)
{
    assert(run != NULL);
    if (!run->warm || run->rss_at_warm_bytes == 0) {
        return 0.0;
    }
    double start = (double)run->rss_at_warm_bytes;
    return ((double)run->rss_max_bytes - start) / start;
}
