#include "render/scene_target.h"

#include <assert.h>
#include <glad/gl.h>
#include <string.h>

#define SAMPLES 4
#define SIDE_MAX 16384
#define SKY_COLUMNS_SHRINK 5 // of the picture's: far clouds are broad, and low
#define SKY_ROWS_SHRINK 2

static uint32_t make_texture(const SceneTarget *target, GLenum format, GlAccount *account)
{
    bool is_float = format == GL_RGBA16F;
    GLuint handle = 0;
    glGenTextures(1, &handle);
    glBindTexture(GL_TEXTURE_2D, handle);
    glTexImage2D(GL_TEXTURE_2D, 0, (GLint)format, target->width, target->height, 0, GL_RGBA,
                 is_float ? GL_FLOAT : GL_UNSIGNED_BYTE, NULL);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAX_LEVEL, 0);
    glBindTexture(GL_TEXTURE_2D, 0);
    account->objects_created++;
    return handle;
}

static uint32_t make_renderbuffer(const SceneTarget *target, GLenum format, GlAccount *account)
{
    GLuint handle = 0;
    glGenRenderbuffers(1, &handle);
    glBindRenderbuffer(GL_RENDERBUFFER, handle);
    if (target->samples > 1)
        glRenderbufferStorageMultisample(GL_RENDERBUFFER, target->samples, format, target->width,
                                         target->height);
    else
        glRenderbufferStorage(GL_RENDERBUFFER, format, target->width, target->height);
    account->objects_created++;
    return handle;
}

static uint32_t make_frame(GlAccount *account)
{
    GLuint handle = 0;
    glGenFramebuffers(1, &handle);
    glBindFramebuffer(GL_FRAMEBUFFER, handle);
    account->objects_created++;
    return handle;
}

static uint32_t frame_of_texture(uint32_t texture, GlAccount *account)
{
    uint32_t frame = make_frame(account);
    glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, texture, 0);
    return frame;
}

static bool complete(uint32_t frame)
{
    glBindFramebuffer(GL_FRAMEBUFFER, frame);
    return glCheckFramebufferStatus(GL_FRAMEBUFFER) == GL_FRAMEBUFFER_COMPLETE;
}

static void make_sky(SceneTarget *target, GlAccount *account)
{
    glGenTextures(1, &target->sky_texture);
    glBindTexture(GL_TEXTURE_2D, target->sky_texture);
    glTexImage2D(GL_TEXTURE_2D, 0, target->is_float ? GL_RGBA16F : GL_RGBA8, target->sky_width,
                 target->sky_height, 0, GL_RGBA, target->is_float ? GL_FLOAT : GL_UNSIGNED_BYTE,
                 NULL);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_LINEAR);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAX_LEVEL, 0);
    glBindTexture(GL_TEXTURE_2D, 0);
    account->objects_created++;
    target->sky_frame = frame_of_texture(target->sky_texture, account);
}

static void make_objects(SceneTarget *target, bool post_pass, GlAccount *account)
{
    GLenum format = target->is_float ? GL_RGBA16F : GL_RGBA8;
    target->scene_texture = make_texture(target, format, account);
    target->resolve_frame = frame_of_texture(target->scene_texture, account);
    target->draw_frame = target->resolve_frame;
    if (target->samples > 1) {
        target->colour = make_renderbuffer(target, format, account);
        target->draw_frame = make_frame(account);
        glFramebufferRenderbuffer(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_RENDERBUFFER,
                                  target->colour);
    }
    target->depth = make_renderbuffer(target, GL_DEPTH_COMPONENT32F, account);
    glFramebufferRenderbuffer(GL_FRAMEBUFFER, GL_DEPTH_ATTACHMENT, GL_RENDERBUFFER, target->depth);
    target->final_frame = target->resolve_frame;
    target->final_texture = target->scene_texture;
    if (post_pass) {
        target->final_texture = make_texture(target, GL_RGBA8, account);
        target->final_frame = frame_of_texture(target->final_texture, account);
    }
}

static void shape(const RenderSetup *setup, int width, int height, SceneTarget *out)
{
    memset(out, 0, sizeof *out);
    bool hdr = setup->tier >= RENDER_SETUP_TIER_HDR;
    out->width = width;
    out->height = height;
    out->is_float = hdr || setup->linear_output;
    out->samples =
        hdr && !setup->linear_output && setup->caps->samples_max >= SAMPLES ? SAMPLES : 1;
    uint64_t texel_bytes = out->is_float ? 8 : 4, of_pixel = texel_bytes;
    of_pixel += (uint64_t)out->samples * 4; // depth
    of_pixel += out->samples > 1 ? (uint64_t)out->samples * texel_bytes : 0;
    of_pixel += render_setup_post(setup) ? 4 : 0;
    out->bytes = (uint64_t)width * (uint64_t)height * of_pixel;
    if (setup->tier > 0)
        return;
    out->sky_width = (width + SKY_COLUMNS_SHRINK - 1) / SKY_COLUMNS_SHRINK;
    out->sky_height = (height + SKY_ROWS_SHRINK - 1) / SKY_ROWS_SHRINK;
    out->bytes += (uint64_t)out->sky_width * (uint64_t)out->sky_height * texel_bytes;
}

