// Purpose: the formulas that mix ground materials, TERRAIN_LANES texels at a time.
// Owns: nothing.
// Threads: any.
// Fails: never.
#pragma once
#include "terrain/biome.h"
#include "terrain/landform_lanes.h"
#include "world/source.h"

typedef struct BiomeColour {
    LanesF r, g, b;
    LanesF stone, woods, snow; // shares of the ground; the rest is open: plants, soil, sand
} BiomeColour;

// What the ground is like at a texel.
typedef struct BiomeGround {
    LanesF height_m;
    LanesF slope;       // rise over run, two texels wide
    LanesF broad_slope; // of the hillsides around
    LanesF hollow;    // mean of the neighbours above here, in texel sides: -0.06 crest, 0.06 hollow
    LanesF lie;       // 1 river bed, 0 hillside, -1 crest
    LanesF shore;     // metres into fresh water, less than 0 on land
    LanesF half;      // half the width of that water
    LanesF north;     // -1 faces south, 1 faces north
    LanesF celsius;   // at this height and aspect, mean of the year
    LanesF season_c;  // the same in this season
    LanesF moisture;  // with what the lie of the land adds
    LanesF lush;      // 1 in warm, wet climates, where plants cling to walls
    LanesF hue, soil; // one value per region, of plants and of soil
    LanesF dune;      // share of blown sand
    LanesF noise[BIOME_TEXTURES]; // 0 where the texel is too big
} BiomeGround;

static inline void biome_lay(const Biome *biome, BiomeColour *under, BiomeMaterial material,
                             LanesF cover)
{
    const float *c = biome->colours[material];
    under->r += (c[0] - under->r) * cover;
    under->g += (c[1] - under->g) * cover;
    under->b += (c[2] - under->b) * cover;
    under->stone += ((material <= BIOME_SCREE ? 1.0f : 0.0f) - under->stone) * cover;
    under->woods -= under->woods * cover;
    under->snow += ((material == BIOME_SNOW ? 1.0f : 0.0f) - under->snow) * cover;
}

// -- which biome -------------------------------------------------------------

static inline void biome_over(LanesF *weights, BiomeKind kind, LanesF cover)
{
    for (int i = 0; i < (int)kind; i++)
        weights[i] *= 1.0f - cover;
    weights[kind] = cover;
}

// Shares of the planted biomes: nearness in temperature and moisture, then what the land itself
// makes. All continuous; noise of 0.4 to 4 km lets them reach into each other.
static inline void biome_weights(const Biome *biome, const BiomeGround *g, LanesF *weights)
{
    LanesF stray = 0.5f * g->noise[3] + 0.6f * g->noise[4] + 0.5f * g->noise[5];
    LanesF celsius = g->celsius + 1.6f * stray, moisture = g->moisture + 0.06f * stray;
    LanesF sum = lanes_set(0.0f);
    for (int i = 0; i < BIOME_CLIMATES; i++) {
        LanesF t = (celsius - biome->celsius[i]) * (1.0f / 7.0f);
        LanesF m = (moisture - biome->moisture[i]) * (1.0f / 0.15f);
        LanesF away = t * t + m * m + 0.1f;
        weights[i] = 1.0f / (away * away * away);
        sum += weights[i];
    }
    sum = 1.0f / sum;
    for (int i = 0; i < BIOME_CLIMATES; i++)
        weights[i] *= sum;
    LanesF badland = lanes_ramp(moisture, 0.42f, 0.32f) * lanes_ramp(celsius, 4.0f, 9.0f) *
                     lanes_ramp(g->soil + 0.3f * stray, 0.05f, 0.25f) *
                     lanes_ramp(g->broad_slope, 0.02f, 0.07f);
    biome_over(weights, BIOME_BADLAND, badland);
    LanesF alpine = lanes_ramp(celsius, 3.0f, 0.5f) * lanes_ramp(g->broad_slope, 0.08f, 0.2f);
    biome_over(weights, BIOME_ALPINE, alpine);
    LanesF marsh = lanes_ramp(g->broad_slope, 0.06f, 0.03f) * lanes_ramp(g->slope, 0.05f, 0.02f) *
                   lanes_ramp(moisture + 0.1f * g->noise[2], 0.64f, 0.74f);
    biome_over(weights, BIOME_WETLAND, marsh);
}

