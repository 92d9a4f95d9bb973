// Purpose: places the nodes of a river net, finds their heights and leads each one down.
// Owns: nothing.
// Threads: any.
// Fails: never.
#pragma once
#include "terrain/province_lanes.h"
#include "terrain/river_flow.h"
#include "terrain/river_lanes.h"

// -- nodes -------------------------------------------------------------------

// Where a valley ends up that leads to the lowest way down from some points.
typedef struct RiverFoot {
    LanesF height, x, z, drop; // of the point; from the point to the river and down to it
    LanesF wide;               // of the water there, to either side
} RiverFoot;

static inline LanesU river_net_hash(uint64_t cell_z, LanesU cell_x, uint32_t seed)
{
    LanesU h = cell_x * 0x9e3779b1u ^ ((uint32_t)cell_z * 0x85ebca77u + seed);
    h = (h ^ (h >> 15)) * 0x2c1b3c6du;
    h = (h ^ (h >> 12)) * 0x297a2d39u;
    return h ^ (h >> 15);
}

// A bank is steeper than nearly any hillside, so that a node beside a river does not cut into its valley.
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
    LanesF ex = dx - t * v->along_x, ez = dz - t * v->along_z, square = ex * ex + ez * ez;
    LanesF width = lanes_set(v->kind->width_m), wide = v->wide + t * v->widen, r;
    LanesF away = river_from_shore(width, square, wide, &r), bank = RIVER_NET_BANK_WIDE * width;
    LanesF up = away * (rise[0] + rise[1] * bank / (bank + away));
    LanesF height = v->bed - t * v->drop + up;
    LanesI better = lanes_both(height < foot->height, away < lanes_set(v->kind->reach_m));
    foot->height = lanes_select(better, height, foot->height);
    foot->x = lanes_select(better, ex, foot->x);
    foot->z = lanes_select(better, ez, foot->z);
    foot->drop = lanes_select(better, up, foot->drop);
    foot->wide = lanes_select(better, wide, foot->wide);
}

// From the river's axis to its shore, and from there to the points.
static inline void river_net_to_shore(RiverFoot *foot)
{
    LanesF square = foot->x * foot->x + foot->z * foot->z;
    LanesF part = foot->wide / lanes_sqrt(lanes_max(square, lanes_set(1.0f))) - 1.0f;
    foot->x *= part;
    foot->z *= part;
    foot->drop = lanes_select(part < lanes_set(0.0f), foot->drop, lanes_set(-1.0f));
}

// Half widths of the lakes that nodes may be; less than 0 where only a great river's end is one.
static inline LanesF river_net_lake(const RiverKind *kind, LanesU hash)
{
    LanesU other = (hash ^ (hash >> 13)) * 0x85ebca6bu;
    LanesF share = lanes_float((LanesI)(other & 0xffffu)) * 0x1p-16f;
    LanesF size = lanes_float((LanesI)(other >> 16)) * 0x1p-16f;
    LanesF wide = kind->lake_low_m + (kind->lake_high_m - kind->lake_low_m) * size * size;
    return lanes_select(share < lanes_set(kind->lake_share), wide, -wide);
}

// How steep the valley of a lesser lake may be: on a steeper one it would hang over its outlet.
#define RIVER_NET_TARN 0.10f

