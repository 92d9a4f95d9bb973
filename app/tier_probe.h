// Purpose: the viewer's tier where nobody chose one: a few frames of the real scene are measured, then it is settled.
// Owns: nothing; a plain value.
// Threads: the main thread.
// Fails: never; without enough frames the first guess stays.
#pragma once
#include "option.h"
#include "stream/frame_stats.h"

#define TIER_PROBE_FRAMES 10
#define TIER_PROBE_TICKS_MAX 1200    // a view that is not complete by then is not worth waiting for
#define TIER_PROBE_FRAME_MS_MAX 10.0 // of 16.7: the rest is for dearer views and for the stream

// What a probe found, kept from flight to flight.
typedef struct TierFound {
    char where[OPTION_TEXT_MAX]; // renderer and size of the picture; "": nothing was found yet
    int tier;
} TierFound;

typedef struct TierProbe {
    bool running, software;
    int tier; // drawn meanwhile
    int ticks, count;
    double frame_ms[TIER_PROBE_FRAMES];
    uint64_t cpu_ns; // of the process without the workers, after the last tick
} TierProbe;

// The tier to measure at: 0 where the CPU draws, else 1. Cheap, so that no first frame takes seconds.
int tier_probe_first(bool software);

// The richest tier whose frame keeps TIER_PROBE_FRAME_MS_MAX, when one at `tier` took `frame_ms`. The CPU draws 0 or 1.
int tier_probe_choose(bool software, int tier, double frame_ms);

TierProbe tier_probe_start(bool software);

// What the frame of the tick that has just ended cost: CPU time where the CPU draws, else what the GPU's timer says.
// Negative: unknown. To be asked after every tick.
double tier_probe_frame_ms(TierProbe *probe, const FrameStats *frame, uint64_t workers_cpu_ns);

// Takes one tick in; `whole`: it drew a complete view. True once, at the probe's end: `*out_tier` is the one to draw.
bool tier_probe_add(TierProbe *probe, bool whole, double frame_ms, int *out_tier);