// -- plants and soil ---------------------------------------------------------

// By how much steeper walls may be where it is warm and wet: plants cling to the towers of a karst.
#define BIOME_CLING 0.30f

static inline void biome_traits(const Biome *biome, const LanesF *weights, LanesF *out)
{
    for (int k = 0; k < BIOME_TRAIT_COUNT; k++) {
        out[k] = lanes_set(0.0f);
        for (int i = 0; i < BIOME_PLANTED; i++)
            out[k] += biome->traits[i][k] * weights[i];
    }
}

// Regions differ: plants from bluish to yellowish, soil from grey to red.
static inline void biome_hue(LanesF *rgb, LanesF warm, float red, float blue)
{
    rgb[0] *= 1.0f + red * warm;
    rgb[2] *= 1.0f - blue * warm;
}

static inline BiomeColour biome_plants(const BiomeGround *g, LanesF *traits)
{
    const LanesF *n = g->noise;
    biome_hue(traits + BIOME_GREEN_R, g->hue, 0.09f, 0.06f);
    biome_hue(traits + BIOME_CANOPY_R, g->hue, 0.07f, 0.07f);
    biome_hue(traits + BIOME_DRY_R, g->soil, 0.06f, 0.09f);
    // Dry ground on spurs and sunny slopes, lush ground in hollows and along rivers.
    LanesF dry = 0.20f * n[0] + 0.45f * n[1] - 0.40f * n[2] + 0.45f * n[3] - 0.35f * n[4];
    dry += 1.5f * (traits[BIOME_BARE] - 0.5f) - 5.0f * g->hollow - 0.3f * g->lie - 0.3f * g->north;
    dry -= 0.3f * g->lush;
    dry = 0.85f * lanes_ramp(dry, -0.12f, 0.12f) + 0.15f * lanes_ramp(dry, -0.8f, 0.8f);
    // Woods stand in patches with sharp edges, thin out over a few degrees up to the tree line,
    // and keep off cliffs.
    LanesF woods =
        0.14f * n[0] + 0.32f * n[1] + 0.50f * n[2] + 0.55f * n[3] + 0.5f * n[4] + 0.35f * n[5];
    woods += 1.6f * (traits[BIOME_TREES] - 0.5f) + 3.0f * g->hollow + 0.25f * g->north;
    woods += 0.3f * lanes_ramp(g->broad_slope, 0.05f, 0.2f) -
             1.3f * lanes_ramp(g->slope + 0.2f * n[1] - BIOME_CLING * g->lush, 0.62f, 0.90f);
    woods -= 1.4f * lanes_ramp(g->celsius, 4.0f, 0.5f);
    woods += g->lush * (0.20f + 0.65f * lanes_ramp(g->slope, 0.1f, 0.4f));
    LanesF cover = lanes_ramp(woods, -0.035f, 0.035f);
    LanesF *open = traits + BIOME_GREEN_R, *canopy = traits + BIOME_CANOPY_R;
    for (int k = 0; k < 3; k++) {
        open[k] += (traits[BIOME_DRY_R + k] - open[k]) * dry;
        open[k] *= 1.0f + 0.05f * n[2] + 0.05f * n[1];
        canopy[k] *= 1.0f + 0.17f * n[0] + 0.10f * n[1] - 0.09f * n[2] + 0.10f * n[3];
        open[k] += (canopy[k] - open[k]) * (0.94f * cover);
    }
    LanesF none = lanes_set(0.0f);
    return (BiomeColour){open[0], open[1], open[2], none, cover, none};
}

// -- stone, sand, snow, sea floor --------------------------------------------

// Beds of rock, thinner where the texels are fine enough to show them: about -1 .. 1.
static inline LanesF biome_strata(const BiomeGround *g, int texel_m)
{
    float part = 2.0f - (float)texel_m * 0.125f; // a bed is some 24 m thick
    if (part <= 0.0f)
        return lanes_set(0.0f);
    LanesF at = g->height_m * (1.0f / 24.0f) + 1.1f * g->noise[3] + 0.5f * g->noise[2];
    LanesF r = at - ((at + 12582912.0f) - 12582912.0f);
    return (part < 1.0f ? part : 1.0f) * (lanes_abs(r) * 4.0f - 1.0f);
}

