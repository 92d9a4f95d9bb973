// Purpose: the formulas of the landform and its climate, TERRAIN_LANES points at a time.
// Owns: nothing; the state of a block of points lives in registers.
// Threads: any.
// Fails: never.
#pragma once
#include "terrain/landform.h"
#include "terrain/noise_lanes.h"

// Nothing of the bump that puts land and mountains at the origin is left beyond this distance.
#define LANDFORM_HOME_M 160000.0f

// Rise over run of hillsides at a steepness of 1.
#define LANDFORM_SIDE 0.52f

// What the land is like around a place, before any valley.
typedef struct LandformGround {
    LanesF height; // of the great rivers, metres
    LanesF steep;  // of all valleys: 0 plains, 1 mountains
    LanesF side;   // rise over run of their sides
    LanesF young;  // 1 where side valleys are nearly as steep as hillsides
    LanesF brook;  // how much steeper the smallest valleys are: above 2 they do not cut in
    LanesF belt;   // 1 on the axis of a mountain belt
    LanesF mesa, dune, badland; // shares of the dry provinces
} LandformGround;

// The waves from which belts, plains, coasts and climate are made, one value per lattice point.
typedef struct LandformWaves {
    LanesF continent, belt, belt_strength, hills, massif, rock;
    LanesF arid;                             // below 0 where it is dry
    LanesF temperature, moisture, hue, soil; // without what follows from climate, or 0
    LanesF home;       // 1 at the origin of the world, 0 beyond LANDFORM_HOME_M
    LanesF dome, cone; // of a volcano, metres: under the rivers, and on top of all
} LandformWaves;

// Cursors of everything that the lattice evaluates.
typedef struct LandformCursors {
    NoiseCursor continents[LANDFORM_CONTINENTS];
    NoiseCursor belt, belt_strength, hills, massif;
    NoiseCursor temperature, moisture[LANDFORM_MOISTURES], hue, soil;
    NoiseCursor warps[LANDFORM_WARPS];
    NoiseCursor rocks[LANDFORM_ROCKS];
    int64_t x_m, z_m; // of the row's first point
    int climate;
} LandformCursors;

// Height of the plains' floor from the continent wave: 0 at the coast, a shelf, the deep beyond it.
static inline LanesF landform_floor(LanesF continent)
{
    LanesF land = lanes_max(continent, lanes_set(0.0f)),
           sea = lanes_max(-continent, lanes_set(0.0f));
    LanesF up = 60.0f * land + 330.0f * land * land / (0.7f + land);
    LanesF down =
        110.0f * lanes_smooth(sea, -0.1f, 0.3f) + 1250.0f * lanes_smooth(sea, 0.28f, 1.0f);
    // lanes_smooth starts at -0.1, so that the shelf leaves the coast with a slope: 110 * smooth(0)
    // is taken off.
    return up - (down - 110.0f * 0.15625f) * lanes_ramp(sea, 0.0f, 0.02f);
}

// How much of a mountain belt there is, wherever its axis lies.
static inline LanesF landform_orogeny(const LandformWaves *w)
{
    return lanes_smooth(w->belt_strength, -0.45f, 0.25f) * lanes_ramp(w->continent, -0.3f, 0.05f);
}

// 0 off the mountain belts, 1 on their axes.
static inline LanesF landform_mountains(const LandformWaves *w)
{
    return landform_orogeny(w) * lanes_smooth(lanes_abs(w->belt), 0.62f, 0.05f);
}

// Mean height over the plains, in units of that on the axis. The part with an edge there leaves no plateau, on which
// great rivers would hardly fall.
static inline LanesF landform_uplift(const LandformWaves *w, LanesF belt)
{
    LanesF edge = landform_orogeny(w) * lanes_ramp(lanes_abs(w->belt), 0.62f, 0.0f);
    return 0.65f * belt * belt + 0.35f * edge * edge;
}

