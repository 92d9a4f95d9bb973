// Purpose: turns the float scene into the picture: the tone curve of the higher tiers.
// Owns: its program and an empty vertex array.
// Threads: the main thread, with a current context.
// Fails: create returns a Result.
#pragma once
#include "render/render_setup.h"
#include "render/scene_target.h"

typedef struct PassTone {
    GlProgram program;
    uint32_t vertex_array;
} PassTone;

RESULT_MUST Result pass_tone_create(const RenderSetup *setup, PassTone *out, ResultText *text);
void pass_tone_destroy(PassTone *pass);

// Draws the resolved scene into the final picture; nothing to do where they are one.
void pass_tone_draw(const PassTone *pass, const SceneTarget *target);
