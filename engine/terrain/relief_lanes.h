// Purpose: heights of rows of samples: rivers, their valleys, gullies and detail.
// Owns: nothing.
// Threads: any.
// Fails: never.
#pragma once
#include "terrain/province_lanes.h"
#include "terrain/relief.h"
#include "terrain/river_net_lanes.h"

#define RELIEF_SLAB 16 // rows that are worked on together
#define RELIEF_WIDE 48 // columns of a choice where samples lie close, and elsewhere:
#define RELIEF_TILE 16
#define RELIEF_BLOCK 4
#define RELIEF_FEW 8 // so few valleys are not worth a choice for each block
#define RELIEF_STEEP_MIN 0.012f

// One slab: where its samples lie among the rivers, and then the land there.
typedef struct ReliefSlab {
    _Alignas(64) float x[RELIEF_SLAB][LANDFORM_COLUMNS_MAX];
    _Alignas(64) float z[RELIEF_SLAB][LANDFORM_COLUMNS_MAX];
    _Alignas(64) float steep[RELIEF_SLAB][LANDFORM_COLUMNS_MAX];
    _Alignas(64) float height[RELIEF_SLAB][LANDFORM_COLUMNS_MAX];
    _Alignas(64) float up_x[RELIEF_SLAB][LANDFORM_COLUMNS_MAX];
    _Alignas(64) float up_z[RELIEF_SLAB][LANDFORM_COLUMNS_MAX];
    _Alignas(64) float lie[RELIEF_SLAB][LANDFORM_COLUMNS_MAX];
    _Alignas(64) float shore[RELIEF_SLAB][LANDFORM_COLUMNS_MAX];
    _Alignas(64) float bank[RELIEF_SLAB][LANDFORM_COLUMNS_MAX];
    _Alignas(64) float water[RELIEF_SLAB][LANDFORM_COLUMNS_MAX];
    _Alignas(64) float half[RELIEF_SLAB][LANDFORM_COLUMNS_MAX];
    _Alignas(64) float still[RELIEF_SLAB][LANDFORM_COLUMNS_MAX];
    _Alignas(64) float lift[RELIEF_SLAB][LANDFORM_COLUMNS_MAX];
    _Alignas(64) float apart[RELIEF_SLAB][LANDFORM_COLUMNS_MAX]; // with `near_m` only
    int columns, rows;                                           // columns: padded
    float texel_m;                                               // of the maps of this level
    float near_m; // how far from water the land still depends on it, beyond its valleys
} ReliefSlab;

typedef struct ReliefCursors {
    NoiseCursor bends[LANDFORM_BENDS];
    NoiseCursor gullies[LANDFORM_GULLIES], details[LANDFORM_DETAILS];
    ProvinceCursors provinces;
    LandformPlan plan;
} ReliefCursors;

// Small bends of rivers and crests, and harder and softer rock: both from the same waves.
static inline void relief_bend(const ReliefCursors *c, int block, RiverPoints *p)
{
    static const float REACH[LANDFORM_BENDS] = {8.0f * 230.0f, 3.0f * 95.0f};
    static const float ROCK[LANDFORM_BENDS] = {0.14f, 0.06f};
    LanesF rock = lanes_set(1.0f);
    for (int k = 0; k < c->plan.bends; k++) {
        NoiseSample n = noise_sample(&c->bends[k], block);
        p->x += REACH[k] * (0.5f * n.slope_x - 0.866f * n.slope_z);
        p->z += REACH[k] * (0.866f * n.slope_x + 0.5f * n.slope_z);
        rock += ROCK[k] * n.value;
    }
    p->steep *= rock;
}

// From the net's anchor to the grid's first column and to a row.
static inline int32_t relief_left(const Relief *relief)
{
    return (int32_t)(relief->grid.x * landform_unit_m(&relief->grid) - relief->net.x_m);
}

static inline int32_t relief_top(const Relief *relief, int row)
{
    return (int32_t)((relief->grid.z + row) * landform_unit_m(&relief->grid) - relief->net.z_m);
}

