#include "render/frame_block.h"

#include "world/chunk.h"
#include <assert.h>
#include <math.h>
#include <string.h>

#define SUN_DISC_RAD 0.0065f // a little more than the 0.27 degrees of the real one: its edge glows
#define STARS_BEGIN (-0.09f) // sine of the sun's elevation
#define STARS_DEPTH 0.12f
#define MOON_DISC_LIGHT 0.25f // added to a day's sky
#define MOON_DISC_BY_NIGHT 1.5f
#define MIST_PER_M 2e-5f // of the layer that lies in the valleys, at their height
#define MIST_MORNING_PER_M 4.5e-4f
#define MIST_SCALE_M 260.0f // the sun lifts what the cold of the night has gathered low
#define MIST_MORNING_SCALE_M 130.0f
#define CLOUD_RADIANCE (0.62f / 3.14159265f) // of each unit of irradiance
#define CLOUD_SHADOW_RISE 0.1f               // sine of the lowest sun that draws shadows out
#define MORNING_RAD 0.06f
#define MORNING_WIDTH_RAD 0.22f
#define BOUNCE_RISE 0.15f // sine of the lowest sun: slopes that face it shine on their valley
#define BOUNCE_SKY 0.6f   // of the sky's light reaches ground that others see
#define RELIEF_M 450.0f   // height of the mountains that throw shadows into the haze
#define RELIEF_SHADOW_MAX_M 40000.0f
#define PI 3.14159265358979

_Static_assert(sizeof(FrameBlock) % 16 == 0, "std140 rows");
_Static_assert(offsetof(FrameBlock, ray_right) == 64, "shaders/frame.glsl has the same order");

void frame_block_direction(float azimuth_rad, float elevation_rad, float out[3])
{
    float side = cosf(elevation_rad);
    out[0] = sinf(azimuth_rad) * side;
    out[1] = sinf(elevation_rad);
    out[2] = -cosf(azimuth_rad) * side;
}

static void fill_view(const FrameBlockInput *input, FrameBlock *out)
{
    const ViewFrame *frame = input->frame;
    memcpy(out->view_projection, frame->view_projection, sizeof out->view_projection);
    float half = tanf(frame->view.fov_y_rad * 0.5f);
    for (int axis = 0; axis < 3; axis++) {
        out->ray_right[axis] = frame->rotation[axis][0] * half * frame->view.aspect;
        out->ray_up[axis] = frame->rotation[axis][1] * half;
        out->ray_forward[axis] = -frame->rotation[axis][2];
        out->eye[axis] = frame->eye_anchor[axis];
    }
    const ViewFrame *focus = input->focus;
    out->focus[0] = (float)(focus->anchor_x_m - frame->anchor_x_m) + focus->eye_anchor[0];
    out->focus[1] = (float)(focus->anchor_z_m - frame->anchor_z_m) + focus->eye_anchor[2];
    out->focus[2] = input->scene->late_cone;
    out->focus[3] = focus->view.agl_m;
    out->depth[0] = 2.0f / log2f(1.0f + FRAME_BLOCK_FAR_LOG_M / FRAME_BLOCK_NEAR_LOG_M);
    out->depth[1] = 1.0f / FRAME_BLOCK_NEAR_LOG_M;
    out->depth[2] = 2.0f * half / (float)input->height;
    out->depth[3] = input->scene->probe ? 0.0f : 1.0f;
    out->target[0] = (float)input->width;
    out->target[1] = (float)input->height;
    out->target[2] = 1.0f / (float)input->width;
    out->target[3] = 1.0f / (float)input->height;
}

static float wrapped_m(int64_t anchor_m)
{
    int64_t rest = anchor_m % FRAME_BLOCK_NOISE_PERIOD_M;
    return (float)(rest < 0 ? rest + FRAME_BLOCK_NOISE_PERIOD_M : rest);
}

// The skyline towards the light is mixed from the two directions beside it.
static void fill_skyline(FrameBlock *out)
{
    float turn = atan2f(out->sun_direction[0], -out->sun_direction[2]) *
                 (float)(CHUNK_AZIMUTHS / (2.0 * PI));
    turn = turn < 0.0f ? turn + CHUNK_AZIMUTHS : turn;
    float whole = floorf(turn), shares[CHUNK_AZIMUTHS] = {0};
    int first = (int)whole % CHUNK_AZIMUTHS;
    shares[first] = CHUNK_SKYLINE_SINE * (1.0f - (turn - whole));
    shares[(first + 1) % CHUNK_AZIMUTHS] = CHUNK_SKYLINE_SINE * (turn - whole);
    memcpy(out->skyline_east, shares, sizeof out->skyline_east);
    memcpy(out->skyline_west, shares + 4, sizeof out->skyline_west);
}

