#include "render/render_setup.h"

#include "render/frame_block.h"
#include "world/chunk.h"
#include <assert.h>
#include <stdio.h>

// Of the shore's scale.
#define THIN_RIVER_PERMILLE ((int)(1000.0f * CHUNK_SHORE_THIN / CHUNK_SHORE_TEXELS + 0.5f))

bool render_setup_tone_in_shader(const RenderSetup *setup)
{
    return setup->tier < RENDER_SETUP_TIER_HDR && !setup->linear_output;
}

const char *render_setup_post(const RenderSetup *setup)
{
    if (setup->linear_output || setup->tier < RENDER_SETUP_TIER_FXAA)
        return NULL;
    return setup->tier < RENDER_SETUP_TIER_HDR ? "fxaa.frag" : "tone.frag";
}

Result render_setup_program(const RenderSetup *setup, const char *vertex, const char *fragment,
                            const char *extra, GlProgram *out, ResultText *text)
{
    char defines[GL_PROGRAM_DEFINES_MAX];
    int length =
        snprintf(defines, sizeof defines,
                 "#define TIER %d\n#define CLIP_CONTROL %d\n#define TONE_IN_SHADER %d\n"
                 "#define LOD_COUNT %d\n#define WAVES %d\n#define NOISE_PERIOD %d\n"
                 "#define SKY_WIDTH %d.0\n#define SKY_HEIGHT %d.0\n"
                 "#define HEAPS_TILE %d.0\n#define VEILS_TILE %d.0\n"
                 "#define THIN_RIVER (%d.0 / 1000.0)\n%s",
                 setup->tier, setup->clip_control, render_setup_tone_in_shader(setup), LOD_COUNT,
                 FRAME_BLOCK_WAVES, FRAME_BLOCK_NOISE_PERIOD_M, ATMOSPHERE_SKY_WIDTH,
                 ATMOSPHERE_SKY_HEIGHT, FRAME_BLOCK_HEAPS_TILE_M, FRAME_BLOCK_VEILS_TILE_M,
                 THIN_RIVER_PERMILLE, extra != NULL ? extra : "");
    assert(length > 0 && (size_t)length < sizeof defines);
    (void)length;
    GlProgramDesc desc = {vertex, fragment, defines, setup->shader_directory};
    return gl_program_create(&desc, setup->account, out, text);
}
