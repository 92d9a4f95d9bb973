// Purpose: the lower envelope of a river net, TERRAIN_LANES points at a time.
// Owns: nothing.
// Threads: any.
// Fails: never.
#pragma once
#include "terrain/lanes.h"
#include "terrain/river.h"
#include "world/chunk.h"

// Valleys whose heights differ by less than this, per unit of steepness, round their crest.
#define RIVER_ROUND_M 40.0f

// A rectangle of points, as the choice of segments sees it.
typedef struct RiverTile {
    float x, z, half_x, half_z; // middle and half sides
    float steep_low, steep_high;
    float wall;    // 1 if the penalty counts, else 0
    float near_m;  // a segment whose shore is nearer than this counts at any height
    float bank;    // what may come on top, per metre of the valley floor's width
    float above_m; // a segment this far above the lowest still counts
} RiverTile;

// What the sides of valleys take from the kinds of their segments.
typedef struct RiverShape {
    LanesF width, free, fade, wall, reach;
} RiverShape;

static inline RiverShape river_shape(const RiverKind *kind)
{
    return (RiverShape){lanes_set(kind->width_m), lanes_set(kind->free_m), lanes_set(kind->fade),
                        lanes_set(kind->wall_m), lanes_set(kind->reach_m)};
}

// Valley of a segment `away` from its water, without the bed.
static inline LanesF river_side(const RiverShape *shape, LanesF away, LanesF steep)
{
    LanesF x = lanes_max((away - shape->free) * shape->fade, lanes_set(0.0f)), square = x * x;
    LanesF side = steep * away + shape->wall * square * square;
    return lanes_select_less(away, shape->reach, side, lanes_set(RIVER_NEVER));
}

// How far points `square` (a square distance) from an axis are from water that is `wide` to both
// sides: 0 in it, a rounded bank (`width`: of the kind), and in the end as fast as the distance
// itself. `*out_r` is the distance whose slope this has.
static inline LanesF river_from_shore(LanesF width, LanesF square, LanesF wide, LanesF *out_r)
{
    LanesF floor = width + wide;
    *out_r = lanes_sqrt(lanes_max(square - wide * wide, lanes_set(0.0f)) + floor * floor);
    return *out_r - floor;
}

// Adds segment i of a lattice to the net's `near`.
static inline void river_take(RiverNet *net, int lattice, int i)
{
    const RiverKind *kind = &river_kinds[lattice];
    RiverNear *near = &net->near;
    int j = near->segments.count;
    river_copy(&net->segments[lattice], i, &near->segments);
    near->width[j] = kind->width_m;
    near->free[j] = kind->free_m;
    near->fade[j] = kind->fade;
    near->wall[j] = kind->wall_m;
    near->reach[j] = kind->reach_m;
    const RiverSegments *s = &net->segments[lattice];
    near->valleys[j] = (RiverValley){
        s->x[i],   s->z[i],    s->along_x[i], s->along_z[i], s->per_x[i], s->per_z[i],
        s->bed[i], s->drop[i], s->wide[i],    s->widen[i],   s->lift[i],  kind,
    };
}

// -- the choice --------------------------------------------------------------
//
// Let s be the place of a segment nearest to the tile's middle c, d their distance, n the direction from
// s to c, and h the half sides. No place q of the segment has (q - s) n > 0, or one nearer to c would be
// there; so a point p of the tile is at least (p - s) n >= d - h |n| away from it, and at most |p - s|.
// The parameter along the segment moves by at most h |per| from c to p. Hence
//   bed(c) - h |per| drop + side(max(d - h |n|, 0), least steepness)
//     <= height over p <=
//   bed(c) + h |per| drop + side(|c - s| + h, greatest steepness)
// since side grows with distance and with steepness. It falls as the water gets wider, as the distance
// from its shore does (by width_m / r - 1): the lower bound takes the greatest width, the upper the least.
// The least upper bound bounds the envelope; a segment whose lower bound is above it by more than the
// rounding cannot change it anywhere in the tile. Banks may lift the upper bound, see RiverTile.
// Roots need not be exact for this, if they are wrong to the safe side.
// RIVER_SLACK_M covers the rounding of these few operations at heights below 16 km.

#define RIVER_SLACK_M 0.25f

// A bound of what river_from_shore gives.
static inline LanesF river_about_shore(LanesF width, LanesF square, LanesF wide, float sure)
{
    LanesF floor = width + wide;
    square = lanes_max(square - wide * wide, lanes_set(0.0f)) + floor * floor;
    return sure * square * lanes_about_rsqrt(square) - floor;
}

