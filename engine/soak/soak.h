// Purpose: flies a scripted path through engine_tick and ends in a verdict, headless or in a window.
// Owns: nothing between calls; a run's engine lives inside soak_run.
// Threads: the main thread.
// Fails: soak_run returns a Result when it could not run; a broken limit is no failure but a red verdict.
#pragma once
#include "engine.h"
#include "soak/verdict.h"
#include <stdio.h>

typedef enum SoakPace {
    SOAK_PACE_REAL, // sleeps to 60 Hz
    SOAK_PACE_FREE, // no sleep, but each tick grants the workers 16.7 ms while they have work
} SoakPace;

// A fault to inject, for the self-test.
typedef struct SoakFault {
    bool on;
    EngineFault fault;
    uint64_t tick;        // 0: as soon as the run is past its warm-up
    uint64_t ticks_after; // the run ends so many ticks later
} SoakFault;

// A bad moment on any flight, from the tick after the first complete view on: the workers are blocked for so many
// ticks, then the main thread burns in each of the next. The flight called shock has its own, at fixed times.
typedef struct SoakShock {
    uint64_t block_ticks, burn_ticks;
    double burn_ms;
} SoakShock;

// Zero means the default that is named.
typedef struct SoakDesc {
    EngineConfig config; // start_m is set by the flight
    const Source *source;
    const GpuSink *sink; // NULL: a null sink
    FlightPath path;
    double start_xz_m[2];
    uint64_t ticks; // the flight's default
    SoakPace pace;
    const char *gpu;         // "none", "offscreen" or "window"; NULL: "none"
    const char *gl_renderer; // NULL without GL
    const char *gl_version;
    float aspect; // 16/9
    DrawScene scene;
    const char *json_path; // NULL: no report
    FILE *out;             // progress and summary; NULL: silent
    SoakFault fault;
    SoakShock shock; // none
    // After every tick, outside its ledger: the window's events, a picture. False ends the run early.
    bool (*after_tick)(void *object, Engine *engine);
    void (*ui)(void *object); // the tick's row "ui"
    void *object;             // borrowed, passed to both
} SoakDesc;

// What a run's frames showed beyond RunStats; the ablation compares these.
typedef struct SoakExtremes {
    // Of a tick.
    uint64_t upload_bytes_max;
    uint32_t upload_count_max;
    double upload_ms_max;
    // What the workers did while the main thread burnt, summed over those ticks.
    uint64_t burn_ticks, burn_jobs_ahead, burn_worker_ns;
    // After the first complete view.
    uint64_t upload_bytes_steady_max; // of a tick
    uint32_t upload_count_steady_max;
    uint64_t missing_steady;   // missing_checks
    double late_steady_ms_max; // longest time that something was late
} SoakExtremes;

typedef struct SoakResult {
    Verdict verdict;
    EngineConfig config; // with defaults filled in
    RunStats run;
    FrameStats last;
    SoakExtremes extremes;
    GpuSinkStats sink;
    LimitGpu gpu;
    uint64_t ticks;     // flown
    int64_t fault_tick; // -1: nothing was injected
    double wall_s;
    bool stopped; // after_tick ended it; such a run is never a pass
} SoakResult;

const char *soak_pace_name(SoakPace pace);
// Negative for an unknown name.
int soak_pace_find(const char *name);

// Flies the run, judges it, prints and writes what `desc` asks for. `*out` (large: keep it off the stack) is
// complete whenever RESULT_OK or RESULT_CANCELLED (stopped early) is returned.
RESULT_MUST Result soak_run(const SoakDesc *desc, SoakResult *out, ResultText *text);
