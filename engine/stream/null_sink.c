#include "stream/null_sink.h"

#include "base/hash.h"
#include "base/os_memory.h"
#include <assert.h>

#define LATENCY_FRAMES 2

struct NullSink {
    GpuSinkDesc desc;
    uint8_t *staging[LOD_GRID_COUNT];
    uint64_t *busy_until[LOD_GRID_COUNT]; // frame from which a slot is idle
    uint64_t *hashes[LOD_GRID_COUNT];     // of each layer
    uint64_t frame;
    int latency;
    bool started;
    GpuSinkStats stats;
};

Result null_sink_create(NullSink **out)
{
    NullSink *sink = os_memory_alloc(sizeof *sink, OS_MEMORY_RENDER);
    if (!sink)
        return RESULT_OUT_OF_MEMORY;
    sink->latency = LATENCY_FRAMES;
    sink->stats.hole_pixels = -1;
    sink->stats.gpu_ms = -1.0;
    *out = sink;
    return RESULT_OK;
}

static void sink_stop(void *object)
{
    NullSink *sink = object;
    for (int g = 0; g < LOD_GRID_COUNT; g++) {
        size_t slots = sink->desc.slot_counts[g];
        os_memory_free(sink->staging[g], slots * sink->desc.layouts[g].bytes, OS_MEMORY_STAGING);
        os_memory_free(sink->busy_until[g], slots * sizeof(uint64_t), OS_MEMORY_RENDER);
        os_memory_free(sink->hashes[g], sink->desc.layer_counts[g] * sizeof(uint64_t),
                       OS_MEMORY_RENDER);
        sink->staging[g] = NULL;
        sink->busy_until[g] = sink->hashes[g] = NULL;
    }
    sink->started = false;
}

void null_sink_destroy(NullSink *sink)
{
    if (!sink)
        return;
    if (sink->started)
        sink_stop(sink);
    os_memory_free(sink, sizeof *sink, OS_MEMORY_RENDER);
}

static Result sink_start(void *object, const GpuSinkDesc *desc, ResultText *text)
{
    NullSink *sink = object;
    assert(!sink->started);
    sink->desc = *desc;
    sink->started = true;
    sink->stats.gpu = (GpuStatsBytes){0};
    for (int g = 0; g < LOD_GRID_COUNT; g++) {
        size_t slots = desc->slot_counts[g];
        sink->staging[g] = os_memory_alloc(slots * desc->layouts[g].bytes, OS_MEMORY_STAGING);
        sink->busy_until[g] = os_memory_alloc(slots * sizeof(uint64_t), OS_MEMORY_RENDER);
        sink->hashes[g] =
            os_memory_alloc(desc->layer_counts[g] * sizeof(uint64_t), OS_MEMORY_RENDER);
        if (!sink->staging[g] || !sink->busy_until[g] || !sink->hashes[g]) {
            sink_stop(sink);
            return result_fail(text, RESULT_OUT_OF_MEMORY,
                               "no memory for the staging slots; lower --view");
        }
        sink->stats.gpu.owners[GPU_STATS_TILES] +=
            (uint64_t)desc->layer_counts[g] * tile_gpu_bytes(&desc->layouts[g]);
    }
    return RESULT_OK;
}

static Result sink_prepare(void *object, bool *out_more, ResultText *text)
{
    (void)object;
    (void)text;
    *out_more = false;
    return RESULT_OK;
}

static void sink_frame_wait(void *object)
{
    ((NullSink *)object)->frame++;
}

static uint8_t *sink_slot_memory(void *object, LodGrid grid, uint32_t slot)
{
    NullSink *sink = object;
    assert(slot < sink->desc.slot_counts[grid]);
    return sink->staging[grid] + (size_t)slot * sink->desc.layouts[grid].bytes;
}

static bool sink_slot_idle(void *object, LodGrid grid, uint32_t slot)
{
    const NullSink *sink = object;
    return sink->frame >= sink->busy_until[grid][slot];
}

static void sink_upload(void *object, LodGrid grid, uint32_t layer, uint32_t slot)
{
    NullSink *sink = object;
    assert(layer < sink->desc.layer_counts[grid]);
    uint32_t bytes = sink->desc.layouts[grid].bytes;
    sink->hashes[grid][layer] = hash_bytes(sink_slot_memory(sink, grid, slot), bytes, 1);
    sink->busy_until[grid][slot] = sink->frame + (uint64_t)sink->latency;
    sink->stats.uploads++;
    sink->stats.uploaded_bytes += bytes;
}

static void sink_submit(void *object, const DrawList *list, const ViewFrame *frame,
                        const DrawScene *scene)
{
    (void)object;
    (void)list;
    (void)frame;
    (void)scene;
}

static bool sink_prepare_later(void *object)
{
    (void)object;
    return false;
}

static void sink_present(void *object)
{
    (void)object;
}

static GpuSinkNeeds sink_needs(void *object, int tier)
{
    (void)object;
    (void)tier;
    return (GpuSinkNeeds){0};
}

static GpuSinkStats sink_stats(void *object)
{
    return ((const NullSink *)object)->stats;
}

GpuSink null_sink_interface(NullSink *sink)
{
    return (GpuSink){.object = sink,
                     .name = "none",
                     .needs = sink_needs,
                     .start = sink_start,
                     .prepare = sink_prepare,
                     .stop = sink_stop,
                     .prepare_later = sink_prepare_later,
                     .frame_wait = sink_frame_wait,
                     .slot_memory = sink_slot_memory,
                     .slot_idle = sink_slot_idle,
                     .upload = sink_upload,
                     .submit = sink_submit,
                     .present = sink_present,
                     .stats = sink_stats};
}

void null_sink_set_latency(NullSink *sink, int frames)
{
    assert(frames >= 0);
    sink->latency = frames;
}

uint64_t null_sink_layer_hash(const NullSink *sink, LodGrid grid, uint32_t layer)
{
    assert(layer < sink->desc.layer_counts[grid]);
    return sink->hashes[grid][layer];
}
