// Purpose: what every pass needs to make its programs: the context's abilities, the tier, the place of the shaders.
// Owns: nothing; borrowed pointers.
// Threads: the main thread.
// Fails: the program maker returns a Result.
#pragma once
#include "render/gl_caps.h"
#include "render/gl_program.h"

#define RENDER_SETUP_TIERS 4
#define RENDER_SETUP_TIER_FXAA 1 // edges are smoothed in the finished picture
#define RENDER_SETUP_TIER_HDR 2  // from this tier on: RGBA16F, MSAA and a tone-map pass

typedef struct RenderSetup {
    const GlCaps *caps;
    GlAccount *account;
    const char *shader_directory; // NULL: embedded
    int tier;
    bool base_instance; // instance attributes stay where they point
    bool clip_control;  // reversed-Z with infinite far; else logarithmic depth
    bool linear_output; // float target, no tone curve: for tests
} RenderSetup;

// Makes a program with the numbers that C and GLSL share, and `extra` lines of #define (NULL: none).
RESULT_MUST Result render_setup_program(const RenderSetup *setup, const char *vertex,
                                        const char *fragment, const char *extra, GlProgram *out,
                                        ResultText *text);

// The fragment shader of the full-screen pass that ends a frame: the tone curve, or smooth edges where there is no
// MSAA; NULL: none.
const char *render_setup_post(const RenderSetup *setup);

// True when the forward shaders end in the tone curve.
bool render_setup_tone_in_shader(const RenderSetup *setup);
