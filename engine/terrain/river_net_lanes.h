// Purpose: places the nodes of a river net, finds their heights and leads each one down.
// Owns: nothing.
// Threads: any.
// Fails: never.
#pragma once
#include "terrain/landform_lanes.h"
#include "terrain/river_lanes.h"

// -- nodes -------------------------------------------------------------------

typedef struct RiverBlock {
    const RiverNet *net;
    const LandformCursors *cursors;
    const Landform *land;
    const RiverSegments *coarser; // [lattice], those near this row
    float left_m;                 // of the lattice's first cell
    int lattice, row, column;
} RiverBlock;

// Where a valley ends up that leads to the lowest way down from some points.
typedef struct RiverFoot {
    LanesF height, x, z, drop; // of the point; from the point to the river and down to it
} RiverFoot;

static inline LanesU river_net_hash(uint64_t cell_z, LanesU cell_x, uint32_t seed)
{
    LanesU h = cell_x * 0x9e3779b1u ^ ((uint32_t)cell_z * 0x85ebca77u + seed);
    h = (h ^ (h >> 15)) * 0x2c1b3c6du;
    h = (h ^ (h >> 12)) * 0x297a2d39u;
    return h ^ (h >> 15);
}

// A bank is steeper than any hillside, so that a node beside a river does not cut into its valley.
#define RIVER_NET_BANK 0.65f

// Rise of all side valleys where the land is young.
#define RIVER_NET_YOUNG 0.40f

// Lowers `foot` to what one coarser segment asks of the points at (x, z): up the bank, then at the
// rise of a side valley.
static inline void river_net_foot(const RiverSegments *s, int i, const RiverKind *kind,
                                  const LanesF rise[2], const LanesF point[2], RiverFoot *foot)
{
    LanesF dx = point[0] - s->x[i], dz = point[1] - s->z[i];
    LanesF t = lanes_clamp01(dx * s->per_x[i] + dz * s->per_z[i]);
    LanesF ex = dx - t * s->along_x[i], ez = dz - t * s->along_z[i];
    const float width = kind->width_m;
    LanesF r = lanes_sqrt(ex * ex + ez * ez + width * width);
    LanesF away = r - width, bank = lanes_set(0.7f * width);
    LanesF up = away * (rise[0] + rise[1] * bank / (bank + away));
    LanesF height = s->bed[i] - t * s->drop[i] + up;
    LanesI better = lanes_both(height < foot->height, r < lanes_set(kind->reach_m));
    foot->height = lanes_select(better, height, foot->height);
    foot->x = lanes_select(better, -ex, foot->x);
    foot->z = lanes_select(better, -ez, foot->z);
    foot->drop = lanes_select(better, up, foot->drop);
}

// Whether segment i of lattice k may reach the block's columns; neighbours in the list mostly agree.
static inline int river_net_near(const RiverBlock *b, int k, int i)
{
    const RiverSegments *s = &b->coarser[k];
    float cell_m = (float)river_kinds[b->lattice].cell_m;
    float low = b->left_m + (float)b->column * cell_m - river_kinds[k].reach_m;
    float high = low + TERRAIN_LANES * cell_m + 2.0f * river_kinds[k].reach_m;
    float from = s->x[i], to = from + s->along_x[i];
    return (from < to ? to : from) >= low && (from < to ? from : to) <= high;
}

