// Purpose: where samples lie among the rivers.
// Owns: nothing.
// Threads: any.
// Fails: never.
#pragma once
#include "terrain/relief_lanes.h"

// Into rows of `x` and `z`, which `out` has as its heights and its shore: metres from the net's anchor.
static inline void waters_place_rows(const Relief *relief, const ReliefRows *out)
{
    const LandformGrid *grid = &relief->grid;
    ReliefCursors c = {.plan = landform_plan(grid->level)};
    ReliefSlab slab;
    slab.columns = (grid->columns + LANDFORM_PAD - 1) / LANDFORM_PAD * LANDFORM_PAD;
    for (int k = 0; k < c.plan.bends; k++)
        c.bends[k] = noise_cursor(&grid->landform->bends[k], landform_unit_m(grid));
    size_t bytes = sizeof(float) * (size_t)slab.columns;
    for (int row = out->first; row < out->end; row++) {
        relief_places_row(relief, &c, row, &slab, 0);
        memcpy(out->heights_m + row * out->pitch, slab.x[0], bytes);
        memcpy(out->shore + row * out->pitch, slab.z[0], bytes);
    }
}