uint64_t scene_target_bytes(const RenderSetup *setup, int width, int height)
{
    SceneTarget target;
    shape(setup, width, height, &target);
    return target.bytes;
}

Result scene_target_create(const RenderSetup *setup, int width, int height, SceneTarget *out,
                           ResultText *text)
{
    memset(out, 0, sizeof *out);
    if (width < 1 || height < 1 || width > SIDE_MAX || height > SIDE_MAX)
        return result_fail(text, RESULT_BAD_INPUT,
                           "a picture of %d x %d is not possible: 1 to %d a side", width, height,
                           SIDE_MAX);
    shape(setup, width, height, out);
    make_objects(out, render_setup_post(setup) != NULL, setup->account);
    if (out->sky_width > 0)
        make_sky(out, setup->account);
    setup->account->bytes.owners[GPU_STATS_TARGETS] += out->bytes;
    bool good = complete(out->draw_frame) && complete(out->resolve_frame) &&
                complete(out->final_frame) && (out->sky_frame == 0 || complete(out->sky_frame));
    glBindFramebuffer(GL_FRAMEBUFFER, 0);
    if (good)
        return RESULT_OK;
    scene_target_destroy(out, setup->account);
    return result_fail(text, RESULT_UNSUPPORTED, "the driver refuses a %d x %d picture of tier %d",
                       width, height, setup->tier);
}

void scene_target_destroy(SceneTarget *target, GlAccount *account)
{
    const GLuint frames[4] = {
        target->draw_frame, target->resolve_frame != target->draw_frame ? target->resolve_frame : 0,
        target->final_frame != target->resolve_frame ? target->final_frame : 0, target->sky_frame};
    const GLuint textures[3] = {
        target->scene_texture,
        target->final_texture != target->scene_texture ? target->final_texture : 0,
        target->sky_texture};
    const GLuint buffers[2] = {target->colour, target->depth};
    glDeleteFramebuffers(4, frames);
    glDeleteTextures(3, textures);
    glDeleteRenderbuffers(2, buffers);
    account->bytes.owners[GPU_STATS_TARGETS] -= target->bytes;
    memset(target, 0, sizeof *target);
}

void scene_target_begin(const SceneTarget *target, const float clear_rgb[3])
{
    assert(target->draw_frame != 0);
    glBindFramebuffer(GL_FRAMEBUFFER, target->draw_frame);
    glViewport(0, 0, target->width, target->height);
    glColorMask(GL_TRUE, GL_TRUE, GL_TRUE, GL_TRUE);
    glDepthMask(GL_TRUE);
    glDisable(GL_SCISSOR_TEST);
    glDisable(GL_BLEND);
    glClearColor(clear_rgb[0], clear_rgb[1], clear_rgb[2], 0.0f);
    glClearDepth(0.0);
    glClear(GL_COLOR_BUFFER_BIT | GL_DEPTH_BUFFER_BIT);
}

void scene_target_resolve(const SceneTarget *target)
{
    if (target->resolve_frame == target->draw_frame)
        return;
    glBindFramebuffer(GL_READ_FRAMEBUFFER, target->draw_frame);
    glBindFramebuffer(GL_DRAW_FRAMEBUFFER, target->resolve_frame);
    glBlitFramebuffer(0, 0, target->width, target->height, 0, 0, target->width, target->height,
                      GL_COLOR_BUFFER_BIT, GL_NEAREST);
}

void scene_target_show(const SceneTarget *target, int window_width, int window_height)
{
    bool same = window_width == target->width && window_height == target->height;
    glBindFramebuffer(GL_READ_FRAMEBUFFER, target->final_frame);
    glBindFramebuffer(GL_DRAW_FRAMEBUFFER, 0);
    glBlitFramebuffer(0, 0, target->width, target->height, 0, 0, window_width, window_height,
                      GL_COLOR_BUFFER_BIT, same ? GL_NEAREST : GL_LINEAR);
    glBindFramebuffer(GL_FRAMEBUFFER, 0);
    glViewport(0, 0, window_width, window_height);
}
