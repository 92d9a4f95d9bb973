#include "terrain/river.h"
#include <assert.h>

// The lattices are not multiples of each other: their borders never line up.
#define FADE(free_m, reach_m) free_m, reach_m, 1.0f / (reach_m - free_m), 3.0f * reach_m

#define GREAT_RING 2
// A segment has lakes at both ends: these depend on links, those on the nodes that they may lead to, and
// these on basins.
#define GREAT_LINKS (GREAT_RING + RIVER_LAKE_CELLS + GREAT_RING)
#define GREAT_MARGIN (GREAT_LINKS + RIVER_BASIN_CELLS)
_Static_assert(GREAT_LINKS >= (RIVER_ORDER_STEPS + 1) * GREAT_RING, "orders have room to climb");
_Static_assert(RIVER_BASIN_CELLS == GREAT_RING * (1 + 2 * RIVER_BASIN_LINKS),
               "a link spans the ring");

const RiverKind river_kinds[RIVER_LATTICES] = {
    {4201, 0.00f, 140.0f, FADE(4200.0f, 6300.0f), 0.0f, 11500, GREAT_RING, GREAT_MARGIN, 3, 0.22f,
     130.0f, 470.0f},
    {1613, 0.15f, 60.0f, FADE(1613.0f, 2600.0f), 1290.0f, 2900, 1, 1, 2, 0.10f, 30.0f, 75.0f},
    {641, 0.26f, 28.0f, FADE(670.0f, 1150.0f), 513.0f, 1150, 1, 1, 1, 0.0f, 8.0f, 15.0f},
    {269, 0.36f, 20.0f, FADE(310.0f, 640.0f), 215.0f, 484, 1, 1, 0, 0.0f, 0.0f, 0.0f},
};

#define BOX_MAX_M 120000 // what RIVER_STEP_M allows, less the widest reach

static int64_t floor_divide(int64_t a, int64_t b)
{
    return a >= 0 ? a / b : -((b - 1 - a) / b);
}

static RiverBox grown(RiverBox box, int32_t by)
{
    return (RiverBox){box.x0 - by, box.z0 - by, box.x1 + by, box.z1 + by};
}

RiverBox river_hull(RiverBox a, RiverBox b)
{
    return (RiverBox){a.x0 < b.x0 ? a.x0 : b.x0, a.z0 < b.z0 ? a.z0 : b.z0,
                      a.x1 > b.x1 ? a.x1 : b.x1, a.z1 > b.z1 ? a.z1 : b.z1};
}

// The cells whose nodes may send a segment into `touched`, and a margin more, whose nodes these
// depend on. Returns where all these nodes lie.
static RiverBox choose_cells(const RiverNetDesc *desc, int lattice, RiverBox touched,
                             RiverNodes *out)
{
    const RiverKind *kind = &river_kinds[lattice];
    RiverBox from = grown(touched, kind->link_m);
    int ring = kind->margin + desc->extra_cells;
    int64_t cell_m = kind->cell_m;
    out->cell_x = floor_divide(desc->x_m + from.x0, cell_m) - ring;
    out->cell_z = floor_divide(desc->z_m + from.z0, cell_m) - ring;
    out->columns = (int)(floor_divide(desc->x_m + from.x1, cell_m) - out->cell_x) + ring + 1;
    out->rows = (int)(floor_divide(desc->z_m + from.z1, cell_m) - out->cell_z) + ring + 1;
    out->pitch = river_padded(out->columns, RIVER_PAD);
    out->touched = touched;
    RiverBox box = {.x0 = (int32_t)(out->cell_x * cell_m - desc->x_m),
                    .z0 = (int32_t)(out->cell_z * cell_m - desc->z_m)};
    box.x1 = box.x0 + (int32_t)(out->columns * cell_m);
    box.z1 = box.z0 + (int32_t)(out->rows * cell_m);
    return box;
}

static Result alloc_floats(Arena *scratch, int count, float **arrays[], int arrays_count)
{
    float *all = arena_alloc(scratch, sizeof(float) * (size_t)(arrays_count * count));
    if (!all)
        return RESULT_OUT_OF_MEMORY;
    for (int i = 0; i < arrays_count; i++)
        *arrays[i] = all + i * count;
    return RESULT_OK;
}