static inline void biome_shade(BiomeColour *c, LanesF light)
{
    c->r *= light;
    c->g *= light;
    c->b *= light;
}

static inline LanesF biome_ragged(const BiomeGround *g)
{
    return 0.6f * g->noise[0] + 0.6f * g->noise[1] + 0.3f * g->noise[2] + 0.2f * g->noise[3];
}

// 1 on the beach, as far as it is flat.
static inline LanesF biome_shore(const BiomeGround *g)
{
    return lanes_ramp(g->height_m + 1.6f * g->noise[2] + 1.0f * g->noise[0], 3.4f, 2.4f);
}

// Above 0 snow lies: colder than the line, later on south faces, longer in hollows.
static inline LanesF biome_frost(const BiomeGround *g, LanesF ragged)
{
    return -2.8f - g->season_c + 0.6f * g->north + 1.8f * ragged + 15.0f * g->hollow +
           1.2f * g->lie;
}

static inline void biome_stone(const BiomeGrid *grid, const BiomeGround *g, BiomeColour *out)
{
    const Biome *biome = grid->biome;
    const LanesF *n = g->noise;
    LanesF ragged = biome_ragged(g);
    LanesF cold = lanes_ramp(g->celsius, 5.0f, -3.0f), strata = biome_strata(g, grid->texel_m);
    LanesF none = lanes_set(0.0f);
    BiomeColour rock = {none, none, none, none, none, none};
    biome_lay(biome, &rock, BIOME_ROCK, lanes_set(1.0f));
    biome_lay(biome, &rock, BIOME_OCHRE, 0.9f * lanes_ramp(g->soil + 0.25f * strata, 0.0f, 0.45f));
    biome_lay(biome, &rock, BIOME_DARK, 0.8f * lanes_ramp(g->soil, -0.1f, -0.5f));
    biome_lay(biome, &rock, BIOME_LIME, g->lush * lanes_ramp(g->soil, -0.5f, -0.1f));
    biome_shade(&rock, 1.0f + 0.05f * strata + 0.08f * n[0] + 0.05f * n[2]);
    // Rock where it is steep, and on spurs and crests; debris at the foot of it.
    LanesF steep = g->slope + (0.24f + 0.26f * g->lush) * ragged - 0.10f * g->lie -
                   2.0f * g->hollow + 0.14f * cold + 0.03f * strata - BIOME_CLING * g->lush;
    LanesF foot = g->slope - BIOME_CLING * g->lush + 0.26f * (n[2] - 0.5f * n[1] + 0.4f * n[0]) +
                  2.5f * g->hollow;
    biome_lay(biome, out, BIOME_SCREE,
              (0.25f + 0.65f * cold) * lanes_ramp(foot + 0.10f * cold, 0.78f, 0.84f));
    LanesF barren = lanes_ramp(g->celsius + 2.2f * ragged, -2.5f, -3.4f);
    biome_lay(biome, out, BIOME_SCREE, 0.85f * barren);
    LanesF bare = 0.95f * lanes_ramp(steep, 0.81f, 0.93f);
    out->r += (rock.r - out->r) * bare;
    out->g += (rock.g - out->g) * bare;
    out->b += (rock.b - out->b) * bare;
    out->stone += (1.0f - out->stone) * bare;
    out->woods -= out->woods * bare;
    LanesF blown = g->dune + 0.10f * ragged - 0.15f * n[4];
    biome_lay(biome, out, BIOME_SAND, 0.97f * lanes_ramp(blown, 0.30f, 0.45f));
    biome_lay(biome, out, BIOME_SAND, biome_shore(g) * lanes_ramp(g->slope, 0.22f, 0.14f));
    // Snow slides off cliffs.
    LanesF holds = lanes_ramp(steep, 1.02f, 0.95f);
    biome_lay(biome, out, BIOME_SNOW, lanes_ramp(biome_frost(g, ragged), 0.0f, 0.3f) * holds);
    LanesF depth = -g->height_m;
    LanesF under = lanes_ramp(depth, 0.4f, 2.0f);
    biome_lay(biome, out, BIOME_SHALLOW, under * (0.8f + 0.15f * ragged));
    biome_lay(biome, out, BIOME_DEEP, lanes_ramp(depth, 4.0f, 120.0f));
}