// `row` counts grid rows, `to` slab rows. Columns past the grid's last repeat it.
static inline void relief_places_row(const Relief *relief, ReliefCursors *c, int row,
                                     ReliefSlab *slab, int to)
{
    const LandformGrid *grid = &relief->grid;
    int unit_m = landform_unit_m(grid), blocks = slab->columns / TERRAIN_LANES;
    float *fields[3] = {slab->x[to], slab->z[to], slab->steep[to]};
    for (int i = 0; i < 3; i++)
        landform_field_row(&relief->lattice, LANDFORM_WARP_X + i, row, blocks, fields[i]);
    for (int k = 0; k < c->plan.bends; k++)
        noise_cursor_row(&c->bends[k], grid->x * unit_m, (grid->z + row) * unit_m);
    const float inverse = 1.0f / RIVER_STEP_M;
    int32_t left = relief_left(relief), top = relief_top(relief, row);
    for (int i = 0; i < slab->columns; i += TERRAIN_LANES) {
        RiverPoints p = {lanes_load(fields[0] + i), lanes_load(fields[1] + i),
                         c->plan.side * lanes_load(fields[2] + i), 0.0f};
        relief_bend(c, i / TERRAIN_LANES, &p);
        LanesF x = lanes_float(lanes_round(p.x * inverse)) * RIVER_STEP_M;
        LanesF z = lanes_float(lanes_round(p.z * inverse)) * RIVER_STEP_M;
        lanes_store(fields[0] + i, x + lanes_float((lanes_iota() + i) * unit_m + left));
        lanes_store(fields[1] + i, z + (float)top);
        lanes_store(fields[2] + i, lanes_max(p.steep, lanes_set(RELIEF_STEEP_MIN)));
    }
    for (int k = 0; k < 3; k++)
        for (int i = grid->columns; i < slab->columns; i++)
            fields[k][i] = fields[k][grid->columns - 1];
}

typedef struct ReliefPart {
    int column, columns, row, rows;
} ReliefPart;

static inline RiverTile relief_tile(const ReliefSlab *slab, const ReliefPart *part)
{
    const int pitch = LANDFORM_COLUMNS_MAX, row = part->row, column = part->column;
    float x[2], z[2], steep[2];
    river_range(slab->x[row] + column, pitch, part->columns, part->rows, x);
    river_range(slab->z[row] + column, pitch, part->columns, part->rows, z);
    river_range(slab->steep[row] + column, pitch, part->columns, part->rows, steep);
    return (RiverTile){
        .x = 0.5f * (x[0] + x[1]),
        .z = 0.5f * (z[0] + z[1]),
        .half_x = 0.5f * (x[1] - x[0]) + 0.1f,
        .half_z = 0.5f * (z[1] - z[0]) + 0.1f,
        .steep_low = steep[0],
        .steep_high = steep[1],
        .wall = 1.0f,
        .near_m = slab->near_m,
        .above_m = RIVER_ROUND_M * steep[1],
    };
}

static inline void relief_envelope(ReliefSlab *slab, const ReliefPart *part, const RiverNet *net,
                                   int valleys)
{
    const int pitch = LANDFORM_COLUMNS_MAX;
    for (int j = part->row; j < part->row + part->rows; j += LANES_ROWS)
        for (int i = part->column; i < part->column + part->columns; i += LANES_COLUMNS) {
            RiverPoints p = {lanes_load_square(slab->x[j] + i, pitch),
                             lanes_load_square(slab->z[j] + i, pitch),
                             lanes_load_square(slab->steep[j] + i, pitch), slab->texel_m};
            RiverLand land = river_envelope(net, valleys, &p);
            lanes_store_square(slab->height[j] + i, pitch, land.height);
            lanes_store_square(slab->up_x[j] + i, pitch, land.up_x);
            lanes_store_square(slab->up_z[j] + i, pitch, land.up_z);
            lanes_store_square(slab->lie[j] + i, pitch, land.lie);
            lanes_store_square(slab->shore[j] + i, pitch, land.shore);
            lanes_store_square(slab->bank[j] + i, pitch, land.bank);
            lanes_store_square(slab->water[j] + i, pitch, land.water);
            lanes_store_square(slab->half[j] + i, pitch, land.half);
            lanes_store_square(slab->still[j] + i, pitch, land.still);
            lanes_store_square(slab->lift[j] + i, pitch, land.lift);
            if (slab->near_m > 0.0f)
                lanes_store_square(slab->apart[j] + i, pitch, river_apart(net, valleys, &p));
        }
}

