// Purpose: where a river of the skeleton runs into the water of a greater one.
// Owns: nothing.
// Threads: any.
// Fails: never.
#pragma once
#include "terrain/river.h"
#include <stdbool.h>

// A place on a segment of the net.
typedef struct WatersPlace {
    int lattice, segment;
    float t;
} WatersPlace;

// A stretch of a segment that lies in other water, and where that takes it.
typedef struct WatersMeeting {
    float enter_t, leave_t;
    WatersPlace into;
} WatersMeeting;

// From a segment's axis, where it is nearest, to a place.
float waters_meet_away(const RiverSegments *s, int i, const float place[2], float *out_t);

// What a river may meet.
typedef struct WatersMeet {
    const RiverNet *net;
    const int *orders; // of the coarsest lattice's segments
} WatersMeet;

static inline bool waters_meet_is_lake(const RiverSegments *s, int i)
{
    return s->drop[i] == 0.0f && s->wide[i] > 0.0f && s->bed[i] < RIVER_NEVER;
}

// The first stretch of a river, from `from` on, in a lake of a coarser lattice or a river of a higher order: links are
// straight and do not ask what they cross. Where the greater river's bed is the higher one, it is dry there.
// `next`: the segment of its own lattice that the river leads to, which does not count, or -1.
bool waters_meet(const WatersMeet *meet, const WatersPlace *from, int order, int next,
                 WatersMeeting *out);
