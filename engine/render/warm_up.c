#include "render/warm_up.h"

#include "render/atmosphere.h"
#include <assert.h>

#define ABOVE_CLOUDS_M (ATMOSPHERE_HEAPS_M + 100.0)

void warm_up_round(int round, const uint32_t layer_counts[LOD_GRID_COUNT], int tier, WarmUp *out)
{
    // In small steps: the sky alone, dry ground, far land; then fresh water and sea near by, night above clouds, bounds
    // and the view modes.
    static const struct {
        bool land;
        float base_m;
        uint16_t fresh, lod; // of the second grid
        DrawMode mode;
        bool bounds, night;
    } rounds[WARM_UP_ROUNDS] = {{.land = false},
                                {.land = true, .lod = 1},
                                {.land = true, .lod = 3},
                                {.land = true, .lod = 1, .fresh = 1},
                                {.land = true, .lod = 1, .base_m = -64.0f},
                                {.land = false, .night = true},
                                {.land = true, .lod = 3, .bounds = true, .night = true},
                                {.land = true, .lod = 3, .mode = DRAW_MODE_NORMALS, .night = true}};
    assert(round >= 0 && round < WARM_UP_ROUNDS);
    bool night = rounds[round].night;
    *out = (WarmUp){.scene = {.tier = tier,
                              .lights = {.sun_elevation_rad = night ? -0.3f : 0.6f},
                              .haze_scale = 1.0f,
                              .cloud_cover = night ? 0.5f : 0.0f,
                              .mode = rounds[round].mode,
                              .chunk_bounds = rounds[round].bounds}};
    for (int grid = 0; grid < LOD_GRID_COUNT; grid++) {
        out->tiles[grid] = (DrawInstance){.spacing_m = 1.0f,
                                          .morph_start_m = 1.0f,
                                          .morph_scale_per_m = 1.0f,
                                          .base_m = rounds[round].base_m,
                                          .fresh = rounds[round].fresh,
                                          .lod = (uint16_t)(grid == LOD_GRID_32 ? 2 : grid)};
        out->list.instances[grid] = &out->tiles[grid];
        out->list.counts[grid] = rounds[round].land && layer_counts[grid] > 0;
    }
    out->tiles[LOD_GRID_64].lod = rounds[round].lod;
    View view = {.eye_world = {64.0, night ? ABOVE_CLOUDS_M : 100.0, 64.0},
                 .pitch_rad = -1.0f,
                 .fov_y_rad = VIEW_FOV_Y_RAD,
                 .aspect = 1.0f,
                 .agl_m = 100.0f};
    out->frame = view_frame(&view);
}