// Goes on with blocks where there is much to choose from.
static inline void relief_part(ReliefSlab *slab, const ReliefPart *part, RiverNet *net)
{
    if (net->near.segments.count <= 3 * RELIEF_FEW) {
        RiverTile tile = relief_tile(slab, part);
        int valleys = river_list(net, &tile);
        if (valleys <= RELIEF_FEW) {
            relief_envelope(slab, part, net, valleys);
            return;
        }
    }
    for (int j = part->row; j < part->row + part->rows; j += RELIEF_BLOCK)
        for (int i = part->column; i < part->column + part->columns; i += RELIEF_BLOCK) {
            ReliefPart block = {i, RELIEF_BLOCK, j, RELIEF_BLOCK};
            RiverTile tile = relief_tile(slab, &block);
            relief_envelope(slab, &block, net, river_list(net, &tile));
        }
}

static inline int relief_least(int a, int b)
{
    return a < b ? a : b;
}

// A choice is made for `width` columns at a time. Works on whole blocks: rows past the slab's last repeat it.
static inline void relief_parts(ReliefSlab *slab, int width, RiverNet *net)
{
    const int rows = river_padded(slab->rows, RELIEF_BLOCK);
    for (int j = slab->rows; j < rows; j++) {
        memcpy(slab->x[j], slab->x[j - 1], sizeof slab->x[j]);
        memcpy(slab->z[j], slab->z[j - 1], sizeof slab->z[j]);
        memcpy(slab->steep[j], slab->steep[j - 1], sizeof slab->steep[j]);
    }
    for (int column = 0; column < slab->columns; column += width) {
        ReliefPart wide = {column, relief_least(width, slab->columns - column), 0, rows};
        RiverTile tile = relief_tile(slab, &wide);
        river_choose(net, net->lattices, &tile);
        for (int i = column; i < column + wide.columns; i += RELIEF_TILE)
            relief_part(slab, &(ReliefPart){i, RELIEF_TILE, 0, rows}, net);
    }
}

// 0 in water, 1 where it no longer keeps off what is added to the land.
static inline LanesF relief_dry(const ReliefSlab *slab, int row, int i)
{
    return lanes_ramp(lanes_load(slab->shore[row] + i), 0.0f, -RIVER_SHORE_M);
}

typedef struct ReliefGully {
    NoiseStripes wave;
    LanesF unit[2]; // across it, 1 long
    float length_m; // of a wave
} ReliefGully;

// Stripes that run along (x, z).
static inline ReliefGully relief_gully(const ReliefCursors *c, int k, int block,
                                       const LanesF move[2], LanesF x, LanesF z)
{
    const float waves = 1.4f;
    LanesF inverse = 1.0f / lanes_sqrt(x * x + z * z + 0.0025f);
    ReliefGully out = {.unit = {-z * inverse, x * inverse}};
    LanesF across[2] = {waves * out.unit[0], waves * out.unit[1]};
    out.wave = noise_stripes(&c->gullies[k], block, move, across);
    out.length_m = c->gullies[k].octave->wavelength_m / waves;
    return out;
}