static Result alloc_segments(Arena *scratch, int capacity, RiverSegments *out)
{
    int padded = river_padded(capacity + RIVER_PAD, RIVER_PAD);
    *out = (RiverSegments){.capacity = capacity};
    float **arrays[] = {&out->x,     &out->z,     &out->along_x, &out->along_z,
                        &out->per_x, &out->per_z, &out->bed,     &out->drop,
                        &out->wide,  &out->widen, &out->lift};
    return alloc_floats(scratch, padded, arrays, 11);
}

static Result alloc_lattice(RiverNet *net, int k, Arena *scratch)
{
    RiverNodes *n = &net->nodes[k];
    int margin = river_kinds[k].margin, parts = river_kinds[k].lake_share > 0.0f ? 2 : 1;
    int cells = (n->columns - 2 * margin) * (n->rows - 2 * margin), capacity = cells * parts;
    int rows = k < net->given ? 0 : river_padded(n->rows, RIVER_NET_SQUARE);
    float **arrays[] = {&n->x,         &n->z,         &n->height, &n->rise,  &n->bank,   &n->foot_x,
                        &n->foot_z,    &n->foot_drop, &n->lake,   &n->order, &n->link_x, &n->link_z,
                        &n->link_drop, &n->to,        &n->steep,  &n->wanted};
    Result result = alloc_floats(scratch, rows * n->pitch + RIVER_PAD, arrays, 16);
    if (!result)
        result = alloc_segments(scratch, capacity, &net->segments[k]);
    net->first[k] = arena_alloc(scratch, sizeof(int) * (size_t)(cells + 1));
    net->capacity += capacity;
    return result || !net->first[k] ? RESULT_OUT_OF_MEMORY : RESULT_OK;
}

static Result alloc_near(Arena *scratch, int capacity, RiverNear *out)
{
    float **arrays[] = {&out->width, &out->free, &out->fade, &out->wall, &out->reach};
    Result result = alloc_segments(scratch, capacity, &out->segments);
    if (!result)
        result = alloc_floats(scratch, river_padded(capacity + RIVER_PAD, RIVER_PAD), arrays, 5);
    out->valleys = arena_alloc(scratch, sizeof(RiverValley) * (size_t)capacity);
    return result || !out->valleys ? RESULT_OUT_OF_MEMORY : RESULT_OK;
}

Result river_net(const RiverNetDesc *desc, Arena *scratch, RiverNet *out)
{
    assert(desc && desc->lattices >= 1 && desc->lattices <= RIVER_LATTICES);
    assert(desc->given >= 0 && desc->given <= desc->lattices);
    assert(desc->box.x0 <= desc->box.x1 && desc->box.z0 <= desc->box.z1 && desc->extra_cells >= 0);
    assert(desc->box.x0 > -BOX_MAX_M && desc->box.z0 > -BOX_MAX_M);
    assert(desc->box.x1 < BOX_MAX_M && desc->box.z1 < BOX_MAX_M);
    *out = (RiverNet){
        .x_m = desc->x_m, .z_m = desc->z_m, .lattices = desc->lattices, .given = desc->given};
    RiverBox asked = desc->box;
    for (int k = desc->lattices - 1; k >= 0; k--) {
        RiverBox touched = grown(asked, (int32_t)river_kind_out_m(&river_kinds[k]));
        RiverBox nodes = choose_cells(desc, k, touched, &out->nodes[k]);
        if (k >= desc->given)
            asked = river_hull(asked, nodes);
    }
    if (desc->whole)
        out->nodes[desc->lattices - 1].touched = asked;
    for (int k = 0; k < desc->lattices; k++) {
        Result result = alloc_lattice(out, k, scratch);
        if (result)
            return result;
    }
    Result result = alloc_near(scratch, out->capacity, &out->near);
    if (result)
        return result;
    out->everything = desc->extra_cells > 0;
    size_t count = (size_t)out->capacity + RIVER_LATTICES * RIVER_PAD;
    out->lower = arena_alloc(scratch, sizeof(float) * count);
    out->values = arena_alloc(scratch, sizeof(float) * 2 * 16 * count);
    out->valleys = arena_alloc(scratch, sizeof(RiverValley) * count);
    out->chosen = arena_alloc(scratch, sizeof(int) * count);
    return out->lower && out->values && out->valleys && out->chosen ? RESULT_OK
                                                                    : RESULT_OUT_OF_MEMORY;
}