// 1 about sunrise, a third of it about sunset, 0 by day and by night.
static float morning_of(const SunSky *lights)
{
    float away = (lights->sun_elevation_rad - MORNING_RAD) / MORNING_WIDTH_RAD;
    return expf(-away * away) * (0.67f + 0.33f * sinf(lights->sun_azimuth_rad));
}

static const float bounce_albedo[3] = {0.14f, 0.12f, 0.085f}; // soil and plants

static void fill_light(const FrameBlockInput *input, FrameBlock *out)
{
    const Atmosphere *air = input->air;
    const DrawScene *scene = input->scene;
    const SunSky *lights = &air->lights;
    frame_block_direction(lights->sun_azimuth_rad, lights->sun_elevation_rad, out->sun_direction);
    frame_block_direction(lights->moon_azimuth_rad, lights->moon_elevation_rad,
                          out->moon_direction);
    out->sun_heading[0] = sinf(lights->sun_azimuth_rad);
    out->sun_heading[1] = -cosf(lights->sun_azimuth_rad);
    out->sun_heading[2] = out->sun_direction[1];
    out->sun_heading[3] =
        fminf(fmaxf((STARS_BEGIN - out->sun_direction[1]) / STARS_DEPTH, 0.0f), 1.0f);
    out->moon_direction[3] =
        lights->moon_lit > 0.0f ? MOON_DISC_LIGHT + MOON_DISC_BY_NIGHT * air->night : 0.0f;
    if (air->night > 0.0f)
        memcpy(out->sun_direction, out->moon_direction, 3 * sizeof(float));
    out->sun_direction[3] = cosf(SUN_DISC_RAD);
    fill_skyline(out);
    double eye_m = fmax(input->frame->view.eye_world[1], 0.0);
    float air_share = (float)exp(-eye_m / ATMOSPHERE_RAYLEIGH_SCALE_M);
    float dust_share = (float)exp(-eye_m / ATMOSPHERE_MIE_SCALE_M);
    float morning = morning_of(lights);
    float mist_scale_m = MIST_SCALE_M + (MIST_MORNING_SCALE_M - MIST_SCALE_M) * morning;
    double mist_over_m = fmax(eye_m - (double)scene->lowland_m, -100.0);
    float mist_per_m = (MIST_PER_M + MIST_MORNING_PER_M * morning) * scene->haze_scale *
                       (float)exp(-mist_over_m / (double)mist_scale_m);
    for (int c = 0; c < 3; c++) {
        out->sun_light[c] = air->sun_light[c];
        out->sky_light[c] = air->sky_light[c];
        out->bounce_light[c] =
            bounce_albedo[c] * (air->sun_light[c] * fmaxf(out->sun_direction[1], BOUNCE_RISE) +
                                BOUNCE_SKY * air->sky_light[c]);
        out->rayleigh[c] = air->rayleigh_per_m[c] * air_share;
        out->mie[c] = air->mie_per_m * dust_share;
        out->mist[c] = mist_per_m;
    }
    out->bounce_light[3] = fminf(RELIEF_M / fmaxf(out->sun_heading[2], 1e-3f), RELIEF_SHADOW_MAX_M);
    out->rayleigh[3] = 1.0f / ATMOSPHERE_RAYLEIGH_SCALE_M;
    out->mie[3] = 1.0f / ATMOSPHERE_MIE_SCALE_M;
    out->mist[3] = 1.0f / mist_scale_m;
}

// Place in a repeating tile, moved by the wind; in doubles, so that it is as steady far out as at the origin.
static float drifted(int64_t anchor_m, double wind_m_s, double time_s, double tile_m)
{
    double at =
        fmod((double)(anchor_m % (int64_t)tile_m) - fmod(wind_m_s * time_s, tile_m), tile_m);
    return (float)(at / tile_m);
}

