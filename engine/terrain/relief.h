// Purpose: what a stretch of land is made from: its grid, the lattice over it, the rivers through it.
// Owns: nothing; all lies in the job's scratch.
// Threads: any.
// Fails: relief_rivers returns RESULT_OUT_OF_MEMORY when the scratch is full.
#pragma once
#include "terrain/landform.h"
#include "terrain/river.h"

typedef struct Relief {
    LandformGrid grid;
    LandformLattice lattice;
    RiverNet net; // anchored at the grid's first point
} Relief;

// Rows [first, end) of the grid, `pitch` floats a row, columns rounded up to LANDFORM_PAD.
typedef struct ReliefRows {
    int first, end;
    float *heights_m;
    int pitch;
} ReliefRows;

// Lays out (does not fill) the rivers under a filled lattice. `extra_cells` as in RiverNetDesc.
RESULT_MUST Result relief_rivers(Relief *relief, int extra_cells, Arena *scratch);
