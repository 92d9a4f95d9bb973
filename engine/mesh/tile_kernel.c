#include "mesh/tile_kernel.h"

#include "base/cpu.h"
#include "world/lod.h"
#include <assert.h>
#include <math.h>
#include <string.h>

// Sky seen from flat ground, from the deepest pit and from the sharpest ridge.
#define SKY_FLAT 0.85f
#define SKY_PIT 0.25f
#define SKY_RIDGE 1.0f
// How fast a bend of the ground takes the sky away: a bend of 10 m radius costs about a third of it.
#define SKY_GAIN 3.0f

// `size`: 0 to 255 and a fraction.
static inline __attribute__((always_inline)) uint32_t to_byte(float size)
{
    return (uint32_t)(int32_t)(size + 0.5f);
}

// Mean of 1 2 1 along a column or row of the grid.
static inline __attribute__((always_inline)) float smooth(const float *at, int pitch)
{
    return 0.25f * (at[-pitch] + at[pitch]) + 0.5f * at[0];
}

// One texel from its height and the heights one and `reach` grid cells away. `sobel` smooths slopes across, which
// makes a map of few texels what the next mip of a finer one shows.
static inline __attribute__((always_inline)) uint32_t
surface_texel(const float *at, int reach, bool sobel, const TileSurface *scale, float open)
{
    float west = at[-1], east = at[1], north = at[-TILE_GRID_STRIDE], south = at[TILE_GRID_STRIDE];
    float across_x =
        sobel ? smooth(at + 1, TILE_GRID_STRIDE) - smooth(at - 1, TILE_GRID_STRIDE) : east - west;
    float across_z =
        sobel ? smooth(at + TILE_GRID_STRIDE, 1) - smooth(at - TILE_GRID_STRIDE, 1) : south - north;
    float slope_x = across_x * scale->slope;
    float slope_z = across_z * scale->slope;
    float up = 1.0f / sqrtf(1.0f + slope_x * slope_x + slope_z * slope_z);
    float four = 4.0f * at[0];
    float narrow = (west + east + north + south - four) * scale->narrow_bend;
    float wide = (at[-reach] + at[reach] + at[-reach * TILE_GRID_STRIDE] +
                  at[reach * TILE_GRID_STRIDE] - four) *
                 scale->wide_bend;
    // A part of a value and a part of its size pick hollows and spurs without a branch.
    float bend = narrow + wide, size = fabsf(bend);
    float lost =
        0.5f * (SKY_RIDGE - SKY_PIT) * bend + 0.5f * (2.0f * SKY_FLAT - SKY_PIT - SKY_RIDGE) * size;
    return to_byte(127.5f - 127.5f * (slope_x * up)) |
           to_byte(127.5f - 127.5f * (slope_z * up)) << 8 |
           to_byte((SKY_FLAT - lost / (1.0f + size)) * open) << 16 | 0xff000000u;
}

// 255 times the skyline's part of the sky: rows as the skyline has them, four places from one texel to the next.
typedef struct OpenRows {
    float at[CHUNK_SKYLINE_SIDE + 1][4 * CHUNK_SKYLINE_SIDE];
} OpenRows;

static inline __attribute__((always_inline)) void spread_open(const float *restrict open,
                                                              OpenRows *restrict out)
{
    for (int row = 0; row <= CHUNK_SKYLINE_SIDE; row++) {
        const float *from = open + (row < CHUNK_SKYLINE_SIDE ? row : row - 1) * CHUNK_SKYLINE_SIDE;
        for (int i = 0; i < CHUNK_SKYLINE_SIDE; i++) {
            float rise = i < CHUNK_SKYLINE_SIDE - 1 ? from[i + 1] - from[i] : 0.0f;
            for (int k = 0; k < 4; k++)
                out->at[row][4 * i + k] = 255.0f * from[i] + rise * (63.75f * (float)k);
        }
    }
}

// All sizes are constants at each call: a fixed side, a multiple of 4, lets the compiler use whole vectors. Texels lie
// `pitch` grid cells apart; texel i takes place 4 + step * (i - 1) among the open rows, both ways.
static inline __attribute__((always_inline)) void surface_rows(const TileSurface *surface, int step,
                                                               uint32_t *restrict out)
{
    const int side = TILE_SURFACE_SIDE(step), pitch = step > 2 ? 2 : 1, reach = step > 1 ? 1 : 2;
    TileSurface scale = *surface;
    scale.narrow_bend *= SKY_GAIN;
    scale.wide_bend *= SKY_GAIN;
    const float *restrict row = scale.grid + (TILE_GRID_ORIGIN - pitch) * (TILE_GRID_STRIDE + 1);
    OpenRows rows;
    spread_open(scale.open, &rows);
    for (int j = 0; j < side; j++) {
        int place = 4 + step * (j - 1);
        const float *north = rows.at[place / 4] + 4 - step,
                    *south = rows.at[place / 4 + 1] + 4 - step;
        const float part = 0.25f * (float)(place % 4);
        for (int i = 0; i < side; i++) {
            float open = north[step * i] + (south[step * i] - north[step * i]) * part;
            out[i] = surface_texel(row + i * pitch, reach, pitch > 1, &scale, open);
        }
        row += pitch * TILE_GRID_STRIDE;
        out += side;
    }
}

