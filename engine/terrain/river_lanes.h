// Purpose: the lower envelope of a river net, TERRAIN_LANES points at a time.
// Owns: nothing.
// Threads: any.
// Fails: never.
#pragma once
#include "terrain/lanes.h"
#include "terrain/river.h"

// Valleys whose heights differ by less than this, per unit of steepness, round their crest.
#define RIVER_ROUND_M 40.0f

// A rectangle of points, as the choice of segments sees it.
typedef struct RiverTile {
    float x, z, half_x, half_z; // middle and half sides

    float steep_low, steep_high;
} RiverTile;

// Valley of a segment `r` from its axis (r as the rounded distance), without the bed.
static inline LanesF river_side(const RiverKind *kind, LanesF r, LanesF steep)
{
    LanesF x = lanes_max((r - kind->free_m) * kind->fade, lanes_set(0.0f)), square = x * x;
    LanesF side = steep * (r - kind->width_m) + kind->wall_m * square * square;
    return lanes_select(r < lanes_set(kind->reach_m), side, lanes_set(RIVER_NEVER));
}

static inline void river_copy(const RiverSegments *from, int i, RiverSegments *to)
{
    int j = to->count++;
    to->x[j] = from->x[i];
    to->z[j] = from->z[i];
    to->along_x[j] = from->along_x[i];
    to->along_z[j] = from->along_z[i];
    to->per_x[j] = from->per_x[i];
    to->per_z[j] = from->per_z[i];
    to->bed[j] = from->bed[i];
    to->drop[j] = from->drop[i];
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
// since side grows with distance and with steepness. The least upper bound bounds the envelope; a
// segment whose lower bound is above it by more than the rounding cannot change it anywhere in the
// tile. RIVER_SLACK_M covers the rounding of these few operations at heights below 16 km.

#define RIVER_SLACK_M 0.25f

static inline LanesF river_bounds_block(const RiverSegments *s, const RiverKind *kind,
                                        const RiverTile *tile, int i, float *lower)
{
    LanesF dx = tile->x - lanes_load(s->x + i), dz = tile->z - lanes_load(s->z + i);
    LanesF px = lanes_load(s->per_x + i), pz = lanes_load(s->per_z + i);
    LanesF t = lanes_clamp01(dx * px + dz * pz), drop = lanes_load(s->drop + i);
    LanesF ex = dx - t * lanes_load(s->along_x + i), ez = dz - t * lanes_load(s->along_z + i);
    LanesF d = lanes_sqrt(ex * ex + ez * ez), bed = lanes_load(s->bed + i) - t * drop;
    ex = lanes_abs(ex);
    ez = lanes_abs(ez);
    LanesF fall = drop * (tile->half_x * lanes_abs(px) + tile->half_z * lanes_abs(pz));
    LanesF toward = (tile->half_x * ex + tile->half_z * ez) / lanes_max(d, lanes_set(0.01f));
    LanesF low = lanes_max(d - toward, lanes_set(0.0f));
    ex += tile->half_x;
    ez += tile->half_z;
    const float square = kind->width_m * kind->width_m;
    low = lanes_sqrt(low * low + square);
    LanesF high = lanes_sqrt(ex * ex + ez * ez + square);
    lanes_store(lower, bed - fall + river_side(kind, low, lanes_set(tile->steep_low)));
    return bed + fall + river_side(kind, high, lanes_set(tile->steep_high));
}

static inline float river_least(LanesF value)
{
    float lanes[TERRAIN_LANES], least;
    lanes_store(lanes, value);
    least = lanes[0];
    for (int i = 1; i < TERRAIN_LANES; i++)
        least = lanes[i] < least ? lanes[i] : least;
    return least;
}

// Lower bounds of all segments, lattice after lattice; returns above which bound none counts.
static inline float river_bounds(const RiverSegments *s, int lattices, const RiverTile *tile,
                                 float *lower)
{
    LanesF upper = lanes_set(RIVER_NEVER);
    for (int k = 0; k < lattices; k++, lower += RIVER_PAD) {
        for (int i = 0; i < s[k].count; i += TERRAIN_LANES) {
            LanesF bound = river_bounds_block(&s[k], &river_kinds[k], tile, i, lower + i);
            LanesI real = lanes_iota() + i < s[k].count;
            upper = lanes_min(upper, lanes_select(real, bound, lanes_set(RIVER_NEVER)));
        }
        lower += s[k].count;
    }
    return river_least(upper) + RIVER_ROUND_M * tile->steep_high + RIVER_SLACK_M;
}

// Whether any of the bounds from `lower` on lets its segment count: most are far above, together.
static inline int river_any_below(const float *lower, float limit)
{
    return lanes_any(lanes_load(lower) <= lanes_set(limit));
}

// Puts the numbers of the segments of one lattice that may count into `chosen`; returns how many.
static inline int river_chosen(const RiverNet *net, const float *lower, int segments, float limit)
{
    int count = 0;
    for (int i = 0; i < segments; i += TERRAIN_LANES) {
        if (!net->everything && !river_any_below(lower + i, limit))
            continue;
        int end = i + TERRAIN_LANES < segments ? i + TERRAIN_LANES : segments;
        for (int j = i; j < end; j++) {
            net->chosen[count] = j;
            count += net->everything || lower[j] <= limit;
        }
    }
    return count;
}

// Narrows all segments to what may count in the tile, into the net's `near`.
static inline void river_choose(RiverNet *net, const RiverTile *tile)
{
    float *lower = net->lower;
    float limit = river_bounds(net->segments, net->lattices, tile, lower);
    for (int k = 0; k < net->lattices; k++, lower += RIVER_PAD) {
        const RiverSegments *from = &net->segments[k];
        int count = river_chosen(net, lower, from->count, limit);
        net->near[k].count = 0;
        for (int i = 0; i < count; i++)
            river_copy(from, net->chosen[i], &net->near[k]);
        lower += from->count;
    }
}

// As river_choose, from `near` into the net's valleys; returns how many.
static inline int river_list(RiverNet *net, const RiverTile *tile)
{
    float *lower = net->lower;
    float limit = river_bounds(net->near, net->lattices, tile, lower);
    int valleys = 0;
    for (int k = 0; k < net->lattices; k++, lower += RIVER_PAD) {
        const RiverSegments *s = &net->near[k];
        int count = river_chosen(net, lower, s->count, limit);
        for (int c = 0; c < count; c++) {
            int i = net->chosen[c];
            net->valleys[valleys++] = (RiverValley){
                s->x[i],     s->z[i],   s->along_x[i], s->along_z[i],   s->per_x[i],
                s->per_z[i], s->bed[i], s->drop[i],    &river_kinds[k],
            };
        }
        lower += s->count;
    }
    return valleys;
}

// -- the envelope ------------------------------------------------------------

typedef struct RiverPoints {
    LanesF x, z, steep;
} RiverPoints;

typedef struct RiverLand {
    LanesF height;
    LanesF up_x, up_z; // the way up, 1 long on hillsides, less on crests and in valley floors
    LanesF lie;        // 1 in a bed, 0 on hillsides, -1 on a sharp crest
} RiverLand;

// From the nearest place of a valley's axis to the points, and the rounded distance.
typedef struct RiverAway {
    LanesF x, z, r, t;
} RiverAway;

static inline RiverAway river_away(const RiverValley *v, const RiverPoints *p)
{
    RiverAway a;
    LanesF dx = p->x - v->x, dz = p->z - v->z;
    a.t = lanes_clamp01(dx * v->per_x + dz * v->per_z);
    a.x = dx - a.t * v->along_x;
    a.z = dz - a.t * v->along_z;
    a.r = lanes_sqrt(a.x * a.x + a.z * a.z + v->kind->width_m * v->kind->width_m);
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
} RiverSums;

static inline void river_add(const RiverValley *v, const RiverPoints *p, LanesF nearness,
                             RiverSums *sums)
{
    RiverAway a = river_away(v, p);
    LanesF inverse = 1.0f / a.r, x = a.x * inverse, z = a.z * inverse;
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
static inline RiverLand river_envelope(const RiverValley *valleys, int count, const RiverPoints *p,
                                       float *values)
{
    LanesF least = lanes_set(RIVER_NEVER);
    for (int i = 0; i < count; i++) {
        const RiverValley *v = &valleys[i];
        RiverAway a = river_away(v, p);
        LanesF height = v->bed - a.t * v->drop + river_side(v->kind, a.r, p->steep);
        least = lanes_min(least, height);
        lanes_store(values + i * TERRAIN_LANES, height);
    }
    LanesF zero = lanes_set(0.0f), round_m = RIVER_ROUND_M * p->steep, inverse = 1.0f / round_m;
    RiverSums s = {zero, zero, zero, zero, zero};
    for (int i = 0; i < count; i++) {
        LanesF nearness = 1.0f - (lanes_load(values + i * TERRAIN_LANES) - least) * inverse;
        if (lanes_any(nearness > zero))
            river_add(&valleys[i], p, lanes_max(nearness, zero), &s);
    }
    LanesF part = 1.0f / s.weight;
    RiverLand land = {.up_x = s.up_x * part, .up_z = s.up_z * part};
    LanesF spread = s.up2 * part - land.up_x * land.up_x - land.up_z * land.up_z;
    land.lie = 1.0f - s.up2 * part - lanes_max(spread, zero);
    land.height = least - (0.125f * round_m) * river_log(s.rounding) * lanes_max(spread, zero);
    return land;
}