static void fill_clouds(const FrameBlockInput *input, FrameBlock *out)
{
    static const double wind_m_s[ATMOSPHERE_CLOUDS][2] = {{7.0, 2.5}, {21.0, -6.0}};
    static const double tile_m[ATMOSPHERE_CLOUDS] = {FRAME_BLOCK_HEAPS_TILE_M,
                                                     FRAME_BLOCK_VEILS_TILE_M};
    static const float height_m[ATMOSPHERE_CLOUDS] = {ATMOSPHERE_HEAPS_M, ATMOSPHERE_VEILS_M};
    const ViewFrame *frame = input->frame;
    double time_s = input->scene->time_s;
    float cover = fminf(fmaxf(input->scene->cloud_cover, 0.0f), 1.0f);
    for (int i = 0; i < ATMOSPHERE_CLOUDS; i++) {
        out->cloud_place[2 * i] = drifted(frame->anchor_x_m, wind_m_s[i][0], time_s, tile_m[i]);
        out->cloud_place[2 * i + 1] = drifted(frame->anchor_z_m, wind_m_s[i][1], time_s, tile_m[i]);
        for (int c = 0; c < 3; c++)
            out->cloud_light[i][c] = input->air->cloud_light[i][c] * CLOUD_RADIANCE;
        out->cloud_light[i][3] = height_m[i];
    }
    for (int c = 0; c < 3; c++)
        out->cloud_dark[c] = (0.8f * out->sky_light[c] + out->bounce_light[c]) * CLOUD_RADIANCE;
    for (int axis = 0; axis < 2; axis++)
        out->cloud_shear[axis] =
            out->sun_direction[2 * axis] / fmaxf(out->sun_direction[1], CLOUD_SHADOW_RISE);
    // A whole cover begins below the lowest rank, so that no thin place is left.
    out->cloud_shape[0] = 1.0f - cover * (1.0f + 0.25f * cover);
    out->cloud_shape[1] = 1.0f - fminf(1.3f * cover, 1.0f);
    out->cloud_shape[2] = 0.8f * cover;
    out->cloud_shear[2] = 1.0f / (1.05f - out->cloud_shape[0]);
    out->cloud_shape[3] = cover > 0.0f ? 1.0f : 0.0f;
}

// Trains of waves: whole cycles per noise period in each direction, so that they meet where the period repeats.
// Speed after the deep-water rule c = sqrt(g L / 2 pi).
static void fill_waves(const FrameBlockInput *input, FrameBlock *out)
{
    // From 27 m down to 3.4 m, no two alike in heading. Longer ones would be all that is left to see from afar, as
    // stripes.
    static const int trains[FRAME_BLOCK_WAVES][2] = {{555, 247},   {655, -493},  {487, 1093},
                                                     {1703, -119}, {-511, 2637}, {4131, 2483}};
    for (int i = 0; i < FRAME_BLOCK_WAVES; i++) {
        double cycles = hypot(trains[i][0], trains[i][1]);
        double per_m = cycles / FRAME_BLOCK_NOISE_PERIOD_M;
        double per_s = sqrt(9.81 / (2.0 * PI) * per_m);
        out->waves[i][0] = (float)(trains[i][0] / cycles);
        out->waves[i][1] = (float)(trains[i][1] / cycles);
        out->waves[i][2] = (float)-fmod(input->scene->time_s * per_s, 1.0);
        out->waves[i][3] = (float)per_m;
    }
}

// A tile's coordinate t in 0..1 is sample 128 t.
static void fill_map(const TileMap *map, float out[2])
{
    out[0] = 128.0f / (float)(map->step * map->side);
    out[1] = map->zero / (float)map->side;
}

static void fill_levels(const FrameBlockInput *input, FrameBlock *out)
{
    for (int lod = 0; lod < LOD_COUNT; lod++) {
        LodGrid grid = lod_grid(lod);
        const TileLayout *layout = &input->layouts[grid];
        float mesh_spacing_m = lod_spacing_m(lod) * (float)(1 << input->mesh_bias);
        out->level_shape[lod][0] = lod_quantum_m(lod);
        out->level_shape[lod][1] = 1.0f / (float)lod_grid_quads(grid);
        out->level_shape[lod][2] = fminf(mesh_spacing_m, FRAME_BLOCK_SKIRT_MAX_M);
        out->level_shape[lod][3] = CHUNK_SHORE_TEXELS * 2.0f * chunk_spacing_m(lod_key_level(lod));
        for (int i = 0; i < 2; i++) // matter lies as the tint; the skyline's shader knows its own
            fill_map(&layout->maps[i], &out->level_maps[lod][2 * i]);
    }
}

void frame_block_fill(const FrameBlockInput *input, FrameBlock *out)
{
    assert(input->width > 0 && input->height > 0 && input->view_end_m > 0.0f);
    assert(input->mesh_bias >= 0 && input->mesh_bias <= LOD_MESH_BIAS_MAX);
    memset(out, 0, sizeof *out);
    fill_view(input, out);
    fill_light(input, out);
    fill_clouds(input, out);
    fill_waves(input, out);
    fill_levels(input, out);
    out->place[0] = wrapped_m(input->frame->anchor_x_m);
    out->place[1] = wrapped_m(input->frame->anchor_z_m);
    out->place[2] = input->view_end_m;
    out->place[3] = 0.5f / VIEW_EARTH_RADIUS_M;
    out->mode[0] = (int32_t)input->scene->mode;
    out->mode[1] = input->scene->probe;
    out->mode[2] = input->mesh_bias;
    out->mode[3] = (int32_t)input->frame_index;
}
