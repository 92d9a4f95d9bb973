#include "render/pass_post.h"

#include <glad/gl.h>
#include <string.h>

Result pass_post_create(const RenderSetup *setup, PassPost *out, ResultText *text)
{
    memset(out, 0, sizeof *out);
    const char *fragment = render_setup_post(setup);
    if (fragment == NULL)
        return RESULT_OK;
    Result result = render_setup_program(setup, "screen.vert", fragment, NULL, &out->program, text);
    if (result != RESULT_OK)
        return result;
    glGenVertexArrays(1, &out->vertex_array);
    setup->account->objects_created++;
    return RESULT_OK;
}

void pass_post_destroy(PassPost *pass)
{
    gl_program_destroy(&pass->program);
    glDeleteVertexArrays(1, &pass->vertex_array);
    memset(pass, 0, sizeof *pass);
}

void pass_post_draw(const PassPost *pass, const SceneTarget *target)
{
    if (target->final_frame == target->resolve_frame)
        return;
    glBindFramebuffer(GL_FRAMEBUFFER, target->final_frame);
    glActiveTexture(GL_TEXTURE0 + GL_PROGRAM_UNIT_SCENE);
    glBindTexture(GL_TEXTURE_2D, target->scene_texture);
    glUseProgram(pass->program.handle);
    glBindVertexArray(pass->vertex_array);
    glDisable(GL_DEPTH_TEST);
    glDisable(GL_CULL_FACE);
    glDrawArrays(GL_TRIANGLES, 0, 3);
    glBindVertexArray(0);
    glBindTexture(GL_TEXTURE_2D, 0);
}
