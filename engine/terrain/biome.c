#include "terrain/biome.h"
#include <assert.h>

// A row of BIOME_LIST: two of climate, then the traits.
#define ROW (2 + BIOME_TRAIT_COUNT)

Biome biome_make(uint64_t seed)
{
    static const float LINEAR[BIOME_MATERIAL_COUNT][3] = {
#define BIOME_COLOUR(name, r, g, b) [name] = {r, g, b},
        BIOME_MATERIAL_LIST(BIOME_COLOUR)
#undef BIOME_COLOUR
    };
    static const float KINDS[BIOME_PLANTED][ROW] = {
#define BIOME_ROW(name, ...) [BIOME_##name] = {__VA_ARGS__},
        BIOME_LIST(BIOME_ROW)
#undef BIOME_ROW
    };
    static const float WAVELENGTH_M[BIOME_TEXTURES] = {14.0f,  45.0f,   140.0f,
                                                       420.0f, 1300.0f, 3900.0f};
    Biome out;
    for (uint32_t i = 0; i < BIOME_TEXTURES; i++)
        out.textures[i] = noise_octave(seed, 64 + i, WAVELENGTH_M[i]);
    for (int i = 0; i < BIOME_MATERIAL_COUNT; i++)
        for (int k = 0; k < 3; k++)
            out.colours[i][k] = __builtin_sqrtf(LINEAR[i][k]);
    for (int i = 0; i < BIOME_PLANTED; i++)
        for (int k = 0; k < BIOME_TRAIT_COUNT; k++)
            out.traits[i][k] = k < BIOME_TREES ? __builtin_sqrtf(KINDS[i][2 + k]) : KINDS[i][2 + k];
    for (int i = 0; i < BIOME_CLIMATES; i++) {
        out.celsius[i] = KINDS[i][0];
        out.moisture[i] = KINDS[i][1];
    }
    return out;
}

float biome_lost_slope2(int level)
{
    LandformPlan plan = landform_plan(level);
    // Mean square slopes over one cell, both ways, of noise and of stripes, where nothing softens them.
    float lost = 0.0f, gully = LANDFORM_GULLY, detail = LANDFORM_DETAIL;
    for (int k = 0; k < LANDFORM_GULLIES; k++, gully *= LANDFORM_GULLY_NEXT)
        lost += k >= plan.gullies ? 19.7f * 0.5f * gully * gully : 0.0f;
    for (int k = 0; k < LANDFORM_DETAILS; k++, detail *= LANDFORM_DETAIL_NEXT)
        lost += k >= plan.details ? 2.45f * 0.5f * detail * detail : 0.0f;
    return lost;
}
