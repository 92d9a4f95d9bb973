// Purpose: places the nodes of a river net, finds their heights and leads each one down.
// Owns: nothing.
// Threads: any.
// Fails: never.
#pragma once
#include "terrain/landform_lanes.h"
#include "terrain/river_lanes.h"

// -- nodes -------------------------------------------------------------------

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
#define RIVER_NET_BANK_WIDE 0.7f // of the river's width

#define RIVER_NET_TILE 16 // nodes that share a choice of coarser segments

// Rise of all side valleys where the land is young.
#define RIVER_NET_YOUNG 0.40f

// Lowers `foot` to what one coarser segment asks of the points at (x, z): up the bank, then at the
// rise of a side valley.
static inline void river_net_foot(const RiverValley *v, const LanesF rise[2], const LanesF point[2],
                                  RiverFoot *foot)
{
    LanesF dx = point[0] - v->x, dz = point[1] - v->z;
    LanesF t = lanes_clamp01(dx * v->per_x + dz * v->per_z);
    LanesF ex = dx - t * v->along_x, ez = dz - t * v->along_z;
    const float width = v->kind->width_m;
    LanesF r = lanes_sqrt(ex * ex + ez * ez + width * width);
    LanesF away = r - width, bank = lanes_set(RIVER_NET_BANK_WIDE * width);
    LanesF up = away * (rise[0] + rise[1] * bank / (bank + away));
    LanesF height = v->bed - t * v->drop + up;
    LanesI better = lanes_both(height < foot->height, r < lanes_set(v->kind->reach_m));
    foot->height = lanes_select(better, height, foot->height);
    foot->x = lanes_select(better, -ex, foot->x);
    foot->z = lanes_select(better, -ez, foot->z);
    foot->drop = lanes_select(better, up, foot->drop);
}

// Places the nodes of a row from `column` on; their height is that of the land around for now.
static inline void river_net_place(const Landform *land, const LandformCursors *cursors,
                                   const RiverNet *net, int lattice, int row, int column)
{
    const RiverKind *kind = &river_kinds[lattice];
    const RiverNodes *n = &net->nodes[lattice];
    int64_t cell_z = n->cell_z + row;
    LanesI columns = lanes_iota() + column;
    LanesU hash = river_net_hash((uint64_t)cell_z, (LanesU)columns + (uint32_t)n->cell_x,
                                 land->river_seed + (uint32_t)lattice * 0x6c8e9cf5u);
    // The middle nine tenths of the cell.
    int32_t spare = kind->cell_m / 20, room = kind->cell_m - 2 * spare;
    LanesI x = columns * kind->cell_m + (int32_t)(n->cell_x * kind->cell_m - net->x_m) + spare +
               (LanesI)(((hash & 0xffffu) * (uint32_t)room) >> 16);
    LanesI z = (LanesI)(((hash >> 16) * (uint32_t)room) >> 16) +
               (int32_t)(cell_z * kind->cell_m - net->z_m) + spare;
    LandformGround ground = landform_ground(land, cursors, x, z);
    LanesF odd = lanes_float((LanesI)((hash * 0x9e3779b1u) >> 8)) * 0x1p-24f;
    LanesF valley = kind->valley * (0.85f + 0.3f * odd), zero = lanes_set(0.0f);
    valley += (RIVER_NET_YOUNG - valley) * ground.young;
    LanesF slope = lattice < RIVER_LATTICES - 1 ? ground.steep : ground.steep * ground.brook;
    int at = row * n->pitch + column;
    lanes_store(n->x + at, lanes_float(x));
    lanes_store(n->z + at, lanes_float(z));
    lanes_store(n->height + at, ground.height);
    lanes_store(n->rise + at, slope * valley);
    lanes_store(n->bank + at, slope * (RIVER_NET_BANK - valley));
    lanes_store(n->foot_x + at, zero);
    lanes_store(n->foot_z + at, zero);
    lanes_store(n->foot_drop + at, zero);
}

