#include "render/pass_sky.h"

#include "base/os_memory.h"
#include "render/cloud_map.h"
#include "render/frame_block.h"
#include <glad/gl.h>
#include <math.h>
#include <string.h>

// Quads over the picture: fine enough upward for the band above the horizon.
#define SKY_COLUMNS 24
#define SKY_ROWS 60
#define GRID_VERTICES (SKY_COLUMNS * SKY_ROWS * 6)
#define TEXT_OF(x) #x
#define DEFINE_LINE(name, value) "#define " name " " TEXT_OF(value) "\n"
#define SKY_GRID_DEFINES DEFINE_LINE("SKY_COLUMNS", SKY_COLUMNS) DEFINE_LINE("SKY_ROWS", SKY_ROWS)
#define WHOLE_DEFINES DEFINE_LINE("SKY_COLUMNS", 1) DEFINE_LINE("SKY_ROWS", 1)
#define LIGHTS_DEFINE "#define LIGHTS 1\n"
#define TEXTURE_BYTES (ATMOSPHERE_SKY_WIDTH * ATMOSPHERE_SKY_HEIGHT * 8u + CLOUD_MAP_BYTES)

static void create_texture(PassSky *pass)
{
    glGenTextures(1, &pass->texture);
    glBindTexture(GL_TEXTURE_2D, pass->texture);
    glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA16F, ATMOSPHERE_SKY_WIDTH, ATMOSPHERE_SKY_HEIGHT, 0,
                 GL_RGBA, GL_FLOAT, NULL);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_LINEAR);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_LINEAR);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAX_LEVEL, 0);
    glBindTexture(GL_TEXTURE_2D, 0);
}

static Result create_clouds(PassSky *pass, int tier, ResultText *text)
{
    uint8_t *map = os_memory_alloc(CLOUD_MAP_BYTES, OS_MEMORY_RENDER);
    if (map == NULL)
        return result_fail(text, RESULT_OUT_OF_MEMORY, "no memory for the clouds");
    Result result = cloud_map_fill(map, text);
    if (result == RESULT_OK) {
        glGenTextures(1, &pass->texture_clouds);
        glBindTexture(GL_TEXTURE_2D, pass->texture_clouds);
        glPixelStorei(GL_UNPACK_ALIGNMENT, 4);
        const uint8_t *texels = map;
        for (int mip = 0; mip < CLOUD_MAP_MIPS; mip++) {
            int side = CLOUD_MAP_SIDE >> mip;
            glTexImage2D(GL_TEXTURE_2D, mip, GL_RGBA8, side, side, 0, GL_RGBA, GL_UNSIGNED_BYTE,
                         texels);
            texels += side * side * 4;
        }
        glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER,
                        tier == 0 ? GL_LINEAR_MIPMAP_NEAREST : GL_LINEAR_MIPMAP_LINEAR);
        glBindTexture(GL_TEXTURE_2D, 0);
    }
    os_memory_free(map, CLOUD_MAP_BYTES, OS_MEMORY_RENDER);
    return result;
}

static Result create_programs(PassSky *pass, const RenderSetup *setup, ResultText *text)
{
    bool software = setup->tier == 0;
    const char *plain = software ? WHOLE_DEFINES : SKY_GRID_DEFINES;
    const char *lights = software ? WHOLE_DEFINES LIGHTS_DEFINE : SKY_GRID_DEFINES LIGHTS_DEFINE;
    const struct {
        GlProgram *program;
        const char *vertex, *fragment, *defines;
        bool wanted;
    } sources[] = {
        {&pass->program, "sky.vert", "sky.frag", plain, true},
        {&pass->program_lights, "sky.vert", "sky.frag", lights, true},
        {&pass->small, "sky_small.vert", "sky_small.frag", "", software},
        {&pass->program_clouds, "sky.vert", "clouds.frag", SKY_GRID_DEFINES "#define OVER 1\n",
         setup->tier < RENDER_SETUP_TIER_HDR},
    };
    Result result = RESULT_OK;
    for (size_t i = 0; result == RESULT_OK && i < sizeof sources / sizeof *sources; i++) {
        if (sources[i].wanted)
            result = render_setup_program(setup, sources[i].vertex, sources[i].fragment,
                                          sources[i].defines, sources[i].program, text);
    }
    return result;
}

Result pass_sky_create(const RenderSetup *setup, PassSky *out, ResultText *text)
{
    memset(out, 0, sizeof *out);
    Result result = create_programs(out, setup, text);
    if (result != RESULT_OK)
        return result;
    result = create_clouds(out, setup->tier, text);
    if (result != RESULT_OK)
        return result;
    create_texture(out);
    glGenVertexArrays(1, &out->vertex_array);
    setup->account->objects_created += 3;
    setup->account->bytes.owners[GPU_STATS_SKY] += TEXTURE_BYTES;
    return RESULT_OK;
}

