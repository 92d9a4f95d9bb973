// Purpose: the record of one tick: the only source of overlay, JSON and verdict.
// Owns: nothing; plain values.
// Threads: the main thread.
// Fails: never.
#pragma once
#include "base/job_pool.h"
#include "profile/ledger.h"
#include "world/lod.h"
#include <stdbool.h>
#include <stdint.h>

// A chunk's data: ABSENT -> QUEUED -> RUNNING -> READY, or FAILED (waits for its retry, then stays).
#define FRAME_STATS_DATA_LIST(X)                                                                   \
    X(FRAME_STATS_DATA_ABSENT, "absent")                                                           \
    X(FRAME_STATS_DATA_QUEUED, "queued")                                                           \
    X(FRAME_STATS_DATA_RUNNING, "running")                                                         \
    X(FRAME_STATS_DATA_READY, "ready")                                                             \
    X(FRAME_STATS_DATA_FAILED, "failed")

// A mesh: ABSENT -> BUILDING -> STAGED -> RESIDENT -> EVICTING.
#define FRAME_STATS_MESH_LIST(X)                                                                   \
    X(FRAME_STATS_MESH_ABSENT, "absent")                                                           \
    X(FRAME_STATS_MESH_BUILDING, "building")                                                       \
    X(FRAME_STATS_MESH_STAGED, "staged")                                                           \
    X(FRAME_STATS_MESH_RESIDENT, "resident")                                                       \
    X(FRAME_STATS_MESH_EVICTING, "evicting")

#define FRAME_STATS_ENUM(name, text) name,
typedef enum FrameStatsData {
    FRAME_STATS_DATA_LIST(FRAME_STATS_ENUM) FRAME_STATS_DATA_COUNT
} FrameStatsData;
typedef enum FrameStatsMesh {
    FRAME_STATS_MESH_LIST(FRAME_STATS_ENUM) FRAME_STATS_MESH_COUNT
} FrameStatsMesh;
#undef FRAME_STATS_ENUM

typedef struct FrameStats {
    uint64_t tick;
    double time_s;      // virtual
    double interval_ms; // wall time since the last tick began, pace included; 0 for the first
    Ledger ledger;

    double eye_m[3], predicted_m[3], velocity_m_s[3];
    double lead_s; // of virtual time
    bool teleported;

    uint32_t missing;       // view-square chunks neither resident (any level) nor running
    uint32_t holes;         // view-square chunks with nothing drawable, not even an ancestor
    int64_t hole_pixels;    // -1: not examined
    uint32_t late;          // visible tiles coarser than their nominal level
    double late_longest_ms; // of those that are late now
    bool sharp;             // chunk under the eye and the next 4 along the velocity are nominal
    bool view_complete;

    uint32_t wanted, wanted_demand;
    uint32_t in_flight_demand, in_flight_speculative;
    uint32_t data_states[FRAME_STATS_DATA_COUNT];
    uint32_t mesh_states[FRAME_STATS_MESH_COUNT];
    uint32_t queue_depths[JOB_CLASS_COUNT];
    uint32_t results_depth;
    uint32_t results_applied;

    uint32_t upload_count;
    uint64_t upload_bytes;
    uint64_t upload_budget_bytes;
    double upload_ms;
    uint32_t staged; // waiting for upload
    uint32_t freed;

    bool throttled;
    bool throttle_held_demand; // demand was delayed by the throttle: must never be
    int loads_allowed;

    float range_m[LOD_COUNT]; // effective
    uint32_t tiles_drawn, culled_frustum, culled_horizon;
    uint64_t triangles;

    uint64_t gpu_bytes;     // resident layers and fixed objects
    uint64_t tracked_bytes; // live bytes through base
    uint64_t rss_bytes;     // sampled each 60 ticks, else the last sample
    double gpu_ms;          // -1: unknown
} FrameStats;

const char *frame_stats_data_name(FrameStatsData state);
const char *frame_stats_mesh_name(FrameStatsMesh state);