// Gullies: stripes that run down the slope, as deep as it is steep, none on crests and in valley
// floors. The first octave's slope turns the second one's stripes, so that small gullies run into
// larger ones. Then plain detail.
static inline LanesF relief_fine(const ReliefCursors *c, int block, const ReliefSlab *slab, int row,
                                 const LanesF move[2], const ProvinceRow *provinces)
{
    int i = block * TERRAIN_LANES;
    LanesF steep = lanes_load(slab->steep[row] + i), sum = lanes_set(0.0f);
    LanesF x = lanes_load(slab->up_x[row] + i), z = lanes_load(slab->up_z[row] + i);
    LanesF even = lanes_sqrt(x * x + z * z), side = lanes_smooth(even, 0.35f, 0.95f) * steep;
    side *= 1.0f + 1.8f * province_share(provinces, LANDFORM_BADLAND, i) +
            0.4f * province_share(provinces, LANDFORM_ALPINE, i) -
            0.5f * province_share(provinces, LANDFORM_MESA, i);
    float depth = LANDFORM_GULLY;
    const int last = c->plan.gullies - 1;
    for (int k = 0; k < last; k++, depth *= LANDFORM_GULLY_NEXT) {
        ReliefGully gully = relief_gully(c, k, block, move, x, z);
        sum += depth * gully.length_m * side * gully.wave.value;
        LanesF turn = depth * lanes_smooth(even, 0.35f, 0.95f) * gully.wave.slope;
        x += turn * gully.unit[0];
        z += turn * gully.unit[1];
    }
    if (last >= 0) { // whose slope nobody asks for
        ReliefGully gully = relief_gully(c, last, block, move, x, z);
        sum += depth * gully.length_m * side * gully.wave.value;
    }
    steep += 0.3f * province_share(provinces, LANDFORM_KARST, i);
    LanesF coarse = LANDFORM_DETAIL * steep * (0.3f + 0.7f * even);
    for (int k = 0; k < c->plan.details; k++, coarse *= LANDFORM_DETAIL_NEXT)
        sum += c->details[k].octave->wavelength_m * coarse * noise_value(&c->details[k], block);
    // Water stays as it is, and no hollow beside it is deeper.
    sum *= relief_dry(slab, row, i);
    return lanes_max(sum, -0.4f * lanes_load(slab->bank[row] + i));
}

static inline void relief_finish_row(const Relief *relief, const ReliefSlab *slab, int from,
                                     int row, ReliefCursors *c, float *out)
{
    const LandformGrid *grid = &relief->grid;
    int32_t left = relief_left(relief), top = relief_top(relief, row);
    int unit_m = landform_unit_m(grid), blocks = slab->columns / TERRAIN_LANES;
    int64_t x_m = grid->x * unit_m, z_m = (grid->z + row) * unit_m;
    for (int k = 0; k < c->plan.gullies; k++)
        noise_cursor_row(&c->gullies[k], x_m, z_m);
    for (int k = 0; k < c->plan.details; k++)
        noise_cursor_row(&c->details[k], x_m, z_m);
    ProvinceRow provinces;
    province_row(&c->provinces, &relief->lattice, row, (int64_t[2]){x_m, z_m}, &provinces);
    for (int block = 0; block < blocks; block++) {
        int i = block * TERRAIN_LANES;
        LanesI x = (lanes_iota() + i) * unit_m + left;
        LanesF move[2] = {lanes_load(slab->x[from] + i) - lanes_float(x),
                          lanes_load(slab->z[from] + i) - (float)top};
        LanesF height = lanes_load(slab->height[from] + i),
               still = lanes_load(slab->still[from] + i);
        LanesF free = 1.0f - still;
        height += free * (province_valleys(&provinces, i, height) - height);
        height += relief_fine(c, block, slab, from, move, &provinces);
        LanesF apart = slab->near_m > 0.0f ? lanes_load(slab->apart[from] + i) : lanes_set(0.0f);
        height = province_cover(&c->provinces, &provinces, block, apart, height, move);
        height += free * (province_lift(&provinces, i, height) - height);
        height += still * lanes_load(slab->lift[from] + i);
        lanes_store(out + i, landform_finish(height));
    }
}

