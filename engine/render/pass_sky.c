#include "render/pass_sky.h"

#include <glad/gl.h>
#include <string.h>

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
        render_setup_program(setup, "screen.vert", "sky.frag", NULL, &out->program, text);
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

void pass_sky_draw(const PassSky *pass)
{
    glUseProgram(pass->program.handle);
    glBindVertexArray(pass->vertex_array);
    glEnable(GL_DEPTH_TEST);
    glDepthFunc(GL_GEQUAL); // the far end equals the cleared depth
    glDepthMask(GL_FALSE);
    glDisable(GL_CULL_FACE);
    glDrawArrays(GL_TRIANGLES, 0, 3);
    glDepthMask(GL_TRUE);
    glBindVertexArray(0);
}
