// Purpose: turns the drawn scene into the picture: the tone curve of the higher tiers, smooth edges at tier 1.
// Owns: its program and an empty vertex array.
// Threads: the main thread, with a current context.
// Fails: create returns a Result.
#pragma once
#include "render/render_setup.h"
#include "render/scene_target.h"

typedef struct PassPost {
    GlProgram program;
    uint32_t vertex_array;
} PassPost;

RESULT_MUST Result pass_post_create(const RenderSetup *setup, PassPost *out, ResultText *text);
void pass_post_destroy(PassPost *pass);

// Draws the resolved scene into the final picture; nothing to do where they are one.
void pass_post_draw(const PassPost *pass, const SceneTarget *target);