// 1 where a belt is so strong that its peaks keep snow.
static inline LanesF landform_high(const LandformWaves *w, LanesF belt)
{
    return lanes_smooth(belt, 0.1f, 0.6f) * lanes_smooth(w->belt_strength, 0.0f, 0.4f) *
           (1.0f - w->home);
}

// Dry land between the belts: beds that lie flat where these run out, dunes where they are far,
// badlands between the two.
static inline void landform_dry(const LandformWaves *w, LandformGround *g)
{
    LanesF dry = lanes_smooth(w->arid, -0.06f, -0.30f) * (1.0f - w->home) *
                 lanes_smooth(w->continent, 0.06f, 0.36f) * lanes_smooth(g->belt, 0.25f, 0.03f);
    g->mesa = dry * lanes_smooth(w->belt_strength, -0.08f, 0.10f);
    g->dune = dry * lanes_smooth(w->belt_strength, -0.22f, -0.38f);
    g->badland = dry * lanes_smooth(lanes_abs(w->belt_strength + 0.16f), 0.14f, 0.04f);
}

// Mountains where a belt is strong, hills and plains elsewhere. The height is the mean height of the
// land less what its valleys will add, so that valleys cut down instead of ridges rising; but no
// valley of the land is cut below the sea.
static inline LandformGround landform_base(const LandformWaves *w)
{
    LanesF inland = lanes_smooth(w->continent, -0.02f, 0.22f);
    LandformGround g;
    g.belt = landform_mountains(w);
    LanesF high = landform_high(w, g.belt);
    landform_dry(w, &g);
    LanesF hills = lanes_clamp01(0.42f + 0.62f * w->hills);
    LanesF rough = (0.035f + 0.30f * hills * hills) * (0.25f + 0.75f * inland);
    // Below the shelf's edge the floor falls by a kilometre, faster than plains could.
    rough += 0.07f * lanes_smooth(w->continent, 0.03f, -0.06f) +
             0.22f * lanes_smooth(w->continent, -0.12f, -0.36f);
    rough += 0.45f * g.mesa + 0.55f * g.badland - 0.85f * rough * g.dune;
    LanesF within = lanes_smooth(g.belt, 0.0f, 0.7f);
    g.steep = rough + (0.79f + 0.09f * hills - rough) * within;
    LanesF mean = landform_floor(w->continent) + 130.0f * hills * hills * inland * (1.0f - g.dune) +
                  (1300.0f + 1050.0f * high) * landform_uplift(w, g.belt) +
                  (200.0f * g.steep + 180.0f * high) * w->massif + 300.0f * g.mesa + w->dome;
    LanesF land = lanes_max(mean, lanes_set(0.0f)), cut = 330.0f * g.steep + 1.0f;
    g.height = lanes_min(mean, lanes_set(0.0f)) + land * land / (land + cut);
    g.steep *= 1.0f + w->rock;
    // Mountains bare their rock.
    g.side = LANDFORM_SIDE * g.steep * (1.0f + 1.25f * within * w->rock);
    g.young = 0.40f * high;
    g.brook = 1.0f + 2.0f * lanes_max(g.mesa, lanes_clamp01(0.01f * w->dome));
    return g;
}

// The last touch on a height: flattens what lies within a few metres of the sea into beaches, and
// holds the highest peaks back, so that none leaves the 16 bits of a chunk.
static inline LanesF landform_finish(LanesF height)
{
    const float reach_m = 5.0f, flat = 0.22f, high_m = 3200.0f, hold = 1.0f / 3000.0f;
    LanesF size = lanes_abs(height);
    LanesF over = lanes_max(height - high_m, lanes_set(0.0f));
    LanesF low = height * ((size + flat * reach_m) / (size + reach_m));
    return low - over * over * hold / (1.0f + over * hold);
}

// -- the waves ---------------------------------------------------------------

