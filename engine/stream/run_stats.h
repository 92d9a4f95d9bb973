// Purpose: what a whole run added up to: histograms, counters, hitches; fed once a tick. Warns of idle workers.
// Owns: its fixed arrays, inline (about 1 MiB: keep it in a long-lived object).
// Threads: the main thread.
// Fails: never; lists that are full count what they leave out.
#pragma once
#include "base/os_memory.h"
#include "profile/histogram.h"
#include "stream/frame_stats.h"
#include "stream/gpu_stats.h"
#include "stream/throttle.h"

#define RUN_STATS_HITCHES_MAX 64
#define RUN_STATS_HITCH_MS 2.0
#define RUN_STATS_SLOW 3.0      // slowness of a hitch from which on the machine is to blame
#define RUN_STATS_WARM_UP_S 5.0 // after the first complete view
#define RUN_STATS_JANK_MS 16.7
#define RUN_STATS_SLOPE_TICKS 36000 // a shorter run says nothing about a slope
#define RUN_STATS_RSS_TICKS 60      // between two samples of the resident set

typedef struct RunStatsHitch {
    uint64_t tick;
    double ms;
    LedgerRow row;
    double row_ms;
    LedgerItem item;
    OsThreadUsage usage; // of the streaming rows
    bool steady;         // after warm-up
    // How many times its median of the run each row took that does not stream, the median of these: about 1 where the
    // hitch is streaming's own, several where the machine was slow as a whole.
    double slowness;
    uint32_t queue_depths[JOB_CLASS_COUNT];
    uint32_t results_depth;
} RunStatsHitch;

// Counters that the streaming modules keep for the whole run.
typedef struct RunStatsCounters {
    uint64_t generated, uploaded, evicted, cancelled, failed, retried;
    uint64_t sparse;  // of `generated`, chunks read sparsely
    uint64_t refined; // of `generated`, chunks whose data were there but too sparse
    uint64_t
        duplicates;   // generations of a chunk whose result was queued, running, cached or resident
    uint64_t dropped; // results thrown away though wanted
    uint64_t lobe_issued, lobe_used, ring_issued, ring_used; // speculative jobs
    uint64_t lod_transitions, lod_hits, lod_rebuilt, lod_generated;
    uint64_t cache_hits;    // jobs whose heights were still in RAM; the others are `generated`
    uint64_t plans;         // times that the wanted list changed
    uint64_t plan_left_out; // tiles, summed over the plans: no layer for them
    uint64_t plan_overflow; // tiles, summed over the plans: no room in the list
    uint64_t teleports;
} RunStatsCounters;

typedef struct RunStats {
    uint64_t ticks;
    double virtual_s;
    Histogram work, wall, stream, stream_cold, stream_steady, stream_wall;
    Histogram rows[LEDGER_ROW_COUNT];
    Histogram serve;                          // main-thread CPU of a LOD transition served as a hit
    Histogram chunk_latency;                  // wanted -> resident, wall
    uint64_t stream_switches;                 // stream_blocked
    uint64_t hitch_count, hitch_steady_count; // all, and after warm-up
    uint32_t hitches_kept;                    // in a ring: the last RUN_STATS_HITCHES_MAX
    RunStatsHitch hitches[RUN_STATS_HITCHES_MAX];
    uint64_t frame_hitches; // wall over 2 x the median of the last 60
    double jank_ms;
    float recent_wall_ms[60];
    uint64_t missing_checks;
    int64_t missing_last_tick; // -1: never missing
    uint64_t holes;
    int64_t hole_pixels; // summed over examined frames; -1: never examined
    uint32_t late_count_max;
    double late_longest_ms;
    uint64_t sharp_ticks, sharp_of; // after the first complete view
    double first_view_ms;           // wall since engine_create; -1: not yet
    double teleport_view_ms_max; // wall from a teleport until complete again; grows while it is not
    bool teleport_pending;       // a jump after the first view is not complete yet
    double teleport_start_ms;    // since_create of that jump's tick
    uint64_t view_complete_tick;
    double view_complete_s; // virtual time of the first complete view
    bool warm;              // past warm-up
    uint64_t warm_tick;
    uint64_t throttle_held_demand_ticks;
    uint64_t rss_at_warm_bytes, rss_max_bytes;
    uint64_t rss_samples; // least squares from 36,000 ticks on
    double rss_sum_t, rss_sum_y, rss_sum_tt, rss_sum_ty;
    uint64_t allocations_at_warm, allocations;     // through base
    uint64_t excused_allocations, excused_objects; // of all, those of run_stats_excuse
    uint64_t gl_objects_at_warm, gl_objects;
    RunStatsCounters counters;
    Throttle throttle; // copy of the live one
    JobPoolStats workers;
    OsMemoryStats memory;
    GpuStatsBytes gpu;
} RunStats;

// What a tick knows beyond its FrameStats.
typedef struct RunStatsTick {
    const FrameStats *frame;
    double since_create_ms; // wall
    uint64_t allocations, gl_objects;
} RunStatsTick;

void run_stats_start(RunStats *run);
void run_stats_add(RunStats *run, const RunStatsTick *tick);
// What was allocated and made between the last tick and these counts was asked for by hand: no tick's, and not counted.
void run_stats_excuse(RunStats *run, uint64_t allocations, uint64_t gl_objects);

// The i-th kept hitch, oldest first.
const RunStatsHitch *run_stats_hitch(const RunStats *run, uint32_t index);

// Least-squares slope of RSS in bytes per minute of virtual time; NaN before 36,000 ticks.
double run_stats_slope_bytes_per_min(const RunStats *run);
// max(0, 1 - variance / mean^2) of the frames' wall times.
double run_stats_smoothness(const RunStats *run);
// (max RSS after warm-up - RSS at warm-up) / RSS at warm-up; 0 before warm-up.
double run_stats_rss_delta_ratio(const RunStats *run);
