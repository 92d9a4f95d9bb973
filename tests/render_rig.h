// Purpose: the whole engine over headless GL for tests of pictures: world, tier and view in, pixels out.
// Owns: the terrain, the context, the sink and the engine.
// Threads: the main thread.
// Fails: create returns false where there is no GL; everything else by assertion of the test.
#pragma once
#include "engine.h"
#include "gl_fixture.h"
#include "render/gl_sink.h"
#include "terrain/terrain.h"

typedef struct RenderRigDesc {
    uint64_t seed;
    const Source *source; // borrowed, instead of the seed's terrain; NULL: that
    int tier;
    int width, height;
    bool gl33;
    const char *shaders; // folder; NULL: those inside the binary. Borrowed
    bool linear_output;  // no samples and no tone curve, for gl_sink_read_linear
    double start_m[3];   // eye, y above ground
} RenderRigDesc;

typedef struct RenderRig {
    RenderRigDesc desc;
    GlFixture fixture;
    Terrain *terrain;
    Source source;
    GlSink *sink;
    GpuSink interface;
    Engine *engine;
    View view;
    DrawScene scene;
    double dt_s;
    bool idle;          // next ticks do not draw
    bool block_workers; // next ticks' workers stand still
    uint8_t *pixels;    // width * height * 4 of the last read
} RenderRig;

bool render_rig_create(RenderRig *out, const RenderRigDesc *desc);
void render_rig_destroy(RenderRig *rig);

// Puts the eye at x, z, `agl_m` above the ground and looks.
void render_rig_look(RenderRig *rig, double x_m, double z_m, double agl_m, float yaw_deg,
                     float pitch_deg);
void render_rig_tick(RenderRig *rig);
// Ticks without drawing until everything in view is there and the ranges have stopped to grow, then draws once.
void render_rig_settle(RenderRig *rig);
// The last picture: RGBA rows from the top, owned by the rig.
const uint8_t *render_rig_read(RenderRig *rig);
// Destroys the context, makes another and brings everything back.
void render_rig_lose_context(RenderRig *rig);
// Mean absolute difference of the colours of two pictures, 0 to 255.
double render_rig_difference(const uint8_t *a, const uint8_t *b, int width, int height);