// Mean temperature at sea level by latitude: 8000 km from one hot belt to the next, 13 degrees at
// the origin.
static inline float landform_latitude_celsius(int64_t z_m)
{
    // 2^32 / 8,000,000 = 536.9 phase units per metre; a parabola pair stands for the sine.
    int32_t phase = (int32_t)((uint32_t)((uint64_t)z_m * 537u) + 0x0a000000u);
    float t = (float)phase * 0x1p-31f;
    float wave = 4.0f * t * (1.0f - (t < 0.0f ? -t : t));
    return 8.0f + 18.0f * wave;
}

// Keeps metres exact in a float; far from home the bump is zero anyway.
static inline float landform_home_metres(int64_t metres)
{
    const int64_t limit = 4 << 20;
    return (float)(metres < -limit ? -limit : metres > limit ? limit : metres);
}

// Near the origin every world is land, inside the foothills of a belt whose axis passes 10 km away:
// flights start here.
static inline void landform_home(const Landform *land, LanesF x_m, LanesF z_m, LandformWaves *w)
{
    LanesF far = (x_m * x_m + z_m * z_m) * (1.0f / (LANDFORM_HOME_M * LANDFORM_HOME_M));
    LanesF near = lanes_max(1.0f - far, lanes_set(0.0f));
    LanesF home = near * near;
    LanesF tight = home * home * home;
    LanesF across = (x_m * land->home_x + z_m * land->home_z - 10000.0f) * (1.0f / 75000.0f);
    w->continent += home * (0.75f + 0.35f * w->continent - w->continent);
    w->belt += tight * (across + 0.35f * w->belt - w->belt);
    w->belt_strength += tight * (0.5f - w->belt_strength);
    w->home = home;
}

// A block of points: metres from the origin of the world, and how far the long waves are displaced.
typedef struct LandformPlace {
    LanesF x, z, bend_x, bend_z;
} LandformPlace;

// Cells that may hold a volcano, and how far its dome reaches: never out of its cell.
#define LANDFORM_VOLCANO_BITS 16
#define LANDFORM_VOLCANO_M (1 << LANDFORM_VOLCANO_BITS)
#define LANDFORM_DOME_M 15000

// One cell of 65 km in four has a volcano: a wide dome that rivers run off, and on it a cone, steeper
// towards its top, with a crater that is open to one side.
static inline void landform_volcano(const Landform *land, const LandformCursors *c, LanesI x_m,
                                    LanesI z_m, LandformWaves *w)
{
    const int32_t room_m = LANDFORM_VOLCANO_M - 2 * LANDFORM_DOME_M - 4000;
    const float crater_m = 400.0f, deep_m = 150.0f;
    x_m += (int32_t)(c->x_m & (LANDFORM_VOLCANO_M - 1));
    z_m += (int32_t)(c->z_m & (LANDFORM_VOLCANO_M - 1));
    LanesU h =
        (LanesU)((x_m >> LANDFORM_VOLCANO_BITS) + (int32_t)(c->x_m >> LANDFORM_VOLCANO_BITS)) *
            0x9e3779b1u ^
        (LanesU)((z_m >> LANDFORM_VOLCANO_BITS) + (int32_t)(c->z_m >> LANDFORM_VOLCANO_BITS)) *
            0x85ebca77u;
    h = (h ^ (h >> 15) ^ land->volcano_seed) * 0x2c1b3c6du;
    h = (h ^ (h >> 12)) * 0x297a2d39u;
    h ^= h >> 15;
    LanesI there_x = LANDFORM_DOME_M + 2000 + (LanesI)(((h & 0xffffu) * (uint32_t)room_m) >> 16);
    LanesI there_z = LANDFORM_DOME_M + 2000 + (LanesI)(((h >> 16) * (uint32_t)room_m) >> 16);
    LanesF odd = lanes_float((LanesI)((h * 0x9e3779b1u) >> 8)) * 0x1p-24f;
    LanesF active = lanes_select(odd < lanes_set(0.24f), lanes_set(1.0f), lanes_set(0.0f));
    active *= (1.0f - w->home) * lanes_smooth(landform_mountains(w), 0.3f, 0.0f);
    LanesF size = 0.75f + 2.4f * odd, ragged = 1.0f + 0.3f * w->rock;
    LanesF x = lanes_float((x_m & (LANDFORM_VOLCANO_M - 1)) - there_x) * ragged;
    LanesF z = lanes_float((z_m & (LANDFORM_VOLCANO_M - 1)) - there_z) * ragged;
    LanesF r2 = x * x + z * z, reach = 6800.0f * size, high = 2100.0f * size;
    LanesF flat =
        lanes_max(1.0f - r2 * (1.0f / ((float)LANDFORM_DOME_M * LANDFORM_DOME_M)), lanes_set(0.0f));
    LanesF side = lanes_max(1.0f - lanes_sqrt(r2) / reach, lanes_set(0.0f));
    LanesF rim = 1.0f - crater_m / reach, off = x - 0.4f * crater_m;
    LanesF bowl =
        high * rim * rim + deep_m * ((off * off + z * z) * (1.0f / (crater_m * crater_m)) - 1.0f);
    w->dome = active * 420.0f * flat * flat;
    w->cone = active * lanes_min(high * side * side, bowl);
}