// Rivers narrower than CHUNK_SHORE_THIN are held as if they were so wide: a narrower line between texels breaks into
// dots. They are the fainter instead.
static inline void biome_widen(const BiomeGrid *grid, BiomeGround *g)
{
    LanesF thin = lanes_set(CHUNK_SHORE_THIN * (float)grid->texel_m);
    g->shore += lanes_max(thin - g->half, lanes_set(0.0f));
}

// Where it is cold, water is ice with snow on it; ice grows from the shores. Brooks tint the ground, the fainter the
// narrower they are.
static inline void biome_freeze(const BiomeGrid *grid, BiomeGround *g, BiomeColour *out)
{
    const LanesF *n = g->noise;
    float per_texel = 1.0f / (float)grid->texel_m;
    LanesF wet = lanes_clamp01(0.8f + per_texel * g->shore);
    LanesF wide = lanes_min(per_texel * (1.0f / CHUNK_SHORE_THIN) * g->half, lanes_set(1.0f));
    wet *= wide;
    wet *= lanes_ramp(g->season_c, -4.0f, -1.0f); // snow lies on brooks
    biome_lay(grid->biome, out, BIOME_WET, 0.85f * wet);
    LanesF reach = (-2.5f - g->season_c) * 120.0f + 15.0f * n[2] + 30.0f * n[3];
    reach = lanes_max(reach, lanes_set(0.0f));
    LanesF ice = lanes_ramp(reach - g->shore, 0.0f, 4.0f) * lanes_ramp(g->shore, 0.0f, 1.0f);
    ice *= lanes_clamp01(2.0f * wide - 1.0f);
    biome_lay(grid->biome, out, BIOME_FROZEN, ice);
    LanesF drift = lanes_ramp(0.7f * n[1] + 0.6f * n[2] + 0.4f * n[3], -0.3f, 0.1f);
    biome_lay(grid->biome, out, BIOME_SNOW, ice * drift);
    g->shore -= reach;
}

// How steeply the shores of a brook close where it gets too faint to see.
#define BIOME_BROOK_END 1000.0f

// Metres into water, finest at the shore: 128 there, less on land, and less where nothing is seen of a brook.
static inline LanesU biome_water(const BiomeGrid *grid, const BiomeGround *g)
{
    float thin = CHUNK_SHORE_THIN * (float)grid->texel_m;
    LanesF shore = g->shore - BIOME_BROOK_END * lanes_max(0.5f * thin - g->half, lanes_set(0.0f));
    LanesF part = shore / (lanes_abs(shore) + CHUNK_SHORE_TEXELS * (float)grid->texel_m);
    return (LanesU)lanes_round(128.0f + 127.0f * part);
}

static inline LanesU biome_width(const BiomeGrid *grid, const BiomeGround *g)
{
    LanesF part = g->half / (g->half + CHUNK_SHORE_TEXELS * (float)grid->texel_m);
    return (LanesU)lanes_round(255.0f * part);
}

static inline LanesU biome_byte(LanesF value)
{
    return (LanesU)lanes_round(lanes_clamp01(value) * 255.0f);
}

// The chunk's tint without the width of its water.
static inline LanesU biome_pack_tint(const BiomeColour *c)
{
    return biome_byte(c->r) | (biome_byte(c->g) << 8) | (biome_byte(c->b) << 16);
}

// The chunk's matter without its fresh water.
static inline LanesU biome_pack_matter(const BiomeColour *c)
{
    return (biome_byte(c->stone) << 8) | (biome_byte(c->woods) << 16) | (biome_byte(c->snow) << 24);
}

#define BIOME_FIELDS 6

typedef struct BiomeRow {
    const float *north, *here, *south; // heights of three rows, texel -1 first
    const float *lie, *shore, *half;   // texel -1 first
    float (*fields)[BIOME_PITCH];      // temperature, moisture, hue, soil, steepness, dunes
    const NoiseCursor *textures;
} BiomeRow;

