#include "render/readback.h"

#include <assert.h>
#include <glad/gl.h>
#include <stddef.h>

// GL's rows run from bottom to top.
static void turn_over(uint8_t *pixels, size_t row_bytes, int height)
{
    for (int top = 0, bottom = height - 1; top < bottom; top++, bottom--) {
        uint8_t *a = pixels + (size_t)top * row_bytes, *b = pixels + (size_t)bottom * row_bytes;
        for (size_t i = 0; i < row_bytes; i++) {
            uint8_t kept = a[i];
            a[i] = b[i];
            b[i] = kept;
        }
    }
}

static void read_pixels(uint32_t frame, int width, int height, GLenum type, size_t texel_bytes,
                        void *out)
{
    assert(width > 0 && height > 0 && out != NULL);
    glBindFramebuffer(GL_READ_FRAMEBUFFER, frame);
    glBindBuffer(GL_PIXEL_PACK_BUFFER, 0);
    glPixelStorei(GL_PACK_ALIGNMENT, 4);
    glReadPixels(0, 0, width, height, GL_RGBA, type, out);
    glBindFramebuffer(GL_READ_FRAMEBUFFER, 0);
    turn_over(out, (size_t)width * texel_bytes, height);
}

void readback_rgba8(uint32_t frame, int width, int height, uint8_t *out)
{
    read_pixels(frame, width, height, GL_UNSIGNED_BYTE, 4, out);
}

void readback_rgba32f(uint32_t frame, int width, int height, float *out)
{
    read_pixels(frame, width, height, GL_FLOAT, 4 * sizeof(float), out);
}