// How mountainous it is `metres` down the prevailing wind. `w`: as before landform_home.
static inline LanesF landform_downwind(const Landform *land, const LandformCursors *c, int block,
                                       const LandformPlace *at, const LandformWaves *w,
                                       float metres)
{
    float x = 0.8f * metres, z = 0.6f * metres;
    LanesF bend_x = at->bend_x + x, bend_z = at->bend_z + z;
    LandformWaves there = *w;
    there.belt = noise_value_warped(&c->belt, block, bend_x, bend_z);
    there.belt_strength = noise_value_warped(&c->belt_strength, block, bend_x, bend_z);
    landform_home(land, at->x + x, at->z + z, &there);
    return landform_mountains(&there);
}

// Rain comes with the wind: it falls on the near sides of mountains and is missing behind them.
static inline void landform_climate(const Landform *land, const LandformCursors *c, int block,
                                    const LandformPlace *at, const LandformWaves *open,
                                    LandformWaves *w)
{
    static const float PART[LANDFORM_MOISTURES - 1] = {0.20f, 0.16f};
    LanesF wet = 0.46f + 0.18f * lanes_ramp(w->continent, 0.7f, -0.1f);
    wet += 0.34f * w->arid + 0.12f * lanes_smooth(w->arid, 0.0f, 0.25f) -
           0.20f * lanes_smooth(w->arid, -0.06f, -0.30f);
    for (int i = 0; i < LANDFORM_MOISTURES - 1; i++)
        wet += PART[i] * noise_value(&c->moisture[i + 1], block);
    wet += 0.20f * landform_downwind(land, c, block, at, open, 16000.0f);
    LanesF shadow = landform_downwind(land, c, block, at, open, -32000.0f);
    wet -= 0.30f * shadow * (1.0f - 0.5f * landform_mountains(w));
    // Deserts stay away from the place where one starts.
    wet += w->home * (0.30f * (0.60f - wet));
    w->moisture = lanes_clamp01(wet);
    w->temperature += 4.0f * noise_value(&c->temperature, block);
    w->hue = noise_value(&c->hue, block);
    w->soil = noise_value(&c->soil, block);
}

