// Purpose: the formulas that mix ground materials, TERRAIN_LANES texels at a time.
// Owns: nothing.
// Threads: any.
// Fails: never.
#pragma once
#include "terrain/biome.h"
#include "terrain/landform_lanes.h"
#include "world/chunk.h"

typedef struct BiomeColour {
    LanesF r, g, b, roughness;
} BiomeColour;

// What the ground is like at a texel.
typedef struct BiomeGround {
    LanesF height_m;
    LanesF slope;       // rise over run, two texels wide
    LanesF broad_slope; // of the hillsides around
    LanesF hollow;  // mean of the neighbours above here, in texel sides: -0.06 crest, 0.06 hollow
    LanesF north;   // -1 faces south, 1 faces north
    LanesF celsius; // at this height
    LanesF moisture, hue;
    LanesF grain, patch, region; // noise of 14 m, 120 m, 1-4 km; 0 where the texel is too big
} BiomeGround;

static inline void biome_lay(const Biome *biome, BiomeColour *under, BiomeMaterial material,
                             LanesF cover, float roughness)
{
    const float *c = biome->colours[material];
    under->r += (c[0] - under->r) * cover;
    under->g += (c[1] - under->g) * cover;
    under->b += (c[2] - under->b) * cover;
    under->roughness += (roughness - under->roughness) * cover;
}

// Grass, forest, turf and bare soil of flat to moderate ground.
static inline BiomeColour biome_plants(const Biome *biome, const BiomeGround *g)
{
    BiomeColour out = {lanes_set(0.0f), lanes_set(0.0f), lanes_set(0.0f), lanes_set(0.9f)};
    LanesF ragged = 0.35f * g->patch + 0.20f * g->grain + 0.6f * g->region;
    LanesF wet = g->moisture + 0.05f * g->region + 2.2f * g->hollow;
    LanesF one = lanes_set(1.0f);
    biome_lay(biome, &out, BIOME_MEADOW, one, 0.9f);
    biome_lay(biome, &out, BIOME_STRAW, lanes_ramp(wet + 0.05f * ragged, 0.52f, 0.28f), 0.9f);
    LanesF heat = lanes_ramp(g->celsius, 9.0f, 15.0f);
    LanesF desert = lanes_ramp(wet + 0.10f * ragged, 0.33f, 0.2f) * heat;
    biome_lay(biome, &out, BIOME_DESERT, desert, 0.95f);
    biome_lay(biome, &out, BIOME_SOIL, 0.7f * lanes_ramp(ragged - 5.0f * g->hollow, 0.5f, 0.7f),
              0.95f);
    biome_lay(biome, &out, BIOME_TURF, lanes_ramp(g->celsius + 1.5f * ragged, 3.4f, 1.0f), 0.9f);
    // Forest: moist, not too cold (colder on north faces), not too steep; edges follow the noise.
    LanesF woods = 2.6f * (wet - 0.60f) + 0.16f * ragged + 0.34f * g->region + 0.30f * g->hue +
                   0.6f * lanes_ramp(g->broad_slope, 0.03f, 0.30f);
    LanesF line = lanes_ramp(g->celsius + 1.3f * ragged - 0.8f * g->north, 1.2f, 2.2f);
    LanesF cover = lanes_ramp(woods, 0.20f, 0.30f) * line * lanes_ramp(g->slope, 1.0f, 0.85f);
    biome_lay(biome, &out, BIOME_FOREST, 0.93f * cover, 0.85f);
    LanesF leaves = lanes_ramp(g->celsius + 2.0f * ragged, 7.0f, 11.0f);
    biome_lay(biome, &out, BIOME_BROADLEAF, 0.9f * cover * leaves, 0.85f);
    return out;
}

// Scree, rock, sand and snow over it; the sea floor under all.
static inline void biome_stone(const Biome *biome, const BiomeGround *g, BiomeColour *out)
{
    LanesF ragged = 0.30f * g->patch + 0.22f * g->grain + 0.15f * g->region;
    LanesF cold = lanes_ramp(g->celsius, 4.0f, -3.0f);
    LanesF steep = g->slope + 0.35f * ragged - 1.2f * g->hollow;
    LanesF scree = lanes_ramp(steep + 0.12f * cold, 0.68f, 0.75f) * (0.2f + 0.8f * cold);
    biome_lay(biome, out, BIOME_SCREE, scree, 0.95f);
    biome_lay(biome, out, BIOME_ROCK, lanes_ramp(steep + 0.18f * cold, 0.92f, 1.00f), 0.8f);
    LanesF barren = lanes_ramp(g->celsius + 2.5f * ragged, -3.0f, -4.2f);
    biome_lay(biome, out, BIOME_SCREE, 0.8f * barren * lanes_ramp(steep, 0.90f, 0.82f), 0.95f);
    LanesF shore = lanes_ramp(g->height_m + 1.6f * g->patch + 1.0f * g->grain, 3.4f, 2.4f);
    biome_lay(biome, out, BIOME_SAND, shore * lanes_ramp(g->slope, 0.22f, 0.14f), 0.9f);
    // Snow lies colder than the line, later on south faces, longer in hollows, and slides off
    // cliffs.
    LanesF frost = -4.6f - g->celsius + 0.9f * g->north + 2.6f * ragged + 14.0f * g->hollow;
    LanesF holds = lanes_ramp(steep, 0.92f, 0.74f);
    biome_lay(biome, out, BIOME_SNOW, lanes_ramp(frost, 0.0f, 0.9f) * holds, 0.55f);
    LanesF depth = -g->height_m;
    LanesF under = lanes_ramp(depth, 0.4f, 2.0f);
    biome_lay(biome, out, BIOME_SHALLOW, under * (0.8f + 0.15f * ragged), 0.9f);
    biome_lay(biome, out, BIOME_DEEP, lanes_ramp(depth, 4.0f, 120.0f), 0.9f);
}

