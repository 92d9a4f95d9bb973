// Purpose: the colour of the ground: which materials lie where, from shape and climate.
// Owns: nothing; a Biome is a plain value made from a seed.
// Threads: any.
// Fails: never.
#pragma once
#include "terrain/landform.h"

#define BIOME_TEXTURES 6
#define BIOME_HEIGHT_SIDE 70 // texels -1 .. 68: slopes need one neighbour all round
#define BIOME_PITCH 80
#define BIOME_OVERREAD 16 // values after the last row that a load may touch

// Linear albedo of dry ground, from photographs: never above .4 except snow; greens stay olive.
#define BIOME_MATERIAL_LIST(X)                                                                     \
    X(BIOME_ROCK, .185f, .172f, .158f)                                                             \
    X(BIOME_OCHRE, .235f, .185f, .135f)                                                            \
    X(BIOME_DARK, .115f, .110f, .105f)                                                             \
    X(BIOME_LIME, .270f, .265f, .245f)                                                             \
    X(BIOME_SCREE, .235f, .222f, .204f)                                                            \
    X(BIOME_SAND, .360f, .292f, .198f)                                                             \
    X(BIOME_SNOW, .800f, .840f, .900f)                                                             \
    X(BIOME_SHALLOW, .210f, .215f, .165f)                                                          \
    X(BIOME_DEEP, .030f, .045f, .050f)                                                             \
    X(BIOME_WET, .060f, .062f, .048f)                                                              \
    X(BIOME_FROZEN, .310f, .360f, .390f)

typedef enum BiomeMaterial {
#define BIOME_ENUM(name, r, g, b) name,
    BIOME_MATERIAL_LIST(BIOME_ENUM)
#undef BIOME_ENUM
        BIOME_MATERIAL_COUNT
} BiomeMaterial;

// What a biome adds to the mix where plants or soil lie open.
typedef enum BiomeTrait {
    BIOME_GREEN_R, // square roots of the albedo: open ground at its lushest
    BIOME_GREEN_G,
    BIOME_GREEN_B,
    BIOME_DRY_R, // and at its driest
    BIOME_DRY_G,
    BIOME_DRY_B,
    BIOME_CANOPY_R, // trees or scrub
    BIOME_CANOPY_G,
    BIOME_CANOPY_B,
    BIOME_TREES, // share of the ground under them
    BIOME_BARE,  // share of the open ground that is dry
    BIOME_TRAIT_COUNT
} BiomeTrait;

// Name; mean temperature and moisture at its heart; then the traits, albedo linear. The first
// BIOME_CLIMATES follow from climate alone, the others are laid over them by the lie of the land.
#define BIOME_CLIMATES 8
#define BIOME_LIST(X)                                                                              \
    X(TUNDRA, -4, .50f, .095f, .092f, .040f, .150f, .125f, .078f, .050f, .052f, .024f, .06f, .45f) \
    X(TAIGA, 3.5f, .62f, .082f, .090f, .040f, .125f, .110f, .058f, .027f, .036f, .019f, .70f,      \
      .25f)                                                                                        \
    X(FOREST, 10, .64f, .092f, .105f, .041f, .145f, .130f, .062f, .043f, .053f, .022f, .52f, .25f) \
    X(RAINFOREST, 23, .84f, .070f, .085f, .033f, .110f, .090f, .045f, .027f, .045f, .018f, .86f,   \
      .12f)                                                                                        \
    X(GRASSLAND, 10, .45f, .105f, .116f, .043f, .170f, .148f, .072f, .042f, .055f, .021f, .20f,    \
      .45f)                                                                                        \
    X(STEPPE, 9, .25f, .155f, .140f, .068f, .210f, .172f, .105f, .060f, .062f, .030f, .03f, .55f)  \
    X(SAVANNA, 23, .47f, .140f, .125f, .052f, .205f, .152f, .078f, .050f, .056f, .024f, .28f,      \
      .50f)                                                                                        \
    X(DESERT, 24, .14f, .255f, .198f, .130f, .310f, .242f, .162f, .095f, .090f, .048f, .02f, .55f) \
    X(BADLAND, 0, 0, .250f, .160f, .100f, .300f, .220f, .155f, .085f, .080f, .042f, .04f, .50f)    \
    X(ALPINE, 0, 0, .100f, .100f, .046f, .160f, .145f, .088f, .035f, .045f, .022f, .05f, .40f)     \
    X(WETLAND, 0, 0, .072f, .084f, .033f, .110f, .098f, .052f, .034f, .045f, .020f, .30f, .35f)

typedef enum BiomeKind {
#define BIOME_ENUM(name, ...) BIOME_##name,
    BIOME_LIST(BIOME_ENUM)
#undef BIOME_ENUM
        BIOME_PLANTED, // the rest has no plants: colours of their materials
    BIOME_ICE = BIOME_PLANTED,
    BIOME_BEACH,
    BIOME_OCEAN,
    BIOME_KIND_COUNT
} BiomeKind;

typedef struct Biome {
    NoiseOctave textures[BIOME_TEXTURES];   // 14 m to 3.9 km, each about three times the one before
    float colours[BIOME_MATERIAL_COUNT][3]; // square roots of the albedo
    float traits[BIOME_PLANTED][BIOME_TRAIT_COUNT];
    float celsius[BIOME_CLIMATES], moisture[BIOME_CLIMATES];
    float season_c; // by which snow and ice find it warmer than on average
} Biome;

// One chunk's texels: heights of every second sample with a border of one.
typedef struct BiomeGrid {
    const Biome *biome;
    const LandformLattice *lattice;  // as seen by the texels
    const float *heights_m;          // BIOME_HEIGHT_SIDE rows of BIOME_PITCH, then BIOME_OVERREAD
    const float *lie, *shore, *half; // the same of ReliefRows' lie, shore and half
    int64_t x_m, z_m;                // of texel (0, 0)
    int texel_m;
    // Mean square slope, for a steepness of 1, of the detail that the level leaves out.
    float lost_slope2;
} BiomeGrid;

Biome biome_make(uint64_t seed);
float biome_lost_slope2(int level);