static inline LandformWaves landform_waves(const Landform *land, const LandformCursors *c,
                                           int block, LanesF x_m, LanesF z_m)
{
    static const float PART[LANDFORM_CONTINENTS] = {1.0f, 0.6f, 0.40f, 0.27f};
    LandformWaves w;
    // The two long waves are displaced by the slope of the third: coasts wind, and no lattice
    // shows.
    NoiseSample bend = noise_sample(&c->continents[2], block);
    const float reach_m2 = 11000.0f * 62000.0f;
    LanesF bend_x = reach_m2 * bend.slope_z, bend_z = -reach_m2 * bend.slope_x;
    LanesF fine = noise_value(&c->continents[3], block);
    w.continent = PART[2] * bend.value + PART[3] * fine + 0.08f; // for two fifths of sea
    for (int i = 0; i < 2; i++)
        w.continent += PART[i] * noise_value_warped(&c->continents[i], block, bend_x, bend_z);
    w.belt = noise_value_warped(&c->belt, block, bend_x, bend_z) + 0.12f * fine;
    w.belt_strength = noise_value(&c->belt_strength, block) + 0.25f * fine;
    w.hills = noise_value(&c->hills, block);
    w.massif = noise_value(&c->massif, block);
    w.rock = 0.19f * noise_value(&c->rocks[0], block) + 0.11f * noise_value(&c->rocks[1], block);
    w.temperature = 1.5f * fine;
    w.arid = noise_value(&c->moisture[0], block);
    w.moisture = w.hue = w.soil = w.home = w.dome = w.cone = lanes_set(0.0f);
    LandformWaves open = w;
    landform_home(land, x_m, z_m, &w);
    LandformPlace at = {x_m, z_m, bend_x, bend_z};
    if (c->climate)
        landform_climate(land, c, block, &at, &open, &w);
    return w;
}

// -- the lattice -------------------------------------------------------------

static inline LandformCursors landform_cursors(const Landform *land, int spacing_m, int climate)
{
    LandformCursors c;
    for (int i = 0; i < LANDFORM_CONTINENTS; i++)
        c.continents[i] = noise_cursor(&land->continents[i], spacing_m);
    c.belt = noise_cursor(&land->belt, spacing_m);
    c.belt_strength = noise_cursor(&land->belt_strength, spacing_m);
    c.hills = noise_cursor(&land->hills, spacing_m);
    c.massif = noise_cursor(&land->massif, spacing_m);
    c.temperature = noise_cursor(&land->temperature, spacing_m);
    for (int i = 0; i < LANDFORM_MOISTURES; i++)
        c.moisture[i] = noise_cursor(&land->moisture[i], spacing_m);
    c.hue = noise_cursor(&land->hue, spacing_m);
    c.soil = noise_cursor(&land->soil, spacing_m);
    for (int i = 0; i < LANDFORM_WARPS; i++)
        c.warps[i] = noise_cursor(&land->warps[i], spacing_m);
    for (int i = 0; i < LANDFORM_ROCKS; i++)
        c.rocks[i] = noise_cursor(&land->rocks[i], spacing_m);
    c.climate = climate;
    return c;
}

static inline void landform_cursors_row(LandformCursors *c, int64_t x_m, int64_t z_m)
{
    for (int i = 0; i < LANDFORM_CONTINENTS; i++)
        noise_cursor_row(&c->continents[i], x_m, z_m);
    noise_cursor_row(&c->belt, x_m, z_m);
    noise_cursor_row(&c->belt_strength, x_m, z_m);
    noise_cursor_row(&c->hills, x_m, z_m);
    noise_cursor_row(&c->massif, x_m, z_m);
    noise_cursor_row(&c->temperature, x_m, z_m);
    for (int i = 0; i < LANDFORM_MOISTURES; i++)
        noise_cursor_row(&c->moisture[i], x_m, z_m);
    noise_cursor_row(&c->hue, x_m, z_m);
    noise_cursor_row(&c->soil, x_m, z_m);
    for (int i = 0; i < LANDFORM_WARPS; i++)
        noise_cursor_row(&c->warps[i], x_m, z_m);
    for (int i = 0; i < LANDFORM_ROCKS; i++)
        noise_cursor_row(&c->rocks[i], x_m, z_m);
    c->x_m = x_m;
    c->z_m = z_m;
}

