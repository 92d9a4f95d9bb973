// Purpose: the limits of the verdict, one table: name, unit, comparison, bound by GPU, flights it holds on.
// Owns: nothing; constant data. A bound here is never loosened to make a run pass.
// Threads: any.
// Fails: never.
#pragma once
#include "stream/flight.h"
#include <stdint.h>

// What draws: nothing, a software rasteriser, a real GPU. Wall times of frames are gated on a real one only:
// beside a rasteriser that shares the CPUs they say nothing about the engine.
typedef enum LimitGpu { LIMIT_GPU_NONE, LIMIT_GPU_SOFTWARE, LIMIT_GPU_HARDWARE } LimitGpu;

typedef enum LimitCompare { LIMIT_BELOW, LIMIT_AT_MOST, LIMIT_AT_LEAST } LimitCompare;

#define LIMIT_ON(path) (1u << (path))
#define LIMIT_ON_ALL ((1u << FLIGHT_COUNT) - 1u)
#define LIMIT_UNGATED (-1.0) // reported only; no bound is negative

// id, name, unit, comparison, bound without GPU, on a software rasteriser, on a GPU, flights
#define LIMIT_LIST(X)                                                                              \
    X(LIMIT_STREAM_MS_P99, "stream_ms_p99", "ms", LIMIT_BELOW, 2.0, 2.0, 2.0, LIMIT_ON_ALL)        \
    X(LIMIT_HITCHES, "hitches", "", LIMIT_BELOW, 10.0, 10.0, 10.0, LIMIT_ON_ALL)                   \
    X(LIMIT_HITCHES_STEADY, "hitches_steady", "", LIMIT_AT_MOST, 0.0, 0.0, 0.0, LIMIT_ON_ALL)      \
    X(LIMIT_STREAM_BLOCKED, "stream_blocked", "", LIMIT_AT_MOST, 0.0, 0.0, 0.0, LIMIT_ON_ALL)      \
    X(LIMIT_MISSING_CHECKS, "missing_checks", "", LIMIT_AT_MOST, 5100.0, 5100.0, 5100.0,           \
      LIMIT_ON(FLIGHT_WALK))                                                                       \
    X(LIMIT_MISSING_LAST_TICK, "missing_last_tick", "tick", LIMIT_AT_MOST, 384.0, 384.0, 384.0,    \
      LIMIT_ON(FLIGHT_WALK))                                                                       \
    X(LIMIT_HOLES, "holes", "", LIMIT_AT_MOST, 0.0, 0.0, 0.0, LIMIT_ON_ALL)                        \
    X(LIMIT_HOLE_PIXELS, "hole_pixels", "", LIMIT_AT_MOST, 0.0, 0.0, 0.0, LIMIT_ON_ALL)            \
    X(LIMIT_DUPLICATES, "duplicates", "", LIMIT_AT_MOST, 0.0, 0.0, 0.0, LIMIT_ON_ALL)              \
    X(LIMIT_DROPPED, "dropped", "", LIMIT_AT_MOST, 0.0, 0.0, 0.0, LIMIT_ON_ALL)                    \
    X(LIMIT_STREAM_COLD_MS_MAX, "stream_cold_ms_max", "ms", LIMIT_BELOW, 8.0, 8.0, 8.0,            \
      LIMIT_ON_ALL)                                                                                \
    X(LIMIT_RSS_DELTA_RATIO, "rss_delta_ratio", "ratio", LIMIT_BELOW, 0.06, 0.06, 0.06,            \
      LIMIT_ON_ALL)                                                                                \
    X(LIMIT_MEMORY_SLOPE, "slope_bytes_per_min", "bytes/min", LIMIT_AT_MOST, 1048576.0, 1048576.0, \
      1048576.0, LIMIT_ON_ALL)                                                                     \
    X(LIMIT_FIRST_VIEW_MS, "first_view_ms", "ms", LIMIT_AT_MOST, 1000.0, 2000.0, 1000.0,           \
      LIMIT_ON_ALL)                                                                                \
    X(LIMIT_TELEPORT_VIEW_MS, "teleport_view_ms_max", "ms", LIMIT_AT_MOST, 1000.0, 2000.0, 1000.0, \
      LIMIT_ON(FLIGHT_TELEPORT))                                                                   \
    X(LIMIT_SHARP_TICK_RATIO, "sharp_tick_ratio", "ratio", LIMIT_AT_LEAST, 0.99, 0.99, 0.99,       \
      LIMIT_ON(FLIGHT_JET) | LIMIT_ON(FLIGHT_CRUISE))                                              \
    X(LIMIT_PREFETCH_USED_RATIO, "prefetch_used_ratio", "ratio", LIMIT_AT_LEAST, 0.75, 0.75, 0.75, \
      LIMIT_ON(FLIGHT_JET) | LIMIT_ON(FLIGHT_CRUISE) | LIMIT_ON(FLIGHT_DIVE))                      \
    X(LIMIT_LOD_GENERATED_RATIO, "lod_generated_ratio", "ratio", LIMIT_AT_MOST, 0.10, 0.10, 0.10,  \
      LIMIT_ON_ALL)                                                                                \
    X(LIMIT_SERVE_MS_P99, "serve_ms_p99", "ms", LIMIT_BELOW, 0.05, 0.05, 0.05, LIMIT_ON_ALL)       \
    X(LIMIT_THROTTLE_RELEASED_MS, "throttle_released_ms_max", "ms", LIMIT_AT_MOST, 1000.0, 1000.0, \
      1000.0, LIMIT_ON(FLIGHT_SHOCK))                                                              \
    X(LIMIT_THROTTLE_HELD_DEMAND, "throttle_held_demand", "ticks", LIMIT_AT_MOST, 0.0, 0.0, 0.0,   \
      LIMIT_ON(FLIGHT_SHOCK))                                                                      \
    X(LIMIT_ALLOCATIONS_STEADY, "allocations_steady", "", LIMIT_AT_MOST, 0.0, 0.0, 0.0,            \
      LIMIT_ON_ALL)                                                                                \
    X(LIMIT_GL_OBJECTS_STEADY, "gl_objects_steady", "", LIMIT_AT_MOST, 0.0, 0.0, 0.0,              \
      LIMIT_ON_ALL)                                                                                \
    X(LIMIT_UNEXPLAINED_MS_P99, "unexplained_ms_p99", "ms", LIMIT_AT_MOST, 0.05, 0.05, 0.05,       \
      LIMIT_ON_ALL)                                                                                \
    X(LIMIT_FRAME_HITCHES, "frame_hitches", "", LIMIT_BELOW, LIMIT_UNGATED, LIMIT_UNGATED, 10.0,   \
      LIMIT_ON_ALL)                                                                                \
    X(LIMIT_STREAM_WALL_MS_P99, "stream_wall_ms_p99", "ms", LIMIT_BELOW, LIMIT_UNGATED,            \
      LIMIT_UNGATED, 2.0, LIMIT_ON_ALL)

typedef enum LimitId {
#define LIMIT_ENUM(id, name, unit, compare, none, software, hardware, paths) id,
    LIMIT_LIST(LIMIT_ENUM)
#undef LIMIT_ENUM
        LIMIT_COUNT
} LimitId;

typedef struct Limit {
    const char *name;
    const char *unit; // "" for a count
    LimitCompare compare;
    double bounds[3]; // by LimitGpu
    uint32_t paths;   // bit set of 1 << FlightPath
} Limit;

// Fewer LOD transitions than this make no ratio worth a verdict.
#define LIMIT_TRANSITIONS_MIN 50

const Limit *limit_get(LimitId id);
// "<", "<=" or ">=".
const char *limit_sign(LimitCompare compare);
// Whether `value` keeps `bound`; not-a-number never does.
int limit_keep(LimitCompare compare, double value, double bound);
// What kind of GPU a GL renderer's name stands for; NULL: none.
LimitGpu limit_gpu(const char *gl_renderer);
