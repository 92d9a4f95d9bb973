#include "render/hole_probe.h"

#include "render/atmosphere.h"
#include <assert.h>
#include <glad/gl.h>
#include <math.h>
#include <string.h>

#define ALPHA_GROUND 128 // with MSAA an edge pixel holds part of both
#define LEVEL_PITCH_RAD 0.34906585f
#define COLUMNS_MAX 16384

size_t hole_probe_bytes(int width, int height)
{
    return (size_t)width * (size_t)height * 4;
}

void hole_probe_create(HoleProbe *out, int width, int height, GlAccount *account)
{
    memset(out, 0, sizeof *out);
    out->width = width;
    out->height = height;
    out->bytes = hole_probe_bytes(width, height);
    out->result = -1;
    glGenBuffers(1, &out->buffer);
    glBindBuffer(GL_PIXEL_PACK_BUFFER, out->buffer);
    glBufferData(GL_PIXEL_PACK_BUFFER, (GLsizeiptr)out->bytes, NULL, GL_STREAM_READ);
    glBindBuffer(GL_PIXEL_PACK_BUFFER, 0);
    account->objects_created++;
    account->bytes.owners[GPU_STATS_TARGETS] += out->bytes;
}

void hole_probe_destroy(HoleProbe *probe, GlAccount *account)
{
    glDeleteBuffers(1, &probe->buffer);
    account->bytes.owners[GPU_STATS_TARGETS] -= probe->bytes;
    memset(probe, 0, sizeof *probe);
    probe->result = -1;
}

void hole_probe_mark(HoleProbe *probe, const ViewFrame *frame, float slope_min)
{
    if (probe->state != HOLE_PROBE_IDLE)
        return;
    probe->frame = *frame;
    probe->slope_min = slope_min;
    probe->state = HOLE_PROBE_DRAWN;
}

static void start_read(HoleProbe *probe, const SceneTarget *target)
{
    glBindFramebuffer(GL_READ_FRAMEBUFFER, target->final_frame);
    glBindBuffer(GL_PIXEL_PACK_BUFFER, probe->buffer);
    glPixelStorei(GL_PACK_ALIGNMENT, 4);
    glReadPixels(0, 0, probe->width, probe->height, GL_RGBA, GL_UNSIGNED_BYTE, NULL);
    glBindBuffer(GL_PIXEL_PACK_BUFFER, 0);
    glBindFramebuffer(GL_READ_FRAMEBUFFER, 0);
}

static void count_read(HoleProbe *probe)
{
    glBindBuffer(GL_PIXEL_PACK_BUFFER, probe->buffer);
    const uint8_t *rgba =
        glMapBufferRange(GL_PIXEL_PACK_BUFFER, 0, (GLsizeiptr)probe->bytes, GL_MAP_READ_BIT);
    if (rgba != NULL) {
        probe->result =
            hole_probe_count(rgba, probe->width, probe->height, &probe->frame, probe->slope_min);
        glUnmapBuffer(GL_PIXEL_PACK_BUFFER);
    }
    glBindBuffer(GL_PIXEL_PACK_BUFFER, 0);
}

void hole_probe_step(HoleProbe *probe, const SceneTarget *target)
{
    if (probe->state == HOLE_PROBE_READ) {
        count_read(probe);
        probe->state = HOLE_PROBE_IDLE;
    } else if (probe->state == HOLE_PROBE_DRAWN) {
        assert(target->width == probe->width && target->height == probe->height);
        start_read(probe, target);
        probe->state = HOLE_PROBE_READ;
    }
}

float hole_probe_slope(double eye_m, float lowest_m, float reach_m)
{
    assert(reach_m > 0.0f);
    double drop_m = (double)reach_m * (double)reach_m / (2.0 * (double)VIEW_EARTH_RADIUS_M);
    return (float)((fmax(eye_m - (double)lowest_m, 0.0) + drop_m) / (double)reach_m);
}

// True when the ray through the pixel's middle points below the slope.
static bool steep(const ViewFrame *frame, float x_ndc, float y_ndc, float slope_min)
{
    float half = tanf(frame->view.fov_y_rad * 0.5f);
    float across = x_ndc * half * frame->view.aspect, up = y_ndc * half;
    float ray[3];
    for (int axis = 0; axis < 3; axis++)
        ray[axis] = frame->rotation[axis][0] * across + frame->rotation[axis][1] * up -
                    frame->rotation[axis][2];
    return -ray[1] > slope_min * sqrtf(ray[0] * ray[0] + ray[2] * ray[2]);
}

int64_t hole_probe_count(const uint8_t *rgba, int width, int height, const ViewFrame *frame,
                         float slope_min)
{
    assert(width > 0 && height > 0 && width <= COLUMNS_MAX);
    bool level = fabsf(frame->view.pitch_rad) < LEVEL_PITCH_RAD;
    uint8_t ground_above[COLUMNS_MAX]; // in each column, over the row at hand
    memset(ground_above, 0, (size_t)width);
    int64_t count = 0;
    for (int y = height - 1; y >= 0; y--) {
        const uint8_t *row = rgba + (size_t)y * (size_t)width * 4;
        float y_ndc = ((float)y + 0.5f) / (float)height * 2.0f - 1.0f;
        // The camera does not roll, so a row's middle is its steepest ray.
        bool row_steep = steep(frame, 0.0f, y_ndc, slope_min);
        for (int x = 0; x < width; x++) {
            if (row[x * 4 + 3] >= ALPHA_GROUND) {
                ground_above[x] = 1;
                continue;
            }
            float x_ndc = ((float)x + 0.5f) / (float)width * 2.0f - 1.0f;
            count +=
                (level && ground_above[x]) || (row_steep && steep(frame, x_ndc, y_ndc, slope_min));
        }
    }
    return count;
}