// The waves at points (x, z) metres from the cursors' first.
static inline LandformWaves landform_waves_at(const Landform *land, const LandformCursors *cursors,
                                              LanesI x_m, LanesI z_m)
{
    LandformCursors c = *cursors;
    for (int i = 0; i < LANDFORM_CONTINENTS; i++)
        noise_cursor_scatter(&c.continents[i], x_m, z_m);
    noise_cursor_scatter(&c.belt, x_m, z_m);
    noise_cursor_scatter(&c.belt_strength, x_m, z_m);
    noise_cursor_scatter(&c.hills, x_m, z_m);
    noise_cursor_scatter(&c.massif, x_m, z_m);
    noise_cursor_scatter(&c.moisture[0], x_m, z_m);
    for (int i = 0; i < LANDFORM_ROCKS; i++)
        noise_cursor_scatter(&c.rocks[i], x_m, z_m);
    LandformWaves w = landform_waves(land, &c, 0, landform_home_metres(c.x_m) + lanes_float(x_m),
                                     landform_home_metres(c.z_m) + lanes_float(z_m));
    landform_volcano(land, &c, x_m, z_m, &w);
    return w;
}

// Displaces the rivers so that they wind: by the slope of waves, turned by 60 degrees.
static inline void landform_wind(const LandformCursors *c, int block, LanesF out[2])
{
    static const float REACH_M2[LANDFORM_WARPS] = {270.0f * 6500.0f, 95.0f * 1900.0f,
                                                   20.0f * 500.0f};
    out[0] = out[1] = lanes_set(0.0f);
    for (int i = 0; i < LANDFORM_WARPS; i++) {
        NoiseSample n = noise_sample(&c->warps[i], block);
        out[0] += REACH_M2[i] * (0.5f * n.slope_x - 0.866f * n.slope_z);
        out[1] += REACH_M2[i] * (0.866f * n.slope_x + 0.5f * n.slope_z);
    }
}

// From places among the rivers to where these show in the land, within some metres.
static inline void landform_unwind(const LandformCursors *cursors, LanesI place[2])
{
    LandformCursors c = *cursors;
    LanesI x = place[0], z = place[1];
    for (int step = 0; step < 4; step++) {
        LanesF wind[2];
        for (int i = 0; i < LANDFORM_WARPS; i++)
            noise_cursor_scatter(&c.warps[i], place[0], place[1]);
        landform_wind(&c, 0, wind);
        place[0] = x - lanes_round(wind[0]);
        place[1] = z - lanes_round(wind[1]);
    }
}

// What else makes a land's character, beside the height and steepness of its rivers.
static inline void landform_provinces(const LandformWaves *w, const LandformGround *g,
                                      LanesF sea_celsius, LanesF *out)
{
    LanesF sea = sea_celsius + 2.0f * w->hills; // the climate itself is not always there
    LanesF celsius = sea - LANDFORM_LAPSE_C_PER_M * lanes_max(g->height, lanes_set(0.0f));
    LanesF shore = lanes_smooth(lanes_abs(w->continent), 0.30f, 0.15f);
    LanesF mountains = lanes_smooth(g->belt, 0.10f, 0.45f), off = 1.0f - mountains;
    out[LANDFORM_BASE] = g->height;
    out[LANDFORM_ALPINE] = mountains * lanes_smooth(celsius, 10.0f, 6.0f);
    out[LANDFORM_FJORD] = 300.0f * out[LANDFORM_ALPINE] * lanes_smooth(sea, 8.0f, 4.0f) *
                          lanes_smooth(g->height, 500.0f, 60.0f);
    out[LANDFORM_MESA] = g->mesa;
    out[LANDFORM_BEDS] = 110.0f * w->hills + 60.0f * w->massif;
    out[LANDFORM_DUNE] = g->dune * lanes_smooth(sea, 4.0f, 9.0f);
    out[LANDFORM_KARST] = off * lanes_smooth(w->arid, 0.02f, 0.20f) * (1.0f - w->home) *
                          lanes_smooth(sea, 13.0f, 17.0f) * lanes_smooth(w->hills, -0.05f, 0.20f) *
                          lanes_smooth(w->continent, -0.05f, 0.06f);
    out[LANDFORM_BADLAND] = g->badland;
    out[LANDFORM_CLIFF] = 65.0f * shore * off * lanes_smooth(w->massif, -0.05f, 0.20f) *
                          lanes_smooth(g->steep, 0.50f, 0.25f) * (1.0f - g->mesa);
    out[LANDFORM_CONE] = w->cone;
}