static inline void relief_rows(Relief *relief, const ReliefRows *out)
{
    const LandformGrid *grid = &relief->grid;
    ReliefSlab slab;
    ReliefCursors c = {.plan = landform_plan(grid->level)};
    slab.columns = (grid->columns + LANDFORM_PAD - 1) / LANDFORM_PAD * LANDFORM_PAD;
    slab.texel_m = (float)(4 << grid->level);
    slab.near_m = province_near_m(relief->lattice.present);
    for (int k = 0; k < c.plan.bends; k++)
        c.bends[k] = noise_cursor(&grid->landform->bends[k], landform_unit_m(grid));
    for (int k = 0; k < c.plan.gullies; k++)
        c.gullies[k] = noise_cursor(&grid->landform->gullies[k], landform_unit_m(grid));
    for (int k = 0; k < c.plan.details; k++)
        c.details[k] = noise_cursor(&grid->landform->details[k], landform_unit_m(grid));
    c.provinces = province_cursors(grid->landform, grid->level, landform_unit_m(grid));
    for (int row = out->first; row < out->end; row += RELIEF_SLAB) {
        slab.rows = relief_least(RELIEF_SLAB, out->end - row);
        for (int j = 0; j < slab.rows; j++)
            relief_places_row(relief, &c, row + j, &slab, j);
        relief_parts(&slab, landform_unit_m(grid) <= 16 ? RELIEF_WIDE : RELIEF_TILE, &relief->net);
        for (int j = 0; j < slab.rows; j++)
            relief_finish_row(relief, &slab, j, row + j, &c,
                              out->heights_m + (row + j) * out->pitch);
        for (int j = 0; out->lie && j < slab.rows; j++) {
            size_t bytes = sizeof(float) * (size_t)slab.columns;
            memcpy(out->lie + (row + j) * out->pitch, slab.lie[j], bytes);
            memcpy(out->shore + (row + j) * out->pitch, slab.water[j], bytes);
            memcpy(out->half + (row + j) * out->pitch, slab.half[j], bytes);
        }
    }
}

// -- flow --------------------------------------------------------------------

// 1 in the bed of a segment, 0 from twice its width on.
static inline LanesF relief_in_bed(const RiverSegments *s, int i, float width_m, LanesF x, LanesF z)
{
    LanesF dx = x - s->x[i], dz = z - s->z[i];
    LanesF t = lanes_clamp01(dx * s->per_x[i] + dz * s->per_z[i]);
    dx -= t * s->along_x[i];
    dz -= t * s->along_z[i];
    return lanes_clamp01(2.0f - lanes_sqrt(dx * dx + dz * dz) * (1.0f / width_m));
}

// The greater of `flow` and of what the rivers of one lattice bring.
static inline LanesF relief_flow(const RiverSegments *s, int lattice, LanesF x, LanesF z,
                                 LanesF flow)
{
    for (int i = 0; i < s->count; i++)
        if (s->bed[i] < RIVER_NEVER) {
            LanesF bed = relief_in_bed(s, i, river_kinds[lattice].width_m, x, z);
            flow = lanes_max(flow, (float)(RIVER_LATTICES - lattice) * bed);
        }
    return flow;
}

// The order of the greatest river at each sample, for looking at: every segment is asked.
static inline void relief_flow_rows(const Relief *relief, const ReliefRows *out)
{
    const RiverNet *net = &relief->net;
    ReliefCursors c = {.plan = landform_plan(relief->grid.level)};
    ReliefSlab slab;
    slab.columns = (relief->grid.columns + LANDFORM_PAD - 1) / LANDFORM_PAD * LANDFORM_PAD;
    for (int k = 0; k < c.plan.bends; k++)
        c.bends[k] = noise_cursor(&relief->grid.landform->bends[k], landform_unit_m(&relief->grid));
    for (int row = out->first; row < out->end; row++) {
        relief_places_row(relief, &c, row, &slab, 0);
        float *to = out->heights_m + row * out->pitch;
        for (int i = 0; i < slab.columns; i += TERRAIN_LANES) {
            LanesF x = lanes_load(slab.x[0] + i), z = lanes_load(slab.z[0] + i), flow = x * 0.0f;
            for (int k = 0; k < net->lattices; k++)
                flow = relief_flow(&net->segments[k], k, x, z, flow);
            lanes_store(to + i, flow);
        }
    }
}
