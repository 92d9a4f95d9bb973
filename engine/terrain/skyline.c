#include "terrain/skyline.h"

#include "terrain/skyline_lanes.h"
#include <assert.h>
#include <math.h>
#include <string.h>

#define STRETCH_MAX 3 // beyond it a ring has too many texels to fill them all in
#define PITCH(margin) (2 * (margin) + SKYLINE_PITCH + SKYLINE_PITCH / 3)

static int64_t floor_shift(int64_t value, int shift)
{
    return value >= 0 ? value >> shift : -((-value + (1 << shift) - 1) >> shift);
}

static void raise_row(const float *restrict north, const float *restrict here,
                      const float *restrict south, int side, float *restrict out)
{
    for (int i = 1; i < side - 1; i++) {
        float over = here[i] - 0.25f * (north[i] + south[i] + here[i - 1] + here[i + 1]);
        out[i] = here[i] + 0.25f * (over + fabsf(over)); // no branch: half of what is above 0
    }
}

// A crest hardly ever lies where far land is sampled and looked at: without this all skylines were too low. A parabola
// loses a sixth of what it stands over its neighbours between samples, and a third between looks two cells apart; of a
// straight ridge, two of whose neighbours are as high, half of that. Even land and hollows stay as they are.
static void raise_crests(const VistaWindow *window)
{
    float rows[2][PITCH(SKYLINE_FAR)];
    size_t bytes = sizeof rows[0][0] * (size_t)window->side;
    memcpy(rows[0], window->heights_m, bytes);
    for (int j = 1; j < window->side - 1; j++) {
        float *here = window->heights_m + j * window->pitch;
        memcpy(rows[j & 1], here, bytes);
        raise_row(rows[~j & 1], rows[j & 1], here + window->pitch, window->side, here);
    }
}

// Fills in the texels between columns of cells, once for all places that are looked at.
static Result stretch_ring(SkylineRing *ring, int rows, Arena *scratch)
{
    int columns = (2 * ring->margin << ring->shift) + CHUNK_SKYLINE_SIDE;
    int pitch = columns + SKYLINE_PITCH - CHUNK_SKYLINE_SIDE;
    float *wide = arena_alloc(scratch, sizeof(float) * (size_t)(rows * pitch));
    if (!wide)
        return RESULT_OUT_OF_MEMORY;
    const float width = 1.0f / (float)(1 << ring->shift);
    for (int j = 0; j < rows; j++) {
        const float *from = ring->heights_m + j * ring->pitch;
        float *to = wide + j * pitch;
        for (int i = 0; i < columns; i++) {
            int at = i + ring->phase_x, cell = at >> ring->shift;
            float part = (float)(at - (cell << ring->shift)) * width;
            to[i] = from[cell] + (from[cell + 1] - from[cell]) * part;
        }
        memset(to + columns, 0, sizeof(float) * (size_t)(pitch - columns));
    }
    ring->heights_m = wide;
    ring->pitch = pitch;
    ring->stretch = ring->shift;
    return RESULT_OK;
}

// A ring without its heights, and the window that they are to be read into.
static Result lay_out_ring(ChunkKey key, int shift, Arena *scratch, SkylineRing *out,
                           VistaWindow *to)
{
    int64_t cells = (CHUNK_SAMPLES - 1) / 4; // texels from chunk to chunk
    int64_t x = key.x * cells - 1, z = key.z * cells - 1;
    VistaWindow window = {.level = key.level + VISTA_LEVEL_MIN + shift};
    *out = (SkylineRing){
        .shift = shift,
        .nearest = shift == 0,
        .farthest = window.level == VISTA_LEVEL_MAX,
        .cell_m = chunk_spacing_m(window.level),
    };
    out->margin = out->farthest ? SKYLINE_FAR : SKYLINE_NEAR;
    int64_t cell_x = floor_shift(x, shift), cell_z = floor_shift(z, shift);
    out->phase_x = (int)(x - cell_x * (1 << shift));
    out->phase_z = (int)(z - cell_z * (1 << shift));
    // From the first texel's cell to the one after the last texel's, for any phase.
    int span = ((CHUNK_SKYLINE_SIDE - 1 + (1 << shift) - 1) >> shift) + 2;
    window.x = cell_x - out->margin;
    window.z = cell_z - out->margin;
    window.side = span + 2 * out->margin;
    window.pitch = PITCH(out->margin);
    size_t bytes = sizeof(float) * (size_t)(window.pitch * window.side);
    window.heights_m = arena_alloc(scratch, bytes);
    if (!window.heights_m)
        return RESULT_OUT_OF_MEMORY;
    memset(window.heights_m, 0, bytes);
    out->heights_m = window.heights_m;
    out->pitch = window.pitch;
    *to = window;
    return RESULT_OK;
}

Result skyline_gather(Vista *vista, ChunkKey key, Arena *scratch, Skyline *out)
{
    assert(key.level >= 0 && key.level + VISTA_LEVEL_MIN <= VISTA_LEVEL_MAX);
    *out = (Skyline){.count = VISTA_LEVEL_MAX - VISTA_LEVEL_MIN - key.level + 1};
    VistaWindow windows[VISTA_WINDOWS_MAX];
    Result result = RESULT_OK;
    for (int i = 0; !result && i < out->count; i++)
        result = lay_out_ring(key, i, scratch, &out->rings[i], &windows[i]);
    if (!result)
        result = vista_read(vista, windows, out->count, scratch);
    // The nearest ring is the ground itself and is looked at everywhere, unless it has to be the farthest too.
    for (int i = out->count > 1; !result && i < out->count; i++)
        raise_crests(&windows[i]);
    for (int i = 1; !result && i < out->count && i <= STRETCH_MAX; i++)
        result = stretch_ring(&out->rings[i], windows[i].side, scratch);
    return result;
}