// Nodes from number `at` on, as the choice of coarser segments sees them: what a foot rises lies
// between rise * away and rise * away + bank * (0.7 * width), see river_net_foot, with no penalty.
static inline RiverTile river_net_tile(const RiverNodes *n, int at, int columns, int rows)
{
    float x[2], z[2], rise[2], bank[2];
    river_range(n->x + at, n->pitch, columns, rows, x);
    river_range(n->z + at, n->pitch, columns, rows, z);
    river_range(n->rise + at, n->pitch, columns, rows, rise);
    river_range(n->bank + at, n->pitch, columns, rows, bank);
    return (RiverTile){
        .x = 0.5f * (x[0] + x[1]),
        .z = 0.5f * (z[0] + z[1]),
        .half_x = 0.5f * (x[1] - x[0]) + 0.1f,
        .half_z = 0.5f * (z[1] - z[0]) + 0.1f,
        .steep_low = rise[0],
        .steep_high = rise[1],
        .bank = RIVER_NET_BANK_WIDE * bank[1],
    };
}

// Heights of the nodes of a small square: as low as the coarser rivers around ask for.
static inline void river_net_square(RiverNet *net, int lattice, int at)
{
    const RiverNodes *n = &net->nodes[lattice];
    RiverTile tile = river_net_tile(n, at, RIVER_NET_SQUARE, RIVER_NET_SQUARE);
    int count = river_list(net, &tile), pitch = n->pitch;
    LanesF zero = lanes_set(0.0f);
    for (int j = 0; j < RIVER_NET_SQUARE; j += LANES_ROWS)
        for (int i = 0; i < RIVER_NET_SQUARE; i += LANES_COLUMNS) {
            int to = at + j * pitch + i;
            LanesF point[2] = {lanes_load_square(n->x + to, pitch),
                               lanes_load_square(n->z + to, pitch)};
            LanesF rise[2] = {lanes_load_square(n->rise + to, pitch),
                              lanes_load_square(n->bank + to, pitch)};
            RiverFoot foot = {lanes_set(RIVER_NEVER), zero, zero, zero};
            for (int v = 0; v < count; v++)
                river_net_foot(&net->valleys[v], rise, point, &foot);
            lanes_store_square(n->height + to, pitch, foot.height);
            lanes_store_square(n->foot_x + to, pitch, foot.x);
            lanes_store_square(n->foot_z + to, pitch, foot.z);
            lanes_store_square(n->foot_drop + to, pitch, foot.drop);
        }
}

static inline void river_net_feet(RiverNet *net, int lattice)
{
    const RiverNodes *n = &net->nodes[lattice];
    int columns = river_padded(n->columns, RIVER_NET_SQUARE);
    int rows = river_padded(n->rows, RIVER_NET_SQUARE);
    int tiles = (columns + RIVER_NET_TILE - 1) / RIVER_NET_TILE;
    for (int i = 0; i < tiles * ((rows + RIVER_NET_TILE - 1) / RIVER_NET_TILE); i++) {
        int column = i % tiles * RIVER_NET_TILE, row = i / tiles * RIVER_NET_TILE;
        int width = columns - column < RIVER_NET_TILE ? columns - column : RIVER_NET_TILE;
        int height = rows - row < RIVER_NET_TILE ? rows - row : RIVER_NET_TILE;
        int at = row * n->pitch + column;
        RiverTile tile = river_net_tile(n, at, width, height);
        river_choose(net, lattice, &tile);
        for (int z = 0; z < height; z += RIVER_NET_SQUARE)
            for (int x = 0; x < width; x += RIVER_NET_SQUARE)
                river_net_square(net, lattice, at + z * n->pitch + x);
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
    for (int k = 0; k < net->lattices; k++) {
        const RiverKind *kind = &river_kinds[k];
        const RiverNodes *n = &net->nodes[k];
        int columns = river_padded(n->columns, RIVER_NET_SQUARE);
        for (int row = 0; row < river_padded(n->rows, RIVER_NET_SQUARE); row++)
            for (int column = 0; column < columns; column += TERRAIN_LANES)
                river_net_place(land, &cursors, net, k, row, column);
        if (k > 0)
            river_net_feet(net, k);
        net->segments[k].count = 0;
        for (int row = kind->ring; row < n->rows - kind->ring; row++)
            river_net_link_row(n, kind, row, &net->segments[k]);
    }
}
