// Compiled several times by kernels.cmake, with TERRAIN_LANES and TERRAIN_KERNEL_SUFFIX set for
// each width.
#include "terrain/terrain_kernel.h"
#include "terrain/biome_lanes.h"
#include "terrain/noise_field_lanes.h"
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
    .noise = noise_field,
};
