#include "render/pass_sky.h"

#include "render/frame_block.h"
#include <glad/gl.h>
#include <math.h>
#include <string.h>

// Quads over the picture: fine enough upward for the band above the horizon.
#define SKY_COLUMNS 24
#define SKY_ROWS 60
#define TEXT_OF(x) #x
#define DEFINE_LINE(name, value) "#define " name " " TEXT_OF(value) "\n"
#define SKY_GRID_DEFINES DEFINE_LINE("SKY_COLUMNS", SKY_COLUMNS) DEFINE_LINE("SKY_ROWS", SKY_ROWS)
#define TEXTURE_BYTES (ATMOSPHERE_SKY_WIDTH * ATMOSPHERE_SKY_HEIGHT * 8u)

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

Result pass_sky_create(const RenderSetup *setup, PassSky *out, ResultText *text)
{
    memset(out, 0, sizeof *out);
    Result result =
        render_setup_program(setup, "sky.vert", "sky.frag", SKY_GRID_DEFINES, &out->program, text);
    if (result == RESULT_OK)
        result =
            render_setup_program(setup, "sky.vert", "sky.frag",
                                 SKY_GRID_DEFINES "#define LIGHTS 1\n", &out->program_lights, text);
    if (result != RESULT_OK)
        return result;
    create_texture(out);
    glGenVertexArrays(1, &out->vertex_array);
    setup->account->objects_created += 2;
    setup->account->bytes += TEXTURE_BYTES;
    return RESULT_OK;
}

void pass_sky_destroy(PassSky *pass, GlAccount *account)
{
    if (pass->texture != 0)
        account->bytes -= TEXTURE_BYTES;
    gl_program_destroy(&pass->program);
    gl_program_destroy(&pass->program_lights);
    glDeleteTextures(1, &pass->texture);
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
    glActiveTexture(GL_TEXTURE0 + GL_PROGRAM_UNIT_SKY);
    glBindTexture(GL_TEXTURE_2D, pass->texture);
}

void pass_sky_reload(PassSky *pass, GlAccount *account)
{
    (void)gl_program_reload(&pass->program, account);
    (void)gl_program_reload(&pass->program_lights, account);
}

// True when a disc may lie in the picture: within its corners' angle of the look direction.
static bool in_view(const ViewFrame *frame, float azimuth_rad, float elevation_rad)
{
    float at[3];
    frame_block_direction(azimuth_rad, elevation_rad, at);
    vec3 forward;
    view_forward(&frame->view, forward);
    float half = tanf(frame->view.fov_y_rad * 0.5f);
    float corner = half * sqrtf(1.0f + frame->view.aspect * frame->view.aspect) + 0.02f;
    float cosine = at[0] * forward[0] + at[1] * forward[1] + at[2] * forward[2];
    return cosine > 1.0f / sqrtf(1.0f + corner * corner);
}

void pass_sky_draw(const PassSky *pass, const ViewFrame *frame, const Atmosphere *air)
{
    const SunSky *lights = &air->lights;
    bool lit = air->night > 0.0f ||
               in_view(frame, lights->sun_azimuth_rad, lights->sun_elevation_rad) ||
               (lights->moon_lit > 0.0f &&
                in_view(frame, lights->moon_azimuth_rad, lights->moon_elevation_rad));
    glUseProgram(lit ? pass->program_lights.handle : pass->program.handle);
    glBindVertexArray(pass->vertex_array);
    glEnable(GL_DEPTH_TEST);
    glDepthFunc(GL_GEQUAL); // the far end equals the cleared depth
    glDepthMask(GL_FALSE);
    glDisable(GL_CULL_FACE);
    glDrawArrays(GL_TRIANGLES, 0, SKY_COLUMNS * SKY_ROWS * 6);
    glDepthMask(GL_TRUE);
    glBindVertexArray(0);
}