static inline void landform_lattice_block(const LandformGrid *grid, const LandformLattice *lattice,
                                          const LandformCursors *c, int row, int block)
{
    int64_t z_m = lattice->z_m + (int64_t)row * lattice->spacing_m;
    int64_t x_m = lattice->x_m + ((int64_t)block * TERRAIN_LANES - 1) * lattice->spacing_m;
    LanesF x = landform_home_metres(x_m) + lanes_float(lanes_iota() * lattice->spacing_m);
    LanesF z = lanes_set(landform_home_metres(z_m)), wind[2];
    LandformWaves w = landform_waves(grid->landform, c, block, x, z);
    landform_volcano(grid->landform, c, (lanes_iota() + block * TERRAIN_LANES) * lattice->spacing_m,
                     lanes_iota() * 0, &w);
    LandformGround ground = landform_base(&w);
    landform_wind(c, block, wind);
    LanesF values[LANDFORM_FIELD_COUNT] = {
        [LANDFORM_WARP_X] = wind[0],
        [LANDFORM_WARP_Z] = wind[1],
        [LANDFORM_STEEP] = ground.side,
        [LANDFORM_TEMPERATURE] = w.temperature + landform_latitude_celsius(z_m),
        [LANDFORM_MOISTURE] = w.moisture,
        [LANDFORM_HUE] = w.hue,
        [LANDFORM_SOIL] = w.soil - lanes_smooth(w.cone, 0.0f, 200.0f),
    };
    landform_provinces(&w, &ground, lanes_set(landform_latitude_celsius(z_m)), values);
    float *to = lattice->fields + row * lattice->pitch + block * TERRAIN_LANES - 1;
    int fields = c->climate ? LANDFORM_FIELD_COUNT : LANDFORM_SHAPE_FIELDS;
    for (int i = 0; i < fields; i++)
        lanes_store(to + i * lattice->field_stride, values[i]);
}

// Turns values at lattice points into spline weights: c = f - (second difference of f) / 6 along
// one axis, after which the spline meets the values to fourth order instead of second.
static inline void landform_sharpen_row(const float *before, const float *here, const float *after,
                                        int count, float *out)
{
    for (int i = 0; i < count; i++)
        out[i] = here[i] * (4.0f / 3.0f) - (before[i] + after[i]) * (1.0f / 6.0f);
}

static inline void landform_sharpen(const LandformLattice *l, int field)
{
    float rows[2][LANDFORM_COLUMNS_MAX];
    float *from = l->fields + field * l->field_stride - l->pitch - 1;
    int columns = l->columns + 2;
    size_t bytes = sizeof(float) * (size_t)columns;
    for (int row = 0; row < l->rows + 2; row++) {
        memcpy(rows[0], from + row * l->pitch, bytes);
        landform_sharpen_row(rows[0], rows[0] + 1, rows[0] + 2, l->columns,
                             from + row * l->pitch + 1);
    }
    memcpy(rows[0], from, bytes);
    for (int row = 1; row <= l->rows; row++) {
        float *here = from + row * l->pitch;
        memcpy(rows[row & 1], here, bytes);
        landform_sharpen_row(rows[~row & 1], rows[row & 1], here + l->pitch, columns, here);
    }
}

