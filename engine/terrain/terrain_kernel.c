// Compiled several times by kernels.cmake, with TERRAIN_LANES and TERRAIN_KERNEL_SUFFIX set for
// each width.
#include "terrain/terrain_kernel.h"
#include "terrain/biome_lanes.h"
#include "terrain/relief_lanes.h"
#include "terrain/skyline_lanes.h"
#include "terrain/waters_lanes.h"
#include <assert.h>

#ifndef TERRAIN_KERNEL_SUFFIX
#define TERRAIN_KERNEL_SUFFIX scalar
#endif
#define KERNEL_JOIN_(a, b) a##b
#define KERNEL_JOIN(a, b) KERNEL_JOIN_(a, b)
#define KERNEL_TEXT_(a) #a
#define KERNEL_TEXT(a) KERNEL_TEXT_(a)

_Static_assert(LANDFORM_PAD % TERRAIN_LANES == 0, "rows are padded to whole blocks");
_Static_assert(BIOME_PITCH % LANDFORM_PAD == 0 && LANDFORM_COLUMNS_MAX % LANDFORM_PAD == 0,
               "buffers hold whole blocks");

static void kernel_bounds(const float *from, int count, float *low, float *high)
{
    assert(count > 0 && count % LANDFORM_PAD == 0);
    LanesF least = lanes_load(from), most = least;
    for (int i = TERRAIN_LANES; i < count; i += TERRAIN_LANES) {
        least = lanes_min(least, lanes_load(from + i));
        most = lanes_max(most, lanes_load(from + i));
    }
    float lanes[2][TERRAIN_LANES];
    lanes_store(lanes[0], least);
    lanes_store(lanes[1], most);
    *low = lanes[0][0];
    *high = lanes[1][0];
    for (int i = 1; i < TERRAIN_LANES; i++) {
        *low = lanes[0][i] < *low ? lanes[0][i] : *low;
        *high = lanes[1][i] > *high ? lanes[1][i] : *high;
    }
}

static void kernel_quantise(const float *from, int count, float per_metre,
                            const int32_t scale_base[2], uint16_t *values)
{
    assert(count > 0 && count <= LANDFORM_COLUMNS_MAX && scale_base[0] > 0);
    int32_t wide[LANDFORM_COLUMNS_MAX];
    for (int i = 0; i < count; i += TERRAIN_LANES) {
        LanesI value =
            lanes_round(lanes_load(from + i) * per_metre) * scale_base[0] - scale_base[1];
        memcpy(wide + i, &value, sizeof value);
    }
    for (int i = 0; i < count; i++)
        values[i] = (uint16_t)(wide[i] < 0 ? 0 : wide[i] > 65535 ? 65535 : wide[i]);
}

enum { NOISE_OCTAVES = 8, NOISE_WARPS = 2, NOISE_SIDE_MAX = 4096 };

typedef struct NoiseRow {
    float warp_x[NOISE_SIDE_MAX + TERRAIN_LANES], warp_z[NOISE_SIDE_MAX + TERRAIN_LANES];
    float sum[NOISE_SIDE_MAX + TERRAIN_LANES];
    int blocks;
} NoiseRow;

static void kernel_noise_warp(const NoiseCursor *cursor, float reach, NoiseRow *row)
{
    for (int block = 0, i = 0; block < row->blocks; block++, i += TERRAIN_LANES) {
        NoiseSample n = noise_sample(cursor, block);
        lanes_store(row->warp_x + i, lanes_load(row->warp_x + i) + reach * n.slope_x);
        lanes_store(row->warp_z + i, lanes_load(row->warp_z + i) + reach * n.slope_z);
    }
}

static void kernel_noise_add(const NoiseCursor *cursor, float weight, NoiseRow *row)
{
    for (int block = 0, i = 0; block < row->blocks; block++, i += TERRAIN_LANES) {
        LanesF x = lanes_load(row->warp_x + i), z = lanes_load(row->warp_z + i);
        LanesF value = noise_value_warped(cursor, block, x, z) * weight;
        lanes_store(row->sum + i, lanes_load(row->sum + i) + value);
    }
}

// TARGETS.md calls this B9; rows are padded inside, `out` holds side * side values. Octave by octave
// along a row, so that an octave's constants stay in registers.
static void kernel_noise(uint64_t seed, int side, float *out)
{
    assert(side > 0 && side <= NOISE_SIDE_MAX);
    NoiseOctave octaves[NOISE_OCTAVES + NOISE_WARPS];
    NoiseCursor cursors[NOISE_OCTAVES + NOISE_WARPS];
    for (int i = 0; i < NOISE_OCTAVES + NOISE_WARPS; i++) {
        float wavelength_m =
            i < NOISE_WARPS ? 97.0f / (float)(1 + i) : 200.0f / (float)(1 << (i - NOISE_WARPS));
        octaves[i] = noise_octave(seed, (uint32_t)i, wavelength_m);
        cursors[i] = noise_cursor(&octaves[i], 1);
    }
    NoiseRow row;
    row.blocks = (side + TERRAIN_LANES - 1) / TERRAIN_LANES;
    for (int z = 0; z < side; z++) {
        size_t bytes = sizeof(float) * (size_t)(row.blocks * TERRAIN_LANES);
        memset(row.warp_x, 0, bytes);
        memset(row.warp_z, 0, bytes);
        memset(row.sum, 0, bytes);
        for (int i = 0; i < NOISE_OCTAVES + NOISE_WARPS; i++) {
            noise_cursor_row(&cursors[i], 0, z);
            if (i < NOISE_WARPS)
                kernel_noise_warp(&cursors[i], 1000.0f / (float)(1 + i), &row);
            else
                kernel_noise_add(&cursors[i], 1.0f / (float)(1 << (i - NOISE_WARPS)), &row);
        }
        memcpy(out + (size_t)z * (size_t)side, row.sum, sizeof(float) * (size_t)side);
    }
}

const TerrainKernel KERNEL_JOIN(terrain_kernel_, TERRAIN_KERNEL_SUFFIX) = {
    .name = KERNEL_TEXT(TERRAIN_KERNEL_SUFFIX),
    .lanes = TERRAIN_LANES,
    .fill_lattice = landform_fill_lattice,
    .fill_rivers = river_net_fill,
    .heights = relief_rows,
    .bounds = kernel_bounds,
    .quantise = kernel_quantise,
    .tint = biome_rows,
    .skyline = skyline_sweep,
    .layer = biome_layer_rows,
    .flow = relief_flow_rows,
    .places = waters_place_rows,
    .noise = kernel_noise,
};