static inline LanesF biome_texture(const BiomeGrid *grid, const BiomeRow *row, int index, int block)
{
    // A noise finer than 2.5 texels would only sparkle; it comes in gently, so that levels agree.
    float part = (grid->biome->textures[index].wavelength_m / (float)grid->texel_m - 2.4f) * 0.5f;
    if (part <= 0.0f)
        return lanes_set(0.0f);
    return noise_value(&row->textures[index], block) * (part < 1.0f ? part : 1.0f);
}

static inline BiomeGround biome_ground(const BiomeGrid *grid, const BiomeRow *row, int block)
{
    int i = block * TERRAIN_LANES;
    float inverse = 1.0f / (float)grid->texel_m;
    LanesF west = lanes_load(row->here + i), east = lanes_load(row->here + i + 2);
    LanesF north = lanes_load(row->north + i + 1), south = lanes_load(row->south + i + 1);
    LanesF x = (east - west) * (0.5f * inverse), z = (south - north) * (0.5f * inverse);
    LanesF steep = lanes_load(row->fields[4] + i);
    BiomeGround g;
    g.height_m = lanes_load(row->here + i + 1);
    g.slope = lanes_sqrt(x * x + z * z + grid->lost_slope2 * steep * steep);
    g.broad_slope = 0.5f * steep;
    LanesF hollow = (0.25f * (west + east + north + south) - g.height_m) * inverse;
    g.hollow = lanes_min(lanes_max(hollow, lanes_set(-0.06f)), lanes_set(0.06f));
    g.north = z / (0.35f + lanes_abs(z));
    g.lie = lanes_load(row->lie + i + 1);
    g.shore = lanes_load(row->shore + i + 1);
    g.half = lanes_load(row->half + i + 1);
    // 0.7 degrees are 110 m of tree line, either way.
    g.celsius = lanes_load(row->fields[0] + i) -
                LANDFORM_LAPSE_C_PER_M * lanes_max(g.height_m, lanes_set(0.0f)) - 0.7f * g.north;
    g.season_c = g.celsius + grid->biome->season_c;
    g.moisture = lanes_load(row->fields[1] + i) + 0.07f * g.north + 0.02f * g.lie +
                 0.10f * lanes_max(g.lie, lanes_set(0.0f));
    g.lush = lanes_ramp(g.celsius, 13.0f, 18.0f) * lanes_ramp(g.moisture, 0.52f, 0.62f);
    g.hue = lanes_load(row->fields[2] + i);
    g.soil = lanes_load(row->fields[3] + i);
    g.dune = lanes_load(row->fields[5] + i);
    // Brooks and small rivers seep away among dunes; greater ones come through.
    LanesF lost = g.half * lanes_ramp(g.dune, 0.10f, 0.30f) * lanes_ramp(g.half, 8.0f, 4.0f);
    g.half -= lost;
    g.shore -= lost;
    for (int k = 0; k < BIOME_TEXTURES; k++)
        g.noise[k] = biome_texture(grid, row, k, block);
    return g;
}

// What the rows of a grid share.
typedef struct BiomeWalk {
    _Alignas(64) float fields[BIOME_FIELDS][BIOME_PITCH];
    NoiseCursor textures[BIOME_TEXTURES];
} BiomeWalk;

#define BIOME_BLOCKS ((CHUNK_TINT_SIDE + TERRAIN_LANES - 1) / TERRAIN_LANES)

static inline void biome_walk(const BiomeGrid *grid, BiomeWalk *walk)
{
    for (int i = 0; i < BIOME_TEXTURES; i++)
        walk->textures[i] = noise_cursor(&grid->biome->textures[i], grid->texel_m);
}

static inline BiomeRow biome_walk_row(const BiomeGrid *grid, BiomeWalk *walk, int row)
{
    static const LandformField FIELDS[BIOME_FIELDS] = {LANDFORM_TEMPERATURE, LANDFORM_MOISTURE,
                                                       LANDFORM_HUE,         LANDFORM_SOIL,
                                                       LANDFORM_STEEP,       LANDFORM_DUNE};
    for (int i = 0; i < BIOME_FIELDS; i++)
        landform_field_row(grid->lattice, (int)FIELDS[i], row, BIOME_BLOCKS, walk->fields[i]);
    for (int i = 0; i < BIOME_TEXTURES; i++)
        noise_cursor_row(&walk->textures[i], grid->x_m, grid->z_m + (int64_t)row * grid->texel_m);
    const float *here = grid->heights_m + (row + 1) * BIOME_PITCH;
    return (BiomeRow){here - BIOME_PITCH,
                      here,
                      here + BIOME_PITCH,
                      grid->lie + (row + 1) * BIOME_PITCH,
                      grid->shore + (row + 1) * BIOME_PITCH,
                      grid->half + (row + 1) * BIOME_PITCH,
                      walk->fields,
                      walk->textures};
}

