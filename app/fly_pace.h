// Purpose: the viewer's clock: time of a frame, frames per second, the cap, and when nothing moves at all.
// Owns: nothing; a plain value.
// Threads: any.
// Fails: never.
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define FLY_PACE_STEP_MAX_S 0.25 // a longer frame (a debugger, a sleep) counts as this
#define FLY_PACE_STILL_TICKS 20  // so many frames without any change, then pictures stop
#define FLY_PACE_STILL_MS 50     // length of a tick without pictures
#define FLY_PACE_STILL_PAD_MS 16 // the same while a gamepad must be read

typedef struct FlyPace {
    uint64_t last_ns, deadline_ns;
    double fps; // smoothed over about a second
    int unchanged_ticks;
} FlyPace;

// Begins a frame; returns the seconds since the last one began, 1/60 for the first.
double fly_pace_begin(FlyPace *pace, uint64_t now_ns);

// When the next frame may begin, for at most `cap` frames a second (0: none) on a screen of `refresh_hz` whose vsync
// may not hold back (0: no vsync wanted). Returns `now_ns` when at once.
uint64_t fly_pace_next_ns(FlyPace *pace, uint64_t now_ns, int cap, int refresh_hz);

// Notes whether this frame's picture differs from the last; true when it has been the same long enough to stop.
bool fly_pace_still(FlyPace *pace, bool changed);
