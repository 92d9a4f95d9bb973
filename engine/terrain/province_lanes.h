// Purpose: what a province does to the heights that rivers and gullies left: U-shaped valleys, beds, dunes, towers.
// Owns: nothing.
// Threads: any.
// Fails: never.
//
// Most of it maps one height to another and never turns the order of two heights round, so that water still runs where
// it ran; a lake is lifted as one, by what its own place asks for. Where a province's share is zero its part changes no
// bit, and is skipped.
#pragma once
#include "terrain/landform_lanes.h"

// The prevailing wind blows along this.
#define PROVINCE_WIND_X 0.8f
#define PROVINCE_WIND_Z 0.6f

#define PROVINCE_BED_M 64.0f // one hard and one soft bed
#define PROVINCE_TOWER_M 150.0f

// Dunes and towers come in over this distance from water: they are too tall to stand at a shore.
#define PROVINCE_APART_M 200.0f

typedef struct ProvinceCursors {
    NoiseCursor dunes[LANDFORM_DUNES], towers[LANDFORM_TOWERS];
    LandformPlan plan;
} ProvinceCursors;

// The lattice's provinces along a row of points.
typedef struct ProvinceRow {
    _Alignas(64) float fields[LANDFORM_PROVINCES][LANDFORM_COLUMNS_MAX];
    uint32_t present;
} ProvinceRow;

static inline ProvinceCursors province_cursors(const Landform *land, int level, int unit_m)
{
    ProvinceCursors c = {.plan = landform_plan(level)};
    for (int k = 0; k < LANDFORM_DUNES; k++)
        c.dunes[k] = noise_cursor(&land->dunes[k], unit_m);
    for (int k = 0; k < LANDFORM_TOWERS; k++)
        c.towers[k] = noise_cursor(&land->towers[k], unit_m);
    return c;
}

static inline int province_present(const ProvinceRow *row, LandformField field)
{
    return (int)(row->present >> field & 1u);
}

static inline LanesF province_field(const ProvinceRow *row, LandformField field, int i)
{
    return lanes_load(row->fields[field - LANDFORM_BASE] + i);
}

// Splines overshoot a little.
static inline LanesF province_share(const ProvinceRow *row, LandformField field, int i)
{
    if (!province_present(row, field))
        return lanes_set(0.0f);
    return lanes_clamp01(province_field(row, field, i));
}

// Heights and beds are everywhere, but few provinces ask for them.
static inline uint32_t province_asked(uint32_t present)
{
    const uint32_t mesa = 1u << LANDFORM_MESA;
    const uint32_t base = mesa | 1u << LANDFORM_ALPINE | 1u << LANDFORM_DUNE;
    present &= present & mesa ? ~0u : ~(1u << LANDFORM_BEDS);
    return present & base ? present : present & ~(1u << LANDFORM_BASE);
}

static inline void province_row(ProvinceCursors *c, const LandformLattice *lattice, int row,
                                const int64_t from_m[2], ProvinceRow *out)
{
    int blocks = (lattice->weight_pitch + TERRAIN_LANES - 1) / TERRAIN_LANES;
    out->present = province_asked(lattice->present);
    for (int field = LANDFORM_BASE; field < LANDFORM_SHAPE_FIELDS; field++)
        if (province_present(out, (LandformField)field))
            landform_field_row(lattice, field, row, blocks, out->fields[field - LANDFORM_BASE]);
    for (int k = 0; k < LANDFORM_DUNES; k++)
        noise_cursor_row(&c->dunes[k], from_m[0], from_m[1]);
    for (int k = 0; k < LANDFORM_TOWERS; k++)
        noise_cursor_row(&c->towers[k], from_m[0], from_m[1]);
}

// What a slope that grows from 0 to 1 between `low` and `high` sums up to.
static inline LanesF province_bend(LanesF value, float low, float high)
{
    LanesF part = lanes_ramp(value, low, high);
    return 0.5f * (high - low) * part * part + lanes_max(value - high, lanes_set(0.0f));
}

// Long ridges across the wind, steep on the far side, with smaller ones on their backs.
static inline LanesF province_dunes(const ProvinceCursors *c, int block, const LanesF move[2])
{
    const float waves = 2.6f, small = 3.0f, lean = 0.18f, high_m = 46.0f;
    const LanesF across[2] = {lanes_set(waves * PROVINCE_WIND_X),
                              lanes_set(waves * PROVINCE_WIND_Z)};
    LanesF first = noise_stripes(&c->dunes[0], block, move, across).value;
    float reach_m = lean * c->dunes[0].octave->wavelength_m / waves;
    const LanesF leaned[2] = {move[0] + reach_m * PROVINCE_WIND_X * first,
                              move[1] + reach_m * PROVINCE_WIND_Z * first};
    LanesF second = noise_stripes(&c->dunes[0], block, leaned, across).value;
    // The waves are cosines: the root of what they lack has a sharp crest.
    LanesF lack = lanes_sqrt(lanes_max(0.5f - 0.5f * second, lanes_set(0.002f)));
    LanesF height = high_m * (1.0f - lack);
    if (c->plan.dunes < 2)
        return height + 1.5f;
    const LanesF fine[2] = {lanes_set(small * PROVINCE_WIND_X), lanes_set(small * PROVINCE_WIND_Z)};
    LanesF back = 0.5f + 0.5f * noise_stripes(&c->dunes[1], block, leaned, fine).value;
    return height + 5.0f * back * back * (1.0f - 0.7f * lack);
}

