// Purpose: "soak from here": the verdict on an engine that a person is flying.
// Owns: its own RunStats, inline (large: keep it in a long-lived object); borrows the engine.
// Threads: the main thread.
// Fails: never.
#pragma once
#include "engine.h"
#include "soak/verdict.h"

#define SOAK_LIVE_TICKS 1024

typedef struct SoakLive {
    RunStats run;
    RunStatsCounters before; // what the engine had counted when the soak began
    uint64_t ticks;          // to record
    uint64_t start_ns;
    LimitGpu gpu;
    bool running;
    bool done; // `verdict` is valid
    Verdict verdict;
} SoakLive;

// Starts to record `ticks` ticks (0: SOAK_LIVE_TICKS). `gl_renderer` may be NULL.
void soak_live_begin(SoakLive *live, const Engine *engine, uint64_t ticks, const char *gl_renderer);

// After each engine_tick; does nothing while no soak runs. True on the tick that completes the verdict.
bool soak_live_add(SoakLive *live, const Engine *engine);

// Part of the run that is done, 0 to 1.
float soak_live_progress(const SoakLive *live);
