// Purpose: the sky behind everything: keeps the sky-view table and the clouds' map as textures, draws at the far end.
// Owns: its programs, the textures and an empty vertex array.
// Threads: the main thread, with a current context.
// Fails: create returns a Result.
#pragma once
#include "render/atmosphere.h"
#include "render/render_setup.h"
#include "render/scene_target.h"
#include "stream/draw_list.h"
#include "world/view.h"

typedef struct PassSky {
    GlProgram program, program_lights; // without and with discs and stars
    GlProgram small;                   // for the small picture of tier 0
    GlProgram program_clouds;          // from above, where ground shaders do not draw them
    uint32_t texture, texture_clouds;
    uint32_t vertex_array;
} PassSky;

RESULT_MUST Result pass_sky_create(const RenderSetup *setup, PassSky *out, ResultText *text);
void pass_sky_destroy(PassSky *pass, GlAccount *account);

void pass_sky_reload(PassSky *pass, GlAccount *account);

// Sends a new table to the GPU.
void pass_sky_update(PassSky *pass, const Atmosphere *air);
// Binds both textures for every pass of the frame.
void pass_sky_bind(const PassSky *pass);
// Tier 0: draws the sky into the target's small picture of it, before the frame begins; else nothing.
void pass_sky_draw_small(const PassSky *pass, const SceneTarget *target);
// Fills what no ground has covered.
void pass_sky_draw(const PassSky *pass, const SceneTarget *target, const ViewFrame *frame,
                   const Atmosphere *air);
// Lays clouds below the eye over the ground.
void pass_sky_draw_clouds(const PassSky *pass, const ViewFrame *frame, const DrawScene *scene);
