#include "stream/streamer_sizes.h"

#include <math.h>

static void layer_counts(const StreamerDesc *desc, int view, bool full,
                         uint32_t out[LOD_GRID_COUNT])
{
    LodRanges nominal = lod_ranges_nominal(desc->quality);
    planner_capacity(view, desc->prefetch_chunks, &nominal, desc->root_lod, out);
    // A tenth more keeps meshes after use: the LOD mesh cache.
    for (int g = 0; g < LOD_GRID_COUNT && full; g++)
        out[g] += out[g] / 10;
}

static uint64_t gpu_bytes(const StreamerDesc *desc, const StreamerSizes *sizes,
                          const uint32_t layers[LOD_GRID_COUNT])
{
    uint64_t bytes = desc->needs.gpu_bytes + sizes->staging_bytes;
    for (int g = 0; g < LOD_GRID_COUNT; g++)
        bytes += (uint64_t)layers[g] * tile_gpu_bytes(&sizes->gpu.layouts[g]);
    return bytes;
}

static bool layers_fit(const StreamerDesc *desc, const StreamerSizes *sizes,
                       const uint32_t layers[LOD_GRID_COUNT])
{
    for (int g = 0; g < LOD_GRID_COUNT; g++)
        if (layers[g] > STREAMER_LAYERS_MAX)
            return false;
    return gpu_bytes(desc, sizes, layers) <= desc->vram_ceiling_bytes;
}

static Result too_large(const StreamerDesc *desc, const StreamerSizes *sizes, ResultText *text)
{
    uint32_t layers[LOD_GRID_COUNT];
    int view = desc->view_chunks;
    layer_counts(desc, view, false, layers);
    uint64_t bytes = gpu_bytes(desc, sizes, layers);
    uint32_t chunks = layers[LOD_GRID_32];
    while (view > 0 && !layers_fit(desc, sizes, layers))
        layer_counts(desc, --view, false, layers);
    double mib = (double)bytes / 1048576.0, picture_mib = (double)desc->needs.gpu_bytes / 1048576.0;
    double limit_mib = (double)desc->vram_ceiling_bytes / 1048576.0;
    if (view < 8)
        return result_fail(text, RESULT_LIMIT,
                           "view %d needs %.0f MiB on the GPU, %.0f of them for the picture (limit "
                           "%.0f MiB), and no view of 8 or more fits; raise --vram-mib to %.0f, or "
                           "lower the picture's size or --tier",
                           desc->view_chunks, mib, picture_mib, limit_mib, ceil(mib));
    return result_fail(text, RESULT_LIMIT,
                       "view %d with prefetch %d needs %u chunk layers (limit %u) and %.0f MiB on "
                       "the GPU, %.0f of them for the picture (limit %.0f MiB); the largest view "
                       "that fits is %d",
                       desc->view_chunks, desc->prefetch_chunks, chunks, STREAMER_LAYERS_MAX, mib,
                       picture_mib, limit_mib, view);
}

Result streamer_sizes(const StreamerDesc *desc, StreamerSizes *out, ResultText *text)
{
    static const uint32_t slots[LOD_GRID_COUNT] = {24, 64, 160};
    *out = (StreamerSizes){0};
    for (int g = 0; g < LOD_GRID_COUNT; g++) {
        out->gpu.layouts[g] = tile_layout((LodGrid)g, desc->map_shift);
        out->gpu.slot_counts[g] = slots[g];
        out->staging_bytes += (uint64_t)slots[g] * out->gpu.layouts[g].bytes;
    }
    layer_counts(desc, desc->view_chunks, true, out->gpu.layer_counts);
    if (!layers_fit(desc, out, out->gpu.layer_counts))
        layer_counts(desc, desc->view_chunks, false, out->gpu.layer_counts);
    if (!layers_fit(desc, out, out->gpu.layer_counts))
        return too_large(desc, out, text);
    out->gpu_bytes = gpu_bytes(desc, out, out->gpu.layer_counts);
    uint64_t fixed = STREAMER_RAM_FIXED_BYTES + desc->needs.ram_bytes + out->staging_bytes +
                     (uint64_t)desc->workers * STREAMER_SCRATCH_BYTES;
    uint64_t least = fixed + (uint64_t)STREAMER_BLOCKS_MIN * sizeof(Chunk);
    if (desc->ram_ceiling_bytes < least)
        return result_fail(text, RESULT_LIMIT,
                           "RAM limit %.0f MiB is below the least that works: %.0f MiB fixed + %d "
                           "chunks of %.0f KiB = %.0f MiB; raise --ram-mib or lower --threads",
                           (double)desc->ram_ceiling_bytes / 1048576.0, (double)fixed / 1048576.0,
                           STREAMER_BLOCKS_MIN, (double)sizeof(Chunk) / 1024.0,
                           ceil((double)least / 1048576.0));
    uint64_t blocks = (desc->ram_ceiling_bytes - fixed) / (sizeof(Chunk) + 128);
    out->blocks = blocks < STREAMER_BLOCKS_MAX ? (uint32_t)blocks : STREAMER_BLOCKS_MAX;
    out->ram_bytes = fixed + (uint64_t)out->blocks * sizeof(Chunk);
    return RESULT_OK;
}