static inline void river_net_place(const RiverBlock *b)
{
    const RiverKind *kind = &river_kinds[b->lattice];
    const RiverNodes *n = &b->net->nodes[b->lattice];
    int64_t cell_z = n->cell_z + b->row;
    LanesI column = lanes_iota() + b->column;
    LanesU hash = river_net_hash((uint64_t)cell_z, (LanesU)column + (uint32_t)n->cell_x,
                                 b->land->river_seed + (uint32_t)b->lattice * 0x6c8e9cf5u);
    // The middle nine tenths of the cell.
    int32_t spare = kind->cell_m / 20, room = kind->cell_m - 2 * spare;
    LanesI x = column * kind->cell_m + (int32_t)(n->cell_x * kind->cell_m - b->net->x_m) + spare +
               (LanesI)(((hash & 0xffffu) * (uint32_t)room) >> 16);
    LanesI z = (LanesI)(((hash >> 16) * (uint32_t)room) >> 16) +
               (int32_t)(cell_z * kind->cell_m - b->net->z_m) + spare;
    LandformGround ground = landform_ground(b->land, b->cursors, x, z);
    LanesF point[2] = {lanes_float(x), lanes_float(z)};
    LanesF zero = lanes_set(0.0f);
    RiverFoot foot = {lanes_set(RIVER_NEVER), zero, zero, zero};
    if (b->lattice == 0)
        foot.height = ground.height;
    LanesF odd = lanes_float((LanesI)((hash * 0x9e3779b1u) >> 8)) * 0x1p-24f;
    LanesF valley = kind->valley * (0.85f + 0.3f * odd);
    valley += (RIVER_NET_YOUNG - valley) * ground.young;
    LanesF slope = b->lattice < RIVER_LATTICES - 1 ? ground.steep : ground.steep * ground.brook;
    LanesF rise[2] = {slope * valley, slope * (RIVER_NET_BANK - valley)};
    for (int k = 0; k < b->lattice; k++)
        for (int i = 0; i < b->coarser[k].count; i++)
            if (river_net_near(b, k, i))
                river_net_foot(&b->coarser[k], i, &river_kinds[k], rise, point, &foot);
    int at = b->row * n->pitch + b->column;
    lanes_store(n->x + at, point[0]);
    lanes_store(n->z + at, point[1]);
    lanes_store(n->height + at, foot.height);
    lanes_store(n->foot_x + at, foot.x);
    lanes_store(n->foot_z + at, foot.z);
    lanes_store(n->foot_drop + at, foot.drop);
}

// The coarser segments that may reach row `row` of a lattice.
static inline void river_net_near_row(const RiverNet *net, int lattice, int row,
                                      RiverSegments *near)
{
    int64_t cell_m = river_kinds[lattice].cell_m;
    float z0 = (float)((net->nodes[lattice].cell_z + row) * cell_m - net->z_m);
    for (int k = 0; k < lattice; k++) {
        const RiverSegments *s = &net->segments[k];
        float low = z0 - river_kinds[k].reach_m, high = z0 + river_kinds[k].reach_m + (float)cell_m;
        near[k] = net->near[k];
        near[k].count = 0;
        for (int i = 0; i < s->count; i++) {
            float a = s->z[i], b = a + s->along_z[i];
            if ((a < b ? b : a) >= low && (a < b ? a : b) <= high)
                river_copy(s, i, &near[k]);
        }
    }
}

// -- links -------------------------------------------------------------------

// The way down from some nodes: along it, to where it is `drop` lower.
typedef struct RiverLink {
    LanesF x, z, drop, steep;
} RiverLink;

// Takes the node `offset` places further if it is lower, in reach and steeper than what is known.
static inline void river_net_try(const RiverNodes *n, int at, int offset, float link_m,
                                 RiverLink *link)
{
    LanesF x = lanes_load(n->x + at + offset) - lanes_load(n->x + at);
    LanesF z = lanes_load(n->z + at + offset) - lanes_load(n->z + at);
    LanesF drop = lanes_load(n->height + at) - lanes_load(n->height + at + offset);
    LanesF length = lanes_sqrt(x * x + z * z), steep = drop / length;
    LanesI better = lanes_both(drop > lanes_set(0.0f), length < lanes_set(link_m));
    better = lanes_both(better, steep > link->steep);
    link->x = lanes_select(better, x, link->x);
    link->z = lanes_select(better, z, link->z);
    link->drop = lanes_select(better, drop, link->drop);
    link->steep = lanes_select(better, steep, link->steep);
}

