#include "terrain/biome.h"
#include <assert.h>

Biome biome_make(uint64_t seed)
{
    static const float LINEAR[BIOME_MATERIAL_COUNT][3] = {
#define BIOME_ROW(name, r, g, b) [name] = {r, g, b},
        BIOME_MATERIAL_LIST(BIOME_ROW)
#undef BIOME_ROW
    };
    static const float WAVELENGTH_M[BIOME_TEXTURES] = {14.0f, 120.0f, 900.0f, 3900.0f};
    Biome out;
    for (uint32_t i = 0; i < BIOME_TEXTURES; i++)
        out.textures[i] = noise_octave(seed, 64 + i, WAVELENGTH_M[i]);
    for (int i = 0; i < BIOME_MATERIAL_COUNT; i++)
        for (int k = 0; k < 3; k++)
            out.colours[i][k] = __builtin_sqrtf(LINEAR[i][k]);
    return out;
}

float biome_lost_slope2(int level)
{
    LandformPlan plan = landform_plan(level);
    // Mean square slopes over one cell, both ways, of noise and of stripes, as relief_lanes.h has them.
    float detail = 2.45f * 0.095f * 0.095f * 0.5f, gully = 19.7f * 0.05f * 0.05f * 0.5f;
    float lost = (float)(LANDFORM_DETAILS - plan.details) * detail;
    return lost + (float)(LANDFORM_GULLIES - plan.gullies) * gully;
}
