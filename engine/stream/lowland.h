// Purpose: the height of the valleys about the eye, where mist lies.
// Owns: nothing.
// Threads: the main thread.
// Fails: never.
#pragma once
#include "stream/streamer.h"

#define LOWLAND_REACH_M 7000

// A soft minimum of the ground within LOWLAND_REACH_M, from the tiles that are resident; smooth as the eye moves. Never
// below the sea; `last_m` where nothing is there.
float lowland_m(const Streamer *streamer, const double eye_m[3], float last_m);