// Takes away the lakes that their height, a near river or a steep valley leaves no room for.
static inline void river_net_dry(const RiverNodes *n, const RiverKind *kind, int at)
{
    LanesF lake = lanes_load(n->lake + at), height = lanes_load(n->height + at);
    LanesF x = lanes_load(n->foot_x + at), z = lanes_load(n->foot_z + at);
    LanesF wide = lanes_abs(lake), far = lanes_sqrt(x * x + z * z);
    if (kind->order < RIVER_ORDER_MAX - RIVER_ORDER_STEPS) {
        LanesI room = far > 5.0f * wide; // for the river from it
        room = lanes_both(room, lanes_load(n->foot_drop + at) < RIVER_NET_TARN * far);
        lake = lanes_select(room, lake, -wide);
    }
    LanesI high = height > lanes_set(RIVER_LAKE_HEIGHT_M);
    lanes_store(n->lake + at, lanes_select(high, lake, lanes_set(0.0f)));
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
    LandformWaves waves = landform_waves_at(land, cursors, x, z);
    LandformGround ground = landform_base(&waves);
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
    lanes_store(n->lake + at, river_net_lake(kind, hash));
    lanes_store(n->steep + at, ground.side);
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
            RiverFoot foot = {lanes_set(RIVER_NEVER), zero, zero, zero, zero};
            for (int v = 0; v < count; v++)
                river_net_foot(&net->valleys[v], rise, point, &foot);
            river_net_to_shore(&foot);
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

// The way down from some nodes: along it, to where it is `drop` lower, the node `to` places further;
// 0: a coarser river.
typedef struct RiverLink {
    LanesF x, z, drop, steep, to;
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
    link->to = lanes_select(better, lanes_set((float)offset), link->to);
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
// a node without a way down is a lake, or carves nothing (see river_flow.c).
static inline RiverLink river_net_link(const RiverNodes *n, const RiverKind *kind, int at)
{
    float link_m = (float)kind->link_m;
    LanesF zero = lanes_set(0.0f);
    RiverLink link = {zero, zero, zero, zero, zero};
    river_net_try_ring(n, at, 1, link_m, &link);
    if (kind->ring == 2) {
        RiverLink far = {zero, zero, zero, zero, zero};
        river_net_try_ring(n, at, 2, link_m, &far);
        LanesI none = link.drop <= zero;
        link.x = lanes_select(none, far.x, link.x);
        link.z = lanes_select(none, far.z, link.z);
        link.drop = lanes_select(none, far.drop, link.drop);
        link.to = lanes_select(none, far.to, link.to);
        return link;
    }
    LanesF x = lanes_load(n->foot_x + at), z = lanes_load(n->foot_z + at);
    LanesF drop = lanes_load(n->foot_drop + at), length = lanes_sqrt(x * x + z * z);
    LanesI foot = lanes_both(drop > zero, length < lanes_set(link_m));
    foot = lanes_both(foot, lanes_either(length < lanes_set(kind->near_m), link.drop <= zero));
    link.x = lanes_select(foot, x, link.x);
    link.z = lanes_select(foot, z, link.z);
    link.to = lanes_select(foot, zero, link.to);
    link.drop = lanes_select(foot, drop, link.drop);
    link.drop = lanes_select(drop < zero, zero, link.drop);
    return link;
}

// All but the outer `edge` cells.
static inline void river_net_links(const RiverNodes *n, const RiverKind *kind, int edge)
{
    for (int row = edge; row < n->rows - edge; row++)
        for (int i = edge; i < n->columns - edge; i += TERRAIN_LANES) {
            int at = row * n->pitch + i;
            RiverLink link = river_net_link(n, kind, at);
            lanes_store(n->link_x + at, link.x);
            lanes_store(n->link_z + at, link.z);
            lanes_store(n->link_drop + at, link.drop);
            lanes_store(n->to + at, link.to);
        }
}

// The whole metre nearest to `by` from a place; the same one from every anchor.
static inline int32_t river_net_metre(float place, float by)
{
    double at = (double)place + (double)by + 0.5;
    int32_t metre = (int32_t)at;
    return metre - (at < (double)metre);
}

// What the province makes of lakes, by the places where rivers leave them: upstream the land beside
// is seldom lifted by less. `lakes`: segments, at most TERRAIN_LANES of them.
static inline void river_net_lift(const Landform *land, const LandformCursors *cursors,
                                  RiverSegments *s, const int *lakes, int count)
{
    _Alignas(64) int32_t x[TERRAIN_LANES], z[TERRAIN_LANES];
    _Alignas(64) float bed[TERRAIN_LANES], celsius[TERRAIN_LANES];
    for (int i = 0; i < TERRAIN_LANES; i++) {
        int lake = lakes[i < count ? i : 0];
        float per = s->per_x[lake] * s->per_x[lake] + s->per_z[lake] * s->per_z[lake];
        float end = 1.0f + s->wide[lake] * __builtin_sqrtf(per);
        x[i] = river_net_metre(s->x[lake], end * s->along_x[lake]);
        z[i] = river_net_metre(s->z[lake], end * s->along_z[lake]);
        bed[i] = s->bed[lake];
        celsius[i] = landform_latitude_celsius(cursors->z_m + z[i]);
    }
    LanesI place[2];
    memcpy(&place[0], x, sizeof place[0]);
    memcpy(&place[1], z, sizeof place[1]);
    landform_unwind(cursors, place);
    LandformWaves waves = landform_waves_at(land, cursors, place[0], place[1]);
    LandformGround ground = landform_base(&waves);
    LanesF values[LANDFORM_FIELD_COUNT], height = lanes_load(bed);
    landform_provinces(&waves, &ground, lanes_load(celsius), values);
    ProvinceRow row = {.present = ~0u};
    for (int i = LANDFORM_BASE; i < LANDFORM_SHAPE_FIELDS; i++)
        lanes_store(row.fields[i - LANDFORM_BASE], values[i]);
    height = province_lift(&row, 0, province_valleys(&row, 0, height)) - height;
    lanes_store(bed, height);
    for (int i = 0; i < count; i++)
        s->lift[lakes[i]] = bed[i];
}

static inline void river_net_lifts(const Landform *land, const LandformCursors *cursors,
                                   RiverSegments *s)
{
    int lakes[TERRAIN_LANES], count = 0;
    for (int i = 0; i < s->count; i++) {
        if (river_is_lake(s->drop[i], s->wide[i]))
            lakes[count++] = i;
        if (count == TERRAIN_LANES || (i == s->count - 1 && count > 0)) {
            river_net_lift(land, cursors, s, lakes, count);
            count = 0;
        }
    }
}

// Fills a net that river_net laid out, and whose given lattices have their segments.
static inline void river_net_fill(const Landform *land, RiverNet *net)
{
    LandformCursors cursors = landform_cursors(land, 1, 0);
    landform_cursors_row(&cursors, net->x_m, net->z_m);
    for (int k = net->given; k < net->lattices; k++) {
        const RiverKind *kind = &river_kinds[k];
        const RiverNodes *n = &net->nodes[k];
        int columns = river_padded(n->columns, RIVER_NET_SQUARE);
        for (int row = 0; row < river_padded(n->rows, RIVER_NET_SQUARE); row++)
            for (int column = 0; column < columns; column += TERRAIN_LANES)
                river_net_place(land, &cursors, net, k, row, column);
        if (k > 0) {
            river_net_feet(net, k);
        } else {
            river_net_links(n, kind, kind->ring);
            river_flow_drain(net);
        }
        for (int row = 0; row < n->rows; row++)
            for (int column = 0; column < n->columns; column += TERRAIN_LANES)
                river_net_dry(n, kind, row * n->pitch + column);
        river_net_links(n, kind, kind->ring + (k == 0 ? RIVER_BASIN_CELLS : 0));
        river_flow(net, k);
        if (kind->lake_high_m > 0.0f)
            river_net_lifts(land, &cursors, &net->segments[k]);
    }
}
