// Purpose: what a stretch of land is made from: its grid, the lattice over it, the rivers through it.
// Owns: nothing; all lies in the job's scratch.
// Threads: any.
// Fails: never.
#pragma once
#include "terrain/landform.h"
#include "terrain/river.h"

typedef struct Relief {
    LandformGrid grid;
    LandformLattice lattice;
    RiverNet net;
} Relief;

// Rows [first, end) of the grid, `pitch` floats a row, columns rounded up to LANDFORM_PAD.
typedef struct ReliefRows {
    int first, end;
    float *heights_m;
    int pitch;
    float *lie; // 1 in a river's bed, 0 on hillsides, -1 on sharp crests; NULL: not wanted, nor:
    float *shore,
        *half; // metres from the nearest shore, more than 0 in water; half the width of that water
} ReliefRows;

// The net that the rivers under a filled lattice need, and under `coarse`, which may be NULL, too.
RiverNetDesc relief_rivers(const Relief *relief, const Relief *coarse);
// Gives the coarse relief that was passed there the net, once that is there.
void relief_share(const Relief *relief, Relief *coarse);