// Bounds of the segments from number i on; `least` sinks to the upper ones.
static inline void river_bounds(const RiverSegments *s, RiverShape shape, const RiverTile *tile,
                                int i, float *lower, LanesF *least)
{
    LanesF dx = tile->x - lanes_load(s->x + i), dz = tile->z - lanes_load(s->z + i);
    LanesF px = lanes_load(s->per_x + i), pz = lanes_load(s->per_z + i);
    LanesF t = lanes_clamp01(dx * px + dz * pz), drop = lanes_load(s->drop + i);
    LanesF ex = lanes_abs(dx - t * lanes_load(s->along_x + i));
    LanesF ez = lanes_abs(dz - t * lanes_load(s->along_z + i));
    LanesF bed = lanes_load(s->bed + i) - t * drop;
    LanesF fall = drop * (tile->half_x * lanes_abs(px) + tile->half_z * lanes_abs(pz));
    LanesF zero = lanes_set(0.0f), d2 = ex * ex + ez * ez;
    LanesF wide = lanes_load(s->wide + i), widen = lanes_load(s->widen + i);
    LanesF widest = wide + lanes_max(widen, zero), least_wide = wide + lanes_min(widen, zero);
    LanesF low = lanes_max(d2 - (tile->half_x * ex + tile->half_z * ez), zero);
    low *= (1.0f - LANES_ABOUT) * lanes_about_rsqrt(lanes_max(d2, lanes_set(0.01f)));
    low = river_about_shore(shape.width, low * low, widest, 1.0f - LANES_ABOUT);
    ex += tile->half_x;
    ez += tile->half_z;
    LanesF high = river_about_shore(shape.width, ex * ex + ez * ez, least_wide, 1.0f + LANES_ABOUT);
    shape.wall *= tile->wall;
    LanesF under = bed - fall + river_side(&shape, low, lanes_set(tile->steep_low));
    lanes_store(lower, lanes_select(low < tile->near_m, lanes_set(-RIVER_NEVER), under));
    bed += fall + river_side(&shape, high, lanes_set(tile->steep_high)) + tile->bank * shape.width;
    LanesI real = lanes_iota() + i < s->count;
    *least = lanes_min(*least, lanes_select(real, bed, lanes_set(RIVER_NEVER)));
}

// Above which lower bound no segment counts.
static inline float river_limit(const RiverTile *tile, LanesF least)
{
    return lanes_least(least) + tile->above_m + RIVER_SLACK_M;
}

// Appends the numbers from `from` to `end` - 1 whose bounds are not above the limit to `chosen`.
static inline int river_chosen(const RiverNet *net, const float *lower, int from, int end,
                               float limit, int count)
{
    for (int i = from; i < end; i += TERRAIN_LANES) {
        uint32_t above = net->everything ? 0 : lanes_less(lanes_set(limit), lanes_load(lower + i));
        uint32_t left = ~above & (uint32_t)((UINT64_C(1) << TERRAIN_LANES) - 1);
        if (end - i < TERRAIN_LANES)
            left &= (1u << (end - i)) - 1;
        count += lanes_numbers(i, left, net->chosen + count);
    }
    return count;
}

// Segments by the cells where they start.
typedef struct RiverWindow {
    int column, end_column, row, end_row, columns;
} RiverWindow;

static inline int river_cell(float metres, float per_m, int most)
{
    float cell = metres * per_m;
    return cell <= 0.0f ? 0 : cell >= (float)most ? most : (int)cell;
}

// Those that may act in the tile: a node's segments are no further from it than its link is long, and
// no node leaves its cell.
static inline RiverWindow river_window(const RiverNet *net, int lattice, const RiverTile *tile)
{
    const RiverKind *kind = &river_kinds[lattice];
    const RiverNodes *n = &net->nodes[lattice];
    int columns = n->columns - 2 * kind->margin, rows = n->rows - 2 * kind->margin;
    RiverWindow w = {0, columns, 0, rows, columns};
    if (net->everything)
        return w;
    float out_m = river_kind_out_m(kind) + (float)kind->link_m, per_m = 1.0f / (float)kind->cell_m;
    float left = (float)((n->cell_x + kind->margin) * kind->cell_m - net->x_m);
    float top = (float)((n->cell_z + kind->margin) * kind->cell_m - net->z_m);
    w.column = river_cell(tile->x - tile->half_x - out_m - left, per_m, columns);
    w.end_column = river_cell(tile->x + tile->half_x + out_m - left, per_m, columns - 1) + 1;
    w.row = river_cell(tile->z - tile->half_z - out_m - top, per_m, rows);
    w.end_row = river_cell(tile->z + tile->half_z + out_m - top, per_m, rows - 1) + 1;
    return w;
}

