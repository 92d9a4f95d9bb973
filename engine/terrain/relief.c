#include "terrain/relief.h"
#include <math.h>

#define SLACK_M 60

static void widen(float value, float range[2])
{
    range[0] = value < range[0] ? value : range[0];
    range[1] = value > range[1] ? value : range[1];
}

// How far rivers are displaced at the grid's points. A spline's weights are positive and sum up to
// one, so it stays within the lattice's least and greatest value.
static void displacement(const LandformLattice *l, int field, float range[2])
{
    const float *from = l->fields + field * l->field_stride;
    range[0] = range[1] = from[0];
    for (int row = 0; row < l->rows; row++)
        for (int i = 0; i < l->columns; i++)
            widen(from[row * l->pitch + i], range);
}

Result relief_rivers(Relief *relief, int extra_cells, Arena *scratch)
{
    const LandformGrid *grid = &relief->grid;
    int unit_m = landform_unit_m(grid);
    float x[2], z[2];
    displacement(&relief->lattice, LANDFORM_WARP_X, x);
    displacement(&relief->lattice, LANDFORM_WARP_Z, z);
    // Rounding of places and splines takes less than a metre, small bends the rest.
    RiverNetDesc desc = {
        .x_m = grid->x * unit_m,
        .z_m = grid->z * unit_m,
        .box = {(int32_t)floorf(x[0]) - SLACK_M, (int32_t)floorf(z[0]) - SLACK_M,
                (int32_t)ceilf(x[1]) + SLACK_M + (grid->columns - 1) * unit_m,
                (int32_t)ceilf(z[1]) + SLACK_M + (grid->rows - 1) * unit_m},
        .lattices = landform_plan(grid->level).lattices,
        .extra_cells = extra_cells,
    };
    return river_net(&desc, scratch, &relief->net);
}