// Looks at the ring around the lattice too.
static inline uint32_t landform_present(const LandformLattice *l, int fields)
{
    uint32_t present = 0;
    for (int i = 0; i < fields; i++) {
        const float *from = l->fields + i * l->field_stride - l->pitch - 1;
        LanesF zero = lanes_set(0.0f), size = zero;
        for (int row = 0; row < l->rows + 2; row++)
            for (int k = 0; k < l->columns + 2; k += TERRAIN_LANES)
                size = lanes_max(size, lanes_abs(lanes_load(from + row * l->pitch + k)));
        present |= (uint32_t)(lanes_less(zero, size) != 0) << i;
    }
    return present;
}

static inline void landform_fill_lattice(const LandformGrid *grid, LandformLattice *lattice)
{
    LandformCursors c = landform_cursors(grid->landform, lattice->spacing_m, grid->climate);
    int fields = grid->climate ? LANDFORM_FIELD_COUNT : LANDFORM_SHAPE_FIELDS;
    int blocks = (lattice->columns + 2 + TERRAIN_LANES - 1) / TERRAIN_LANES;
    for (int row = -1; row <= lattice->rows; row++) {
        int64_t z_m = lattice->z_m + (int64_t)row * lattice->spacing_m;
        landform_cursors_row(&c, lattice->x_m - lattice->spacing_m, z_m);
        for (int block = 0; block < blocks; block++)
            landform_lattice_block(grid, lattice, &c, row, block);
    }
    lattice->present = landform_present(lattice, fields);
    for (int i = 0; i < fields; i++)
        if (lattice->present >> i & 1u)
            landform_sharpen(lattice, i);
}

// -- from the lattice to rows of points --------------------------------------

#define LANDFORM_SPREAD_MAX 256 // (144 + 16 + 3 * 16) points, rounded up

// Repeats each lattice value for the points of its cell, so that the spline reads plain vectors.
static inline void landform_spread(const float *from, int columns, int step, float *to)
{
    for (int i = 0; i < columns; i++)
        for (int k = 0; k < step; k += TERRAIN_LANES) // what is too much is overwritten
            lanes_store(to + i * step + k, lanes_set(from[i]));
    for (int k = 0; k < LANDFORM_PAD; k += TERRAIN_LANES) // what a row's padding reads
        lanes_store(to + columns * step + k, lanes_set(0.0f));
}

// Field `field` along grid row `row`, for `blocks` blocks of lanes.
static inline void landform_field_row(const LandformLattice *l, int field, int row, int blocks,
                                      float *out)
{
    float w[4], column[LANDFORM_SPREAD_MAX], spread[LANDFORM_SPREAD_MAX];
    int at = l->phase_z + row, cell = at / l->step;
    landform_weights(l->step, at - cell * l->step, w);
    const float *from = l->fields + field * l->field_stride + cell * l->pitch;
    for (int i = 0; i < l->columns; i += TERRAIN_LANES) {
        const float *p = from + i;
        lanes_store(column + i, w[0] * lanes_load(p) + w[1] * lanes_load(p + l->pitch) +
                                    w[2] * lanes_load(p + 2 * l->pitch) +
                                    w[3] * lanes_load(p + 3 * l->pitch));
    }
    landform_spread(column, l->columns, l->step, spread);
    for (int b = 0; b < blocks; b++) {
        int i = b * TERRAIN_LANES;
        const float *p = spread + i + l->phase_x, *k = l->weights + i;
        LanesF sum = lanes_load(k) * lanes_load(p);
        sum += lanes_load(k + l->weight_pitch) * lanes_load(p + l->step);
        sum += lanes_load(k + 2 * l->weight_pitch) * lanes_load(p + 2 * l->step);
        sum += lanes_load(k + 3 * l->weight_pitch) * lanes_load(p + 3 * l->step);
        lanes_store(out + i, sum);
    }
}