// Least and greatest of whole squares of lanes.
static inline void river_range(const float *from, int pitch, int columns, int rows, float range[2])
{
    LanesF low = lanes_load_square(from, pitch), high = low;
    for (int j = 0; j < rows; j += LANES_ROWS)
        for (int i = 0; i < columns; i += LANES_COLUMNS) {
            LanesF value = lanes_load_square(from + j * pitch + i, pitch);
            low = lanes_min(low, value);
            high = lanes_max(high, value);
        }
    range[0] = lanes_least(low);
    range[1] = lanes_most(high);
}

// Narrows all segments to what may count in the tile, into the net's `near`.
static inline void river_choose(RiverNet *net, int lattices, const RiverTile *tile)
{
    RiverWindow windows[RIVER_LATTICES];
    float *lower = net->lower;
    LanesF least = lanes_set(RIVER_NEVER);
    for (int k = 0; k < lattices; k++) {
        RiverWindow w = windows[k] = river_window(net, k, tile);
        RiverShape shape = river_shape(&river_kinds[k]);
        const int *first = net->first[k];
        for (int row = w.row; row < w.end_row; row++)
            for (int i = first[row * w.columns + w.column];
                 i < first[row * w.columns + w.end_column]; i += TERRAIN_LANES)
                river_bounds(&net->segments[k], shape, tile, i, lower + i, &least);
        lower += net->segments[k].count + RIVER_PAD;
    }
    float limit = river_limit(tile, least);
    lower = net->lower;
    net->near.segments.count = 0;
    for (int k = 0; k < lattices; k++) {
        RiverWindow w = windows[k];
        int count = 0;
        for (int row = w.row; row < w.end_row; row++)
            count = river_chosen(net, lower, net->first[k][row * w.columns + w.column],
                                 net->first[k][row * w.columns + w.end_column], limit, count);
        for (int i = 0; i < count; i++)
            river_take(net, k, net->chosen[i]);
        lower += net->segments[k].count + RIVER_PAD;
    }
}

// As river_choose, from `near` into the net's valleys; returns how many.
static inline int river_list(RiverNet *net, const RiverTile *tile)
{
    const RiverNear *near = &net->near;
    const RiverSegments *s = &near->segments;
    LanesF least = lanes_set(RIVER_NEVER);
    for (int i = 0; i < s->count; i += TERRAIN_LANES) {
        RiverShape shape = {lanes_load(near->width + i), lanes_load(near->free + i),
                            lanes_load(near->fade + i), lanes_load(near->wall + i),
                            lanes_load(near->reach + i)};
        river_bounds(s, shape, tile, i, net->lower + i, &least);
    }
    int count = river_chosen(net, net->lower, 0, s->count, river_limit(tile, least), 0);
    for (int i = 0; i < count; i++)
        net->valleys[i] = near->valleys[net->chosen[i]];
    return count;
}

// -- the envelope ------------------------------------------------------------

typedef struct RiverPoints {
    LanesF x, z, steep;
    float texel_m; // of the maps
} RiverPoints;

typedef struct RiverLand {
    LanesF height;
    LanesF up_x, up_z; // the way up, 1 long on hillsides, less on crests and in valley floors
    LanesF lie;        // 1 in a bed, 0 on hillsides, -1 on a sharp crest
    LanesF
        shore; // metres from the nearest shore, more than 0 in water that is wide enough to keep land off
    LanesF water, half; // metres into the nearest water, however narrow; half the width of that
    LanesF bank;        // height above the water whose valley this is
    LanesF still, lift; // 1 in a lake, 0 beyond RIVER_STILL_M from one; its lift
} RiverLand;

// From the nearest place of a valley's axis to the points, and from its water.
typedef struct RiverAway {
    LanesF x, z, r, t, square, wide, shore;
} RiverAway;

// How far its shore moves in for each metre that water would lie above the land: it ends there.
#define RIVER_SHORE_FALL 3000.0f
// From where a river runs in the valley that it comes into to its mouth; more than the widest floor.
#define RIVER_MOUTH_M 180.0f
// Nothing that is added to the land is left in water; it comes in over this distance.
#define RIVER_SHORE_M 14.0f
// From a lake's shore to where land is lifted for itself.
#define RIVER_STILL_M 250.0f

