#include "terrain/relief.h"
#include <assert.h>
#include <math.h>

// Rounding of places and splines takes less than a metre. The rest is for small bends: noise over a
// cell rises by at most 2.17 (a gradient) + 1.875 (the fade) * 4.34 (two corners' planes) = 10.3 along
// either axis of its cell, so by 14.6 along one of the world, and bends move a point by
// (8 + 3) m * (0.5 + 0.866) times that.
#define SLACK_M 221

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

// Where the grid's points lie among the rivers, from an anchor on.
static RiverBox reach(const Relief *relief, int64_t x_m, int64_t z_m)
{
    const LandformGrid *grid = &relief->grid;
    int unit_m = landform_unit_m(grid);
    int32_t left = (int32_t)(grid->x * unit_m - x_m), top = (int32_t)(grid->z * unit_m - z_m);
    float x[2], z[2];
    displacement(&relief->lattice, LANDFORM_WARP_X, x);
    displacement(&relief->lattice, LANDFORM_WARP_Z, z);
    return (RiverBox){left + (int32_t)floorf(x[0]) - SLACK_M, top + (int32_t)floorf(z[0]) - SLACK_M,
                      left + (int32_t)ceilf(x[1]) + SLACK_M + (grid->columns - 1) * unit_m,
                      top + (int32_t)ceilf(z[1]) + SLACK_M + (grid->rows - 1) * unit_m};
}

RiverNetDesc relief_rivers(const Relief *relief, const Relief *coarse)
{
    const LandformGrid *grid = &relief->grid;
    int unit_m = landform_unit_m(grid);
    RiverNetDesc desc = {
        .x_m = grid->x * unit_m,
        .z_m = grid->z * unit_m,
        .lattices = landform_plan(grid->level).lattices,
    };
    desc.box = reach(relief, desc.x_m, desc.z_m);
    if (coarse)
        desc.box = river_hull(desc.box, reach(coarse, desc.x_m, desc.z_m));
    return desc;
}

void relief_share(const Relief *relief, Relief *coarse)
{
    coarse->net = relief->net;
    coarse->net.lattices = landform_plan(coarse->grid.level).lattices;
    assert(coarse->net.lattices <= relief->net.lattices);
}
