// Purpose: the river skeleton of a region: segments on four jittered lattices, each leading down to the next.
// Owns: nothing; a RiverNet lies in the job's scratch.
// Threads: any.
// Fails: river_net returns RESULT_OUT_OF_MEMORY when the scratch is full.
//
// The land is the lower envelope of all segments: over each lies a valley that rises to both sides,
// and the lowest valley counts. "All segments" is a definition without any search in it:
//  - a node has a place inside its cell, from a hash; its height is the potential (lattice 0), or
//    the least of (bed + valley slope * distance) over the coarser segments nearer than their reach;
//  - its segment goes to the near coarser river, or to the steepest lower node within `link_m`;
//  - water fills the segment's floor from side to side, up to the bed's height: what the envelope
//    gives there is the water's surface. Rivers widen downstream; a lake is a wide, level part of
//    one, or what a great river without a way down ends in;
//  - a segment acts on points nearer than its reach; well before, a penalty lifts its valley
//    smoothly out of the way, so nothing shows where it stops.
// So everything that can act at a point starts within reach + link of it, and everything that can
// act on those nodes within the next lattice's reach + link, and so on: river_net makes the cells
// of exactly those boxes. More cells, or longer lists, change no bit: minima do not depend on order
// or on what is larger, and sums get exact zeros from what is too high to count.
#pragma once
#include "base/arena.h"
#include "base/result.h"
#include <math.h>

#define RIVER_LATTICES 4

// Arrays are padded to this many floats, and may be read that far past their end.
#define RIVER_PAD 32

// Points lie on multiples of this, nodes on whole metres: differences are exact in a float within
// 131 km, so no anchor shows in any bit.
#define RIVER_STEP_M (1.0f / 128.0f)

// Above everything; heights of segments that do not act.
#define RIVER_NEVER 1.0e9f

typedef struct RiverKind {
    int32_t cell_m;
    float valley;  // rise of side valleys per metre, at a steepness of 1
    float width_m; // the valley floor is round within this
    float free_m, reach_m;
    float fade;   // 1 / (reach_m - free_m)
    float wall_m; // how far the penalty has risen there: out of reach of any slope
    float near_m; // nodes nearer than this to a coarser river run straight into it
    int32_t link_m;
    int ring; // how many cells away a lower node is looked for
    // Cells all round whose nodes a segment depends on: those it may lead to, and on lattice 0 those
    // that lead to it, RIVER_ORDER_STEPS links up, and all whose links may hold back its lakes.
    int margin;
    int order;                                 // of its springs
    float lake_share, lake_low_m, lake_high_m; // nodes that are lakes, and their half widths
} RiverKind;

// Rivers of lattice 0 gain an order with each link from their springs on, up to this many.
#define RIVER_ORDER_STEPS 2
// Nodes that lead within so many links to one without a way down rise until water gets out, if it can within as many
// more. A wider basin keeps a lake, which may then lie at another of its nodes. How many cells away that matters:
#define RIVER_BASIN_LINKS 2
#define RIVER_BASIN_CELLS (2 * (1 + 2 * RIVER_BASIN_LINKS))
// How many cells away a link starts that may keep a great river's lake from being as wide.
#define RIVER_LAKE_CELLS 3
#define RIVER_ORDER_MAX 5

extern const RiverKind river_kinds[RIVER_LATTICES];

#define RIVER_WIDE_M 40.0f // more than any river's half width

// No segment acts further from its axis: its reach counts from the shore.
static inline float river_kind_out_m(const RiverKind *kind)
{
    return kind->reach_m + kind->width_m + fmaxf(kind->lake_high_m, RIVER_WIDE_M);
}

// Segments of one lattice: from (x, z), metres from the anchor, along (along_x, along_z); the bed
// falls from `bed` by `drop`. Water reaches `wide` to both sides at its start, and by `widen` more at
// its end; without a drop it is a lake, which what the province makes of heights lifts as one.
typedef struct RiverSegments {
    float *x, *z, *along_x, *along_z, *per_x, *per_z, *bed, *drop; // per: along / its square length
    float *wide, *widen, *lift;
    int count, capacity;
} RiverSegments;

// Appends a segment.
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
    to->wide[j] = from->wide[i];
    to->widen[j] = from->widen[i];
    to->lift[j] = from->lift[i];
}

// A segment as the envelope reads it: all of it in one cache line.
typedef struct RiverValley {
    float x, z, along_x, along_z, per_x, per_z, bed, drop, wide, widen, lift;
    const RiverKind *kind;
} RiverValley;

// A choice of segments of all lattices, each with what it takes from its kind, and as a valley.
typedef struct RiverNear {
    RiverSegments segments;
    float *width, *free, *fade, *wall, *reach;
    RiverValley *valleys;
} RiverNear;

typedef struct RiverBox {
    int32_t x0, z0, x1, z1; // metres from the anchor, inclusive
} RiverBox;

// Nodes of one lattice: `rows` rows of `pitch`.
typedef struct RiverNodes {
    float *x, *z, *height;
    float *rise, *bank; // of the side valley and its bank, per metre
    // To the shore of the coarser river that a node lies above; drop < 0: it lies in that water.
    float *foot_x, *foot_z, *foot_drop;
    float *link_x, *link_z, *link_drop, *to; // the way down, and how many places on that node lies
    float *lake;            // half width; 0 or less: none, but for great rivers' ends
    float *order, *steep;   // steep: of the hillsides there
    float *wanted;          // more than 0 where a lake may show in a segment that acts
    int64_t cell_x, cell_z; // first cell
    int columns, rows, pitch;
    RiverBox touched; // what a segment must reach to act anywhere
} RiverNodes;

typedef struct RiverNet {
    int64_t x_m, z_m; // anchor
    int lattices, given;
    RiverNodes nodes[RIVER_LATTICES];
    RiverSegments segments[RIVER_LATTICES];
    int *first[RIVER_LATTICES]; // segment of each cell that sends any, and the end of all
    // Room to work in, for as many segments as there are:
    RiverNear near;        // a choice of them
    RiverValley *valleys;  // a narrower choice
    float *lower, *values; // bounds; heights and distances, 16 of each
    int *chosen;
    int capacity;
    int everything; // choose all: for comparing
} RiverNet;

typedef struct RiverNetDesc {
    int64_t x_m, z_m; // anchor
    RiverBox box;     // the points that will be asked for
    int lattices;     // 1 to RIVER_LATTICES: the coarse ones first
    int given;        // so many of them get their segments from the caller, and no nodes
    int whole;        // all segments of the finest one's cells, not only what acts in the box
    int extra_cells;  // more cells all round than needed, which changes no bit: for comparing
} RiverNetDesc;

// Nodes are worked on in squares of this side: room is kept for whole ones.
#define RIVER_NET_SQUARE 4

static inline int river_padded(int count, int unit)
{
    return (count + unit - 1) / unit * unit;
}

// The least box that holds both.
RiverBox river_hull(RiverBox a, RiverBox b);

// Whether anything between two places may lie in the box.
static inline int river_crosses(const RiverBox *box, float x, float z, float to_x, float to_z)
{
    float left = x < to_x ? x : to_x, right = x < to_x ? to_x : x;
    float top = z < to_z ? z : to_z, bottom = z < to_z ? to_z : z;
    return right >= (float)box->x0 && left <= (float)box->x1 && bottom >= (float)box->z0 &&
           top <= (float)box->z1;
}

// Lays out (does not fill) the net.
RESULT_MUST Result river_net(const RiverNetDesc *desc, Arena *scratch, RiverNet *out);
