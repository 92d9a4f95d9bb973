// Purpose: the colour of the ground: which materials lie where, from shape and climate.
// Owns: nothing; a Biome is a plain value made from a seed.
// Threads: any.
// Fails: never.
#pragma once
#include "terrain/landform.h"

#define BIOME_TEXTURES 4
#define BIOME_HEIGHT_SIDE 70 // texels -1 .. 68: slopes need one neighbour all round
#define BIOME_PITCH 80
#define BIOME_OVERREAD 16 // values after the last row that a load may touch

// Linear albedo of dry ground, from photographs: never above .4 except snow; greens stay olive.
#define BIOME_MATERIAL_LIST(X)                                                                     \
    X(BIOME_MEADOW, .085f, .105f, .036f)                                                           \
    X(BIOME_STRAW, .150f, .135f, .062f)                                                            \
    X(BIOME_FOREST, .026f, .042f, .018f)                                                           \
    X(BIOME_BROADLEAF, .046f, .060f, .019f)                                                        \
    X(BIOME_TURF, .120f, .115f, .060f)                                                             \
    X(BIOME_SOIL, .135f, .100f, .066f)                                                             \
    X(BIOME_DESERT, .290f, .222f, .148f)                                                           \
    X(BIOME_ROCK, .185f, .172f, .158f)                                                             \
    X(BIOME_SCREE, .235f, .222f, .204f)                                                            \
    X(BIOME_SAND, .350f, .300f, .220f)                                                             \
    X(BIOME_SNOW, .800f, .840f, .900f)                                                             \
    X(BIOME_SHALLOW, .210f, .215f, .165f)                                                          \
    X(BIOME_DEEP, .030f, .045f, .050f)

typedef enum BiomeMaterial {
#define BIOME_ENUM(name, r, g, b) name,
    BIOME_MATERIAL_LIST(BIOME_ENUM)
#undef BIOME_ENUM
        BIOME_MATERIAL_COUNT
} BiomeMaterial;

typedef struct Biome {
    NoiseOctave textures[BIOME_TEXTURES];   // 14 m, 120 m, 900 m, 3.9 km
    float colours[BIOME_MATERIAL_COUNT][3]; // square roots of the albedo
} Biome;

// One chunk's texels: heights of every second sample with a border of one.
typedef struct BiomeGrid {
    const Biome *biome;
    const LandformLattice *lattice; // as seen by the texels
    const float *heights_m;         // BIOME_HEIGHT_SIDE rows of BIOME_PITCH, then BIOME_OVERREAD
    int64_t x_m, z_m;               // of texel (0, 0)
    int texel_m;
    // Mean square slope, for a steepness of 1, of the detail that the level leaves out.
    float lost_slope2;
} BiomeGrid;

Biome biome_make(uint64_t seed);
float biome_lost_slope2(int level);