// 0 between towers, 1 on them.
static inline LanesF province_towers(const ProvinceCursors *c, int block)
{
    LanesF n = lanes_max(noise_value(&c->towers[0], block) - 0.20f, lanes_set(0.0f));
    if (c->plan.towers > 1)
        n += 0.7f * lanes_max(noise_value(&c->towers[1], block) - 0.20f, lanes_set(0.0f));
    return n / (n + 0.32f);
}

// Valleys with flat floors and high walls, and peaks that stand free; below the sea near cold coasts.
static inline LanesF province_alpine(const ProvinceRow *row, int i, LanesF height)
{
    LanesF above = lanes_max(height - province_field(row, LANDFORM_BASE, i), lanes_set(0.0f));
    LanesF change = 1.02f * province_bend(above, 20.0f, 180.0f) - 0.50f * above -
                    0.30f * province_bend(above, 350.0f, 600.0f);
    height += province_share(row, LANDFORM_ALPINE, i) * change;
    if (!province_present(row, LANDFORM_FJORD))
        return height;
    LanesF deep = lanes_max(province_field(row, LANDFORM_FJORD, i), lanes_set(0.0f));
    return height - deep * lanes_smooth(above, 420.0f, 0.0f);
}

// Tablelands out of what rises above the canyons: talus, a cliff, a bench, a cliff, a flat top; beds in the walls.
// It rises with what was there, so that rivers go down as before.
static inline LanesF province_beds(const ProvinceRow *row, int i, LanesF height)
{
    LanesF mesa = province_share(row, LANDFORM_MESA, i), zero = lanes_set(0.0f);
    LanesF above = lanes_max(height - province_field(row, LANDFORM_BASE, i), zero);
    LanesF table =
        0.65f * lanes_min(above, lanes_set(56.0f)) + 110.0f * lanes_ramp(above, 56.0f, 82.0f) +
        12.0f * lanes_ramp(above, 82.0f, 130.0f) + 80.0f * lanes_ramp(above, 130.0f, 149.0f) +
        0.10f * lanes_max(above - 149.0f, zero);
    height += mesa * (table - above);
    LanesF at = (height + province_field(row, LANDFORM_BEDS, i)) * (1.0f / PROVINCE_BED_M);
    LanesF bed = lanes_float(lanes_round(at - 0.5f)), in = at - bed;
    LanesF stepped = 0.22f * in + 1.08f * lanes_max(in - 0.55f, lanes_set(0.0f)) +
                     1.47f * lanes_max(in - 0.80f, lanes_set(0.0f));
    return height + 0.12f * mesa * PROVINCE_BED_M * (stepped - in);
}

// What changes the valleys themselves: before gullies and detail.
static inline LanesF province_valleys(const ProvinceRow *row, int i, LanesF height)
{
    if (province_present(row, LANDFORM_ALPINE))
        height = province_alpine(row, i, height);
    if (province_present(row, LANDFORM_MESA))
        height = province_beds(row, i, height);
    return height;
}

// How far from water the land depends on it, where the fields `present` are; a metre covers rounding.
static inline float province_near_m(uint32_t present)
{
    uint32_t tall = (1u << LANDFORM_DUNE) | (1u << LANDFORM_KARST);
    return present & tall ? PROVINCE_APART_M + 1.0f : 0.0f;
}

// Sand and towers; `apart`: metres from water, where either is present.
static inline LanesF province_cover(const ProvinceCursors *c, const ProvinceRow *row, int block,
                                    LanesF apart, LanesF height, const LanesF move[2])
{
    LanesF zero = lanes_set(0.0f);
    int i = block * TERRAIN_LANES;
    LanesF part = lanes_ramp(apart, 0.0f, PROVINCE_APART_M);
    LanesF dune = part * province_share(row, LANDFORM_DUNE, i);
    if (lanes_less(zero, dune)) {
        LanesF sand = province_field(row, LANDFORM_BASE, i) + province_dunes(c, block, move);
        height += dune * (sand - height);
    }
    LanesF karst = part * province_share(row, LANDFORM_KARST, i);
    if (lanes_less(zero, karst))
        height += karst * PROVINCE_TOWER_M * province_towers(c, block);
    return height;
}

// What lifts it all.
static inline LanesF province_lift(const ProvinceRow *row, int i, LanesF height)
{
    LanesF zero = lanes_set(0.0f);
    if (province_present(row, LANDFORM_CONE))
        height += lanes_max(province_field(row, LANDFORM_CONE, i), zero);
    if (province_present(row, LANDFORM_CLIFF)) {
        LanesF cliff = lanes_max(province_field(row, LANDFORM_CLIFF, i), zero);
        height += cliff * lanes_smooth(height, 1.0f, 9.0f);
    }
    return height;
}
