// Purpose: what the scene is drawn into, at its own size: depth and colour, resolved, finished, then scaled.
// Owns: its framebuffers, textures and renderbuffers.
// Threads: the main thread, with a current context.
// Fails: create returns a Result with the size that was refused.
#pragma once
#include "render/render_setup.h"

typedef struct SceneTarget {
    int width, height;
    int samples;            // 1: none
    bool is_float;          // RGBA16F
    uint32_t draw_frame;    // the passes draw here
    uint32_t colour, depth; // renderbuffers of draw_frame when multisampled; colour 0 else
    uint32_t
        resolve_frame; // single-sample copy with texture `scene_texture`; draw_frame itself when not multisampled
    uint32_t scene_texture;
    uint32_t
        final_frame; // RGBA8 picture, alpha = terrain; equals resolve_frame without a pass after the scene
    uint32_t final_texture;
    uint32_t sky_frame, sky_texture; // RGBA16F, for the sky of tier 0; else 0
    int sky_width, sky_height;
    uint64_t bytes;
} SceneTarget;

RESULT_MUST Result scene_target_create(const RenderSetup *setup, int width, int height,
                                       SceneTarget *out, ResultText *text);
// What create takes on the GPU.
uint64_t scene_target_bytes(const RenderSetup *setup, int width, int height);
void scene_target_destroy(SceneTarget *target, GlAccount *account);

// Binds and clears: depth to the far end, colour to `clear` with alpha 0.
void scene_target_begin(const SceneTarget *target, const float clear_rgb[3]);
// Copies the samples together; nothing to do without MSAA.
void scene_target_resolve(const SceneTarget *target);
// Scales the final picture into the window's framebuffer.
void scene_target_show(const SceneTarget *target, int window_width, int window_height);