static inline __attribute__((always_inline)) void fill_surface(const TileSurface *surface,
                                                               uint32_t *out)
{
    assert(surface->step == 1 || surface->step == 2 || surface->step == 4);
    if (surface->step == 1)
        surface_rows(surface, 1, out);
    else if (surface->step == 2)
        surface_rows(surface, 2, out);
    else
        surface_rows(surface, 4, out);
}

// A row of vertices, `step` samples apart; `coarse`: the coarser level's, every second vertex of ours, `coarse_step`
// apart.
static inline __attribute__((always_inline)) void height_row(const uint16_t *restrict own,
                                                             const uint16_t *restrict coarse,
                                                             const int steps[2], int side,
                                                             uint32_t *restrict out)
{
    const int step = steps[0], coarse_step = steps[1];
    for (int i = 0; i < side / 2; i++) {
        uint32_t high = (uint32_t)coarse[i * coarse_step] << 16;
        out[2 * i] = own[2 * i * step] | high;
        out[2 * i + 1] = own[(2 * i + 1) * step] | high;
    }
    out[side - 1] = own[(side - 1) * step] | (uint32_t)coarse[side / 2 * coarse_step] << 16;
}

static inline __attribute__((always_inline)) void fill_heights(const Chunk *chunk, int lod,
                                                               int side, uint32_t *out)
{
    int step = (CHUNK_SAMPLES - 1) / (side - 1);
    bool from_own = lod < LOD_CHUNK_COUNT - 1;
    for (int z = 0; z < side; z++, out += side) {
        const uint16_t *own = chunk->heights + chunk_index(0, z * step);
        const uint16_t *coarse = from_own ? chunk->heights + chunk_index(0, (z & ~1) * step)
                                          : chunk->coarse + z / 2 * CHUNK_COARSE_SIDE;
        if (from_own && step == 1 && side == CHUNK_SAMPLES) // the dearest one, with known sizes
            height_row(own, coarse, (const int[2]){1, 2}, CHUNK_SAMPLES, out);
        else
            height_row(own, coarse, (const int[2]){step, from_own ? 2 * step : 1}, side, out);
    }
}

// The same loops for several widths of registers; the build forbids fused multiply-add, whose results would differ.
#define TILE_KERNEL(name, attributes)                                                              \
    attributes static void name##_heights(const Chunk *chunk, int lod, int side, uint32_t *out)    \
    {                                                                                              \
        fill_heights(chunk, lod, side, out);                                                       \
    }                                                                                              \
    attributes static void name##_surface(const TileSurface *surface, uint32_t *out)               \
    {                                                                                              \
        fill_surface(surface, out);                                                                \
    }

TILE_KERNEL(plain, )
#ifdef __x86_64__
TILE_KERNEL(avx2, __attribute__((target("avx2"))))
TILE_KERNEL(avx512, __attribute__((target("avx512f,avx512vl,avx512bw,avx512dq"))))
#endif

static const TileKernel KERNELS[TILE_WIDTH_COUNT] = {
    [TILE_WIDTH_PLAIN] = {plain_heights, plain_surface},
#ifdef __x86_64__
    [TILE_WIDTH_AVX2] = {avx2_heights, avx2_surface},
    [TILE_WIDTH_AVX512] = {avx512_heights, avx512_surface},
#endif
};

bool tile_kernel_supported(TileWidth width)
{
    if (width == TILE_WIDTH_PLAIN)
        return true;
    return width == TILE_WIDTH_AVX2 ? cpu_has_avx2() : cpu_has_avx512();
}

const TileKernel *tile_kernel(TileWidth width)
{
    assert(tile_kernel_supported(width));
    return &KERNELS[width];
}

const TileKernel *tile_kernel_best(void)
{
    int width = TILE_WIDTH_COUNT - 1;
    while (!tile_kernel_supported((TileWidth)width))
        width--;
    return &KERNELS[width];
}