static inline LanesU biome_byte(LanesF value)
{
    return (LanesU)lanes_round(lanes_clamp01(value) * 255.0f);
}

// One soil and plant hue per region, and a little mottling at two scales.
static inline LanesU biome_pack(const BiomeColour *c, const BiomeGround *g)
{
    LanesF light = 1.0f + 0.035f * g->patch + 0.045f * g->grain;
    LanesF warm = 0.045f * g->hue;
    LanesU r = biome_byte(c->r * (light + warm)), green = biome_byte(c->g * light);
    LanesU b = biome_byte(c->b * (light - warm));
    return r | (green << 8) | (b << 16) | (biome_byte(c->roughness) << 24);
}

#define BIOME_FIELDS 4

typedef struct BiomeRow {
    const float *north, *here, *south; // heights of three rows, texel -1 first
    float (*fields)[BIOME_PITCH];      // temperature, moisture, hue, steepness
    const NoiseCursor *textures;
} BiomeRow;

static inline LanesF biome_texture(const BiomeGrid *grid, const BiomeRow *row, int index, int block)
{
    // A noise finer than 3 texels would only sparkle; it comes in gently, so that levels agree.
    float part = (grid->biome->textures[index].wavelength_m / (float)grid->texel_m - 3.0f) * 0.25f;
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
    LanesF steep = lanes_load(row->fields[3] + i);
    BiomeGround g;
    g.height_m = lanes_load(row->here + i + 1);
    g.slope = lanes_sqrt(x * x + z * z + grid->lost_slope2 * steep * steep);
    g.broad_slope = 0.5f * steep;
    LanesF hollow = (0.25f * (west + east + north + south) - g.height_m) * inverse;
    g.hollow = lanes_min(lanes_max(hollow, lanes_set(-0.06f)), lanes_set(0.06f));
    g.north = z / (0.35f + lanes_abs(z));
    g.celsius = lanes_load(row->fields[0] + i) - 0.0065f * lanes_max(g.height_m, lanes_set(0.0f));
    g.moisture = lanes_load(row->fields[1] + i);
    g.hue = lanes_load(row->fields[2] + i);
    g.grain = biome_texture(grid, row, 0, block);
    g.patch = biome_texture(grid, row, 1, block);
    g.region =
        0.55f * biome_texture(grid, row, 2, block) + 0.85f * biome_texture(grid, row, 3, block);
    return g;
}

static inline void biome_rows(const BiomeGrid *grid, uint32_t *out)
{
    static const LandformField FIELDS[BIOME_FIELDS] = {LANDFORM_TEMPERATURE, LANDFORM_MOISTURE,
                                                       LANDFORM_HUE, LANDFORM_STEEP};
    _Alignas(64) float fields[BIOME_FIELDS][BIOME_PITCH];
    _Alignas(64) uint32_t packed[BIOME_PITCH];
    NoiseCursor textures[BIOME_TEXTURES];
    int blocks = (CHUNK_TINT_SIDE + TERRAIN_LANES - 1) / TERRAIN_LANES;
    for (int i = 0; i < BIOME_TEXTURES; i++)
        textures[i] = noise_cursor(&grid->biome->textures[i], grid->texel_m);
    for (int j = 0; j < CHUNK_TINT_SIDE; j++) {
        for (int i = 0; i < BIOME_FIELDS; i++)
            landform_field_row(grid->lattice, (int)FIELDS[i], j, blocks, fields[i]);
        for (int i = 0; i < BIOME_TEXTURES; i++)
            noise_cursor_row(&textures[i], grid->x_m, grid->z_m + (int64_t)j * grid->texel_m);
        const float *here = grid->heights_m + (j + 1) * BIOME_PITCH;
        BiomeRow row = {here - BIOME_PITCH, here, here + BIOME_PITCH, fields, textures};
        for (int block = 0; block < blocks; block++) {
            BiomeGround ground = biome_ground(grid, &row, block);
            BiomeColour colour = biome_plants(grid->biome, &ground);
            biome_stone(grid->biome, &ground, &colour);
            LanesU texel = biome_pack(&colour, &ground);
            memcpy(packed + block * TERRAIN_LANES, &texel, sizeof texel);
        }
        memcpy(out + j * CHUNK_TINT_SIDE, packed, sizeof(uint32_t) * CHUNK_TINT_SIDE);
    }
}
