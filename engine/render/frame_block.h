// Purpose: the numbers of a frame that every shader reads, laid out as the uniform block Frame (std140).
// Owns: nothing; a plain value of 16-byte rows, the same order as shaders/frame.glsl.
// Threads: any; pure.
// Fails: never.
#pragma once
#include "render/atmosphere.h"
#include "stream/draw_list.h"
#include "world/chunk.h"
#include "world/tile.h"
#include <stddef.h>

#define FRAME_BLOCK_NOISE_PERIOD_M                                                                 \
    16384 // noise and waves repeat after it; a multiple of the 256 m anchor
#define FRAME_BLOCK_WAVES 6
#define FRAME_BLOCK_HEAPS_TILE_M 24576 // side of the cloud map as each layer lays it
#define FRAME_BLOCK_VEILS_TILE_M 40960
#define FRAME_BLOCK_NEAR_LOG_M 0.5f // near plane of the logarithmic depth
#define FRAME_BLOCK_FAR_LOG_M 200000.0f
#define FRAME_BLOCK_SKIRT_MAX_M 96.0f

typedef struct FrameBlock {
    float view_projection[16];                     // eye-relative position -> clip
    float ray_right[4], ray_up[4], ray_forward[4]; // ray = forward + right * ndc.x + up * ndc.y
    float eye[4];                                  // anchor-relative
    float focus
        [4]; // x, z: where levels are measured from; DrawScene's late_cone; height above ground
    float sun_direction
        [4]; // of the light that shines: by night the moon's; w: cosine of a disc's radius
    float
        sun_heading[4]; // x, z of the sun's azimuth, unit; z: sine of its elevation; w: stars, 0..1
    float moon_direction[4]; // w: light of its disc
    float sun_light[4];
    float sky_light[4];
    float bounce_light
        [4]; // irradiance that ground sends back, before its own colour; w: metres of near air that a low
    // sun does not reach
    float rayleigh[4];    // extinction per metre at eye height; w: 1 / scale height
    float mie[4];         // the same; w: 1 / scale height
    float mist[4];        // the same for the low layer
    float cloud_place[4]; // heaps, veils: texture coordinate of the anchor
    float cloud_shape
        [4]; // rank at which heaps and veils begin; what far heaps hide together; w: there are clouds
    // x, z: metres that light goes sideways from the heaps, for each metre down; 1 / range of ranks within heaps; how
    // soon they get dark from edge to middle: not at all from above
    float cloud_shear[4];
    float cloud_light[ATMOSPHERE_CLOUDS]
                     [4]; // radiance in full sun or moonlight; w: height above the sea
    float cloud_dark[4];  // radiance of heaps in shade
    float place[4];  // x, z: anchor modulo the noise period; z: view end; w: 1 / (2 earth radii)
    float depth[4];  // x: logarithmic depth scale; y: 1 / near; z: pixel angle; w: haze on
    float target[4]; // width, height, 1 / width, 1 / height
    float waves[FRAME_BLOCK_WAVES][4]; // unit heading east and south, phase, cycles per metre
    float skyline_east[4],
        skyline_west[4];             // shares of the eight directions in the light's, as sines
    float level_shape[LOD_COUNT][4]; // quantum, 1 / quads, skirt depth, shore scale
    float level_maps[LOD_COUNT][4];  // surface scale and offset, tint scale and offset
    int32_t mode[4];                 // view mode, probe, mesh bias, frame number
} FrameBlock;

typedef struct FrameBlockInput {
    const ViewFrame *frame;
    const ViewFrame *focus; // whose eye chose the levels: `frame` as a rule
    const DrawScene *scene;
    const Atmosphere *air;
    const TileLayout *layouts; // LOD_GRID_COUNT
    int mesh_bias;
    float view_end_m;
    int width, height;
    uint32_t frame_index;
} FrameBlockInput;

void frame_block_fill(const FrameBlockInput *input, FrameBlock *out);

// Unit vector: azimuth clockwise from north; x east, y up, z south.
void frame_block_direction(float azimuth_rad, float elevation_rad, float out[3]);