void pass_sky_destroy(PassSky *pass, GlAccount *account)
{
    if (pass->texture != 0)
        account->bytes.owners[GPU_STATS_SKY] -= TEXTURE_BYTES;
    gl_program_destroy(&pass->program);
    gl_program_destroy(&pass->program_lights);
    gl_program_destroy(&pass->small);
    gl_program_destroy(&pass->program_clouds);
    glDeleteTextures(1, &pass->texture);
    glDeleteTextures(1, &pass->texture_clouds);
    glDeleteVertexArrays(1, &pass->vertex_array);
    memset(pass, 0, sizeof *pass);
}

void pass_sky_update(PassSky *pass, const Atmosphere *air)
{
    glActiveTexture(GL_TEXTURE0 + GL_PROGRAM_UNIT_SKY);
    glBindTexture(GL_TEXTURE_2D, pass->texture);
    glPixelStorei(GL_UNPACK_ALIGNMENT, 4);
    glTexSubImage2D(GL_TEXTURE_2D, 0, 0, 0, ATMOSPHERE_SKY_WIDTH, ATMOSPHERE_SKY_HEIGHT, GL_RGBA,
                    GL_FLOAT, air->sky);
}

void pass_sky_bind(const PassSky *pass)
{
    glActiveTexture(GL_TEXTURE0 + GL_PROGRAM_UNIT_CLOUDS);
    glBindTexture(GL_TEXTURE_2D, pass->texture_clouds);
    glActiveTexture(GL_TEXTURE0 + GL_PROGRAM_UNIT_SKY);
    glBindTexture(GL_TEXTURE_2D, pass->texture);
}

void pass_sky_reload(PassSky *pass, GlAccount *account)
{
    (void)gl_program_reload(&pass->program, account);
    (void)gl_program_reload(&pass->program_lights, account);
    (void)gl_program_reload(&pass->small, account);
    (void)gl_program_reload(&pass->program_clouds, account);
}

// True when a disc may lie in the picture: within its corners' angle of the look direction, and room
// for its glow.
static bool in_view(const ViewFrame *frame, float azimuth_rad, float elevation_rad)
{
    float at[3];
    frame_block_direction(azimuth_rad, elevation_rad, at);
    vec3 forward;
    view_forward(&frame->view, forward);
    float half = tanf(frame->view.fov_y_rad * 0.5f);
    float corner = half * sqrtf(1.0f + frame->view.aspect * frame->view.aspect) + 0.10f;
    float cosine = at[0] * forward[0] + at[1] * forward[1] + at[2] * forward[2];
    return cosine > 1.0f / sqrtf(1.0f + corner * corner);
}

static bool lights_in_view(const ViewFrame *frame, const Atmosphere *air)
{
    const SunSky *lights = &air->lights;
    return air->night > 0.0f ||
           in_view(frame, lights->sun_azimuth_rad, lights->sun_elevation_rad) ||
           (lights->moon_lit > 0.0f &&
            in_view(frame, lights->moon_azimuth_rad, lights->moon_elevation_rad));
}

static void draw(const PassSky *pass, uint32_t program, GLenum shape, int vertices)
{
    glUseProgram(program);
    glBindVertexArray(pass->vertex_array);
    glEnable(GL_DEPTH_TEST);
    glDepthFunc(GL_GEQUAL); // the far end equals the cleared depth
    glDepthMask(GL_FALSE);
    glDisable(GL_CULL_FACE);
    glDrawArrays(shape, 0, vertices);
    glDepthMask(GL_TRUE);
    glBindVertexArray(0);
}

void pass_sky_draw_small(const PassSky *pass, const SceneTarget *target)
{
    if (target->sky_frame == 0)
        return;
    glBindFramebuffer(GL_FRAMEBUFFER, target->sky_frame);
    glViewport(0, 0, target->sky_width, target->sky_height);
    glDisable(GL_BLEND);
    draw(pass, pass->small.handle, GL_TRIANGLE_STRIP, 4);
}

void pass_sky_draw(const PassSky *pass, const SceneTarget *target, const ViewFrame *frame,
                   const Atmosphere *air)
{
    bool lit = lights_in_view(frame, air), small = target->sky_frame != 0;
    glActiveTexture(GL_TEXTURE0 + GL_PROGRAM_UNIT_SCENE);
    glBindTexture(GL_TEXTURE_2D, target->sky_texture);
    draw(pass, lit ? pass->program_lights.handle : pass->program.handle, GL_TRIANGLES,
         small ? 6 : GRID_VERTICES);
    glBindTexture(GL_TEXTURE_2D, 0);
}

void pass_sky_draw_clouds(const PassSky *pass, const ViewFrame *frame, const DrawScene *scene)
{
    bool above = frame->view.eye_world[1] > (double)ATMOSPHERE_HEAPS_M;
    if (pass->program_clouds.handle == 0 || !above || scene->cloud_cover <= 0.0f)
        return;
    glEnable(GL_BLEND);
    glBlendFunc(GL_SRC_ALPHA, GL_ONE_MINUS_SRC_ALPHA);
    glColorMask(GL_TRUE, GL_TRUE, GL_TRUE, GL_FALSE); // alpha says where ground is
    draw(pass, pass->program_clouds.handle, GL_TRIANGLES, GRID_VERTICES);
    glColorMask(GL_TRUE, GL_TRUE, GL_TRUE, GL_TRUE);
    glDisable(GL_BLEND);
}