static inline void biome_rows(const BiomeGrid *grid, uint32_t *tint, uint32_t *matter)
{
    _Alignas(64) uint32_t packed[2][BIOME_PITCH];
    BiomeWalk walk;
    biome_walk(grid, &walk);
    for (int j = 0; j < CHUNK_TINT_SIDE; j++) {
        BiomeRow row = biome_walk_row(grid, &walk, j);
        for (int block = 0; block < BIOME_BLOCKS; block++) {
            BiomeGround ground = biome_ground(grid, &row, block);
            LanesF weights[BIOME_PLANTED], traits[BIOME_TRAIT_COUNT];
            biome_weights(grid->biome, &ground, weights);
            biome_traits(grid->biome, weights, traits);
            BiomeColour colour = biome_plants(&ground, traits);
            biome_stone(grid, &ground, &colour);
            biome_widen(grid, &ground);
            biome_freeze(grid, &ground, &colour);
            LanesU texel[2] = {biome_pack_tint(&colour) | (biome_width(grid, &ground) << 24),
                               biome_pack_matter(&colour) | biome_water(grid, &ground)};
            memcpy(packed[0] + block * TERRAIN_LANES, &texel[0], sizeof texel[0]);
            memcpy(packed[1] + block * TERRAIN_LANES, &texel[1], sizeof texel[1]);
        }
        size_t bytes = sizeof(uint32_t) * CHUNK_TINT_SIDE;
        memcpy(tint + j * CHUNK_TINT_SIDE, packed[0], bytes);
        memcpy(matter + j * CHUNK_TINT_SIDE, packed[1], bytes);
    }
}

// -- layers ------------------------------------------------------------------

// Number of the biome with the greatest share; ice, beach and ocean where nothing grows.
static inline LanesF biome_kind(const Biome *biome, const BiomeGround *g)
{
    LanesF weights[BIOME_PLANTED], kind = lanes_set(0.0f);
    biome_weights(biome, g, weights);
    LanesF best = weights[0];
    for (int i = 1; i < BIOME_PLANTED; i++) {
        LanesI better = weights[i] > best;
        kind = lanes_select(better, lanes_set((float)i), kind);
        best = lanes_max(best, weights[i]);
    }
    LanesI ice = biome_frost(g, biome_ragged(g)) > lanes_set(0.15f);
    LanesI beach = lanes_both(biome_shore(g) > lanes_set(0.5f), g->slope < lanes_set(0.18f));
    kind = lanes_select(ice, lanes_set((float)BIOME_ICE), kind);
    kind = lanes_select(beach, lanes_set((float)BIOME_BEACH), kind);
    return lanes_select(g->height_m < lanes_set(0.0f), lanes_set((float)BIOME_OCEAN), kind);
}

static inline void biome_layer_rows(const BiomeGrid *grid, int layer, float *out)
{
    _Alignas(64) float values[BIOME_PITCH];
    BiomeWalk walk;
    biome_walk(grid, &walk);
    for (int j = 0; j < CHUNK_TINT_SIDE; j++) {
        BiomeRow row = biome_walk_row(grid, &walk, j);
        for (int block = 0; block < BIOME_BLOCKS; block++) {
            BiomeGround g = biome_ground(grid, &row, block);
            LanesF value = layer == SOURCE_LAYER_TEMPERATURE ? g.celsius
                           : layer == SOURCE_LAYER_MOISTURE  ? lanes_clamp01(g.moisture)
                                                             : biome_kind(grid->biome, &g);
            lanes_store(values + block * TERRAIN_LANES, value);
        }
        memcpy(out + j * CHUNK_TINT_SIDE, values, sizeof(float) * CHUNK_TINT_SIDE);
    }
}