static inline void river_net_try_ring(const RiverNodes *n, int at, int ring, float link_m,
                                      RiverLink *link)
{
    for (int j = -ring; j <= ring; j++)
        for (int i = -ring; i <= ring; i++)
            if (i == -ring || i == ring || j == -ring || j == ring)
                river_net_try(n, at, j * n->pitch + i, link_m, link);
}

// A river that is near comes first, then the steepest lower node, then any river within `link_m`;
// a great river's node without a way down is a lake, a lesser one's carves nothing.
static inline RiverLink river_net_link(const RiverNodes *n, const RiverKind *kind, int at)
{
    float link_m = (float)kind->link_m;
    LanesF zero = lanes_set(0.0f);
    RiverLink link = {zero, zero, zero, zero};
    river_net_try_ring(n, at, 1, link_m, &link);
    if (kind->ring == 2) {
        RiverLink far = {zero, zero, zero, zero};
        river_net_try_ring(n, at, 2, link_m, &far);
        LanesI none = link.drop <= zero;
        link.x = lanes_select(none, far.x, link.x);
        link.z = lanes_select(none, far.z, link.z);
        link.drop = lanes_select(none, far.drop, link.drop);
        return link;
    }
    LanesF x = lanes_load(n->foot_x + at), z = lanes_load(n->foot_z + at);
    LanesF drop = lanes_load(n->foot_drop + at), length = lanes_sqrt(x * x + z * z);
    LanesI foot = lanes_both(drop > zero, length < lanes_set(link_m));
    foot = lanes_both(foot, lanes_either(length < lanes_set(kind->near_m), link.drop <= zero));
    link.x = lanes_select(foot, x, link.x);
    link.z = lanes_select(foot, z, link.z);
    link.drop = lanes_select(foot, drop, link.drop);
    return link;
}

// Segments of one row of nodes; the lanes past its end are overwritten by the next row.
static inline void river_net_link_row(const RiverNodes *n, const RiverKind *kind, int row,
                                      RiverSegments *out)
{
    int columns = n->columns - 2 * kind->ring;
    LanesF zero = lanes_set(0.0f);
    for (int i = 0; i < columns; i += TERRAIN_LANES) {
        int at = row * n->pitch + kind->ring + i, to = out->count + i;
        RiverLink link = river_net_link(n, kind, at);
        LanesF square = link.x * link.x + link.z * link.z;
        LanesF inverse = 1.0f / lanes_max(square, lanes_set(1.0f));
        lanes_store(out->x + to, lanes_load(n->x + at));
        lanes_store(out->z + to, lanes_load(n->z + at));
        lanes_store(out->along_x + to, link.x);
        lanes_store(out->along_z + to, link.z);
        lanes_store(out->per_x + to, link.x * inverse);
        lanes_store(out->per_z + to, link.z * inverse);
        LanesF bed = lanes_load(n->height + at);
        if (kind->ring == 1)
            bed = lanes_select(link.drop > zero, bed, lanes_set(RIVER_NEVER));
        lanes_store(out->bed + to, bed);
        lanes_store(out->drop + to, link.drop);
    }
    out->count += columns;
}

// Fills a net that river_net laid out.
static inline void river_net_fill(const Landform *land, RiverNet *net)
{
    LandformCursors cursors = landform_cursors(land, 1, 0);
    landform_cursors_row(&cursors, net->x_m, net->z_m);
    RiverSegments near[RIVER_LATTICES];
    for (int k = 0; k < net->lattices; k++) {
        const RiverKind *kind = &river_kinds[k];
        const RiverNodes *n = &net->nodes[k];
        float left_m = (float)(n->cell_x * kind->cell_m - net->x_m);
        RiverBlock block = {net, &cursors, land, near, left_m, k, 0, 0};
        for (block.row = 0; block.row < n->rows; block.row++) {
            river_net_near_row(net, k, block.row, near);
            for (block.column = 0; block.column < n->columns; block.column += TERRAIN_LANES)
                river_net_place(&block);
        }
        net->segments[k].count = 0;
        for (int row = kind->ring; row < n->rows - kind->ring; row++)
            river_net_link_row(n, kind, row, &net->segments[k]);
    }
}
