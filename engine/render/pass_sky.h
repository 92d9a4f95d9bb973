// Purpose: the sky behind everything: keeps the sky-view table as a texture and draws it at the far end.
// Owns: its program, the texture and an empty vertex array.
// Threads: the main thread, with a current context.
// Fails: create returns a Result.
#pragma once
#include "render/atmosphere.h"
#include "render/render_setup.h"
#include "world/view.h"

typedef struct PassSky {
    GlProgram program, program_lights; // without and with discs and stars
    uint32_t texture;
    uint32_t vertex_array;
} PassSky;

RESULT_MUST Result pass_sky_create(const RenderSetup *setup, PassSky *out, ResultText *text);
void pass_sky_destroy(PassSky *pass, GlAccount *account);

void pass_sky_reload(PassSky *pass, GlAccount *account);

// Sends a new table to the GPU.
void pass_sky_update(PassSky *pass, const Atmosphere *air);
// Binds the table for every pass of the frame.
void pass_sky_bind(const PassSky *pass);
// Fills what no ground has covered.
void pass_sky_draw(const PassSky *pass, const ViewFrame *frame, const Atmosphere *air);