static inline int river_is_wet(const RiverValley *v)
{
    return v->kind->order > 0 && v->bed < RIVER_NEVER;
}

// All but the root and what follows from it.
static inline RiverAway river_axis(const RiverValley *v, const RiverPoints *p)
{
    RiverAway a;
    LanesF dx = p->x - v->x, dz = p->z - v->z;
    a.t = lanes_clamp01(dx * v->per_x + dz * v->per_z);
    a.x = dx - a.t * v->along_x;
    a.z = dz - a.t * v->along_z;
    a.square = a.x * a.x + a.z * a.z;
    a.wide = v->wide + a.t * v->widen;
    return a;
}

static inline RiverAway river_away(const RiverValley *v, const RiverPoints *p)
{
    RiverAway a = river_axis(v, p);
    a.shore = river_from_shore(lanes_set(v->kind->width_m), a.square, a.wide, &a.r);
    return a;
}

// Natural logarithm of values from 1 up.
static inline LanesF river_log(LanesF value)
{
    LanesI bits = lanes_bits(value);
    LanesF power = lanes_float((bits >> 23) - 127);
    LanesF m = lanes_from_bits((bits & 0x007fffff) | 0x3f800000);
    LanesF s = (m - 1.0f) / (m + 1.0f), q = s * s;
    return power * 0.69314718f +
           2.0f * s * (1.0f + q * (1.0f / 3.0f + q * (0.2f + q * (1.0f / 7.0f))));
}

// What the valleys near the lowest one sum up to.
typedef struct RiverSums {
    LanesF rounding, weight, up_x, up_z, up2;
    LanesF shore, bank, water, half;
    LanesF still, lift, lifts;
} RiverSums;

static inline int river_is_lake(float drop, float wide)
{
    return drop == 0.0f && wide > 0.0f;
}

// In a lake no other one has a say.
static inline void river_add_lake(const RiverValley *v, const RiverAway *a, LanesF over,
                                  RiverSums *sums)
{
    LanesF away = lanes_sqrt(a->square) - a->wide;
    LanesF still = lanes_ramp(away, RIVER_STILL_M, 0.0f) * lanes_clamp01(1.0f - over);
    LanesF share = still / (1.0001f - still);
    sums->still = lanes_max(sums->still, still);
    sums->lift += share * v->lift;
    sums->lifts += share;
}

// On its last stretch a river runs over the wide floor of the valley that it comes into, down to the shore there: how
// far that floor may lie below its own bed.
static inline LanesF river_mouth(const RiverValley *v, const RiverAway *a)
{
    float square = v->along_x * v->along_x + v->along_z * v->along_z;
    LanesF left = 1.0f - a->t;
    LanesI last = left * left * square < lanes_set(RIVER_MOUTH_M * RIVER_MOUTH_M);
    return lanes_select(last, left * v->drop, lanes_set(0.0f));
}

// `over`: how much higher this valley is than the lowest, in parts of what still counts.
static inline void river_add_water(const RiverValley *v, const RiverAway *a, LanesF over,
                                   const RiverPoints *p, RiverSums *sums)
{
    LanesI near = over < lanes_set(1.0f);
    LanesF bank = p->steep * (a->shore + (4.0f * RIVER_ROUND_M) * over);
    sums->bank = lanes_min(sums->bank, lanes_select(near, bank, sums->bank));
    if (river_is_lake(v->drop, v->wide))
        river_add_lake(v, a, over, sums);
    if (v->kind->order == 0)
        return; // it is dry
    LanesF above = over * (RIVER_ROUND_M * p->steep);
    LanesF never = lanes_set(-RIVER_NEVER), within = a->wide - lanes_sqrt(a->square);
    LanesF lacks = lanes_max(CHUNK_SHORE_THIN * p->texel_m - a->wide, lanes_set(0.0f));
    LanesF shore = within - RIVER_SHORE_FALL * above - 2.0f * lacks;
    sums->shore = lanes_max(sums->shore, lanes_select(near, shore, never));
    above = lanes_max(above - river_mouth(v, a), lanes_set(0.0f));
    LanesF water = lanes_select(near, within - RIVER_SHORE_FALL * above, never);
    // The wider one of two that are as near, whichever comes first.
    LanesF less = lanes_select(water > sums->water, lanes_set(0.0f), sums->half);
    LanesI farther = lanes_either(water < sums->water, water <= never);
    LanesF half = lanes_select(farther, lanes_set(0.0f), a->wide);
    sums->half = lanes_max(less, half);
    sums->water = lanes_max(sums->water, water);
}

// `r`: as river_away has it.
static inline void river_add(const RiverValley *v, const RiverPoints *p, LanesF r, LanesF over,
                             RiverSums *sums)
{
    RiverAway a = river_axis(v, p);
    a.r = r;
    a.shore = r - (v->kind->width_m + a.wide);
    river_add_water(v, &a, over, p, sums);
    LanesF nearness = lanes_max(1.0f - over, lanes_set(0.0f));
    LanesF inverse = lanes_select(a.shore > lanes_set(0.0f), 1.0f / a.r, lanes_set(0.0f));
    LanesF x = a.x * inverse, z = a.z * inverse;
    LanesF w2 = nearness * nearness, w4 = w2 * w2;
    sums->rounding += w4 * w4;
    sums->weight += w2;
    sums->up_x += w2 * x;
    sums->up_z += w2 * z;
    sums->up2 += w2 * (x * x + z * z);
}

// First the exact minimum, then sums over what comes close to it, with weights that are exactly zero
// for the rest. Crests are lowered by a soft minimum, as far as the slopes that meet differ: where
// two segments of one river meet, they agree, and the bed stays as it is.
static inline RiverLand river_envelope(const RiverNet *net, int count, const RiverPoints *p)
{
    const RiverValley *valleys = net->valleys;
    float *values = net->values;
    int *chosen = net->chosen;
    LanesF zero = lanes_set(0.0f), round_m = RIVER_ROUND_M * p->steep, inverse = 1.0f / round_m;
    LanesF least = lanes_set(RIVER_NEVER);
    for (int i = 0; i < count; i++) {
        const RiverValley *v = &valleys[i];
        RiverAway a = river_away(v, p);
        RiverShape shape = river_shape(v->kind);
        LanesF height = v->bed - a.t * v->drop + river_side(&shape, a.shore, p->steep);
        least = lanes_min(least, height);
        lanes_store(values + 2 * i * TERRAIN_LANES, height);
        lanes_store(values + (2 * i + 1) * TERRAIN_LANES, a.r);
    }
    LanesF never = lanes_set(RIVER_NEVER);
    RiverSums s = {zero, zero, zero, zero, zero, -never, never, -never, zero, zero, zero, zero};
    // First which, then their sums: a branch for each would mostly be foreseen wrongly.
    int close = 0;
    for (int i = 0; i < count; i++) {
        LanesF above = (lanes_load(values + 2 * i * TERRAIN_LANES) - least) * inverse;
        chosen[close] = i;
        close += lanes_less(above, lanes_set(1.0f)) != 0;
    }
    for (int n = 0; n < close; n++) {
        const float *value = values + 2 * chosen[n] * TERRAIN_LANES;
        LanesF over = (lanes_load(value) - least) * inverse;
        river_add(&valleys[chosen[n]], p, lanes_load(value + TERRAIN_LANES), over, &s);
    }
    LanesF part = 1.0f / s.weight;
    RiverLand land = {.up_x = s.up_x * part, .up_z = s.up_z * part};
    LanesF spread = s.up2 * part - land.up_x * land.up_x - land.up_z * land.up_z;
    land.lie = 1.0f - s.up2 * part - lanes_max(spread, zero);
    land.shore = s.shore;
    land.bank = s.bank;
    land.water = s.water;
    land.half = s.half;
    land.still = s.still;
    land.lift = zero;
    if (lanes_less(zero, s.lifts)) // few places have a lake
        land.lift = s.lift / lanes_max(s.lifts, lanes_set(1e-6f));
    LanesF rounding = (0.125f * round_m) * river_log(s.rounding) * lanes_max(spread, zero);
    rounding = lanes_min(rounding, 0.4f * s.bank);
    land.height = least - rounding * lanes_ramp(s.shore, 0.0f, -RIVER_SHORE_M);
    return land;
}

// How far points are from any river or lake, whatever lies between; the first `count` valleys hold all
// that are nearer than what the choice calls near.
static inline LanesF river_apart(const RiverNet *net, int count, const RiverPoints *p)
{
    LanesF apart = lanes_set(RIVER_NEVER);
    for (int i = 0; i < count; i++)
        if (river_is_wet(&net->valleys[i]))
            apart = lanes_min(apart, river_away(&net->valleys[i], p).shore);
    return apart;
}
