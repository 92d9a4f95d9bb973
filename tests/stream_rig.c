#include "stream_rig.h"
#include "base/os_clock.h"
#include "stream/residency.h"
#include <assert.h>
#include <stdlib.h>

static void must(Result result)
{
    assert(result == RESULT_OK);
    (void)result;
}

static void forget(void *object, ChunkKey key)
{
    loader_forget(((StreamRig *)object)->loader, key);
}

StreamRig *stream_rig_create(const StreamRigDesc *desc)
{
    static const uint32_t slots[LOD_GRID_COUNT] = {32, 64, 128},
                          layers[LOD_GRID_COUNT] = {64, 256, 256};
    StreamRig *rig = calloc(1, sizeof *rig);
    assert(rig);
    rig->world = fake_world_create();
    rig->source = fake_world_source(rig->world);
    rig->source.read_sparse = desc->read_sparse;
    rig->limits = (LoaderLimits){
        .loads = 8, .results_max = 64, .keep_data = true, .now_ns = UINT64_C(1000000000)};
    GpuSinkDesc gpu;
    for (int g = 0; g < LOD_GRID_COUNT; g++) {
        gpu.layouts[g] = rig->layouts[g] = tile_layout((LodGrid)g, desc->full_maps ? 0 : 1);
        gpu.slot_counts[g] = desc->slots[g] ? desc->slots[g] : slots[g];
        gpu.layer_counts[g] = desc->layers[g] ? desc->layers[g] : layers[g];
    }
    uint32_t blocks = desc->blocks ? desc->blocks : 256;
    must(null_sink_create(&rig->null_sink));
    null_sink_set_latency(rig->null_sink, 0);
    rig->sink = null_sink_interface(rig->null_sink);
    must(rig->sink.start(rig->null_sink, &gpu, NULL));
    must(chunk_table_create(desc->entries ? desc->entries : 1024, &rig->table));
    must(mem_cache_create(blocks * ((sizeof(Chunk) + 63) & ~(size_t)63), sizeof(Chunk),
                          &rig->cache));
    must(lod_cache_create(rig->table, gpu.layer_counts, &rig->counters, &rig->serve,
                          &rig->lod_cache));
    must(staging_create(&rig->sink, gpu.slot_counts, &rig->staging));
    must(loader_create(&(LoaderDesc){.source = &rig->source,
                                     .layouts = rig->layouts,
                                     .table = rig->table,
                                     .cache = rig->cache,
                                     .lod_cache = rig->lod_cache,
                                     .staging = rig->staging,
                                     .counters = &rig->counters,
                                     .workers = desc->workers ? desc->workers : 2,
                                     .queue_requests = desc->queue ? desc->queue : 256,
                                     .queue_results = desc->queue ? desc->queue : 256},
                       &rig->loader));
    mem_cache_on_evict(rig->cache, forget, rig);
    return rig;
}

void stream_rig_destroy(StreamRig *rig)
{
    if (atomic_load(&rig->world->held))
        fake_world_open(rig->world);
    loader_destroy(rig->loader);
    staging_destroy(rig->staging);
    lod_cache_destroy(rig->lod_cache);
    mem_cache_destroy(rig->cache);
    chunk_table_destroy(rig->table);
    null_sink_destroy(rig->null_sink);
    fake_world_destroy(rig->world);
    free(rig);
}

void stream_rig_want(StreamRig *rig, ChunkKey key, int lod, ChunkWant want, float priority)
{
    assert(rig->want_count < STREAM_RIG_WANTS);
    rig->wants[rig->want_count++] = (PlannerWant){.key = key,
                                                  .priority = priority,
                                                  .lod = (uint8_t)lod,
                                                  .want = (uint8_t)want,
                                                  .soon = rig->soon};
}

void stream_rig_want_row(StreamRig *rig, int64_t x, int64_t z, uint32_t count, ChunkWant want)
{
    float base = want == CHUNK_WANT_DEMAND ? (float)PLANNER_CLASS_SQUARE
                 : want == CHUNK_WANT_LOBE ? (float)PLANNER_CLASS_LOBE
                                           : (float)PLANNER_CLASS_RING;
    for (uint32_t i = 0; i < count; i++)
        stream_rig_want(rig, (ChunkKey){x + i, z, 0}, 2, want, base + (float)i / 1024.0f);
}

void stream_rig_publish(StreamRig *rig)
{
    loader_publish(rig->loader, rig->wants, rig->want_count, &rig->limits);
    rig->want_count = 0;
}

void stream_rig_step(StreamRig *rig)
{
    loader_collect(rig->loader, &rig->limits);
    loader_apply(rig->loader, &rig->limits, NULL);
    loader_submit(rig->loader, &rig->limits);
}

UploadContext stream_rig_context(StreamRig *rig)
{
    return (UploadContext){.sink = &rig->sink,
                           .layouts = rig->layouts,
                           .table = rig->table,
                           .lod_cache = rig->lod_cache,
                           .staging = rig->staging,
                           .loader = rig->loader,
                           .counters = &rig->counters,
                           .latency = &rig->latency};
}

UploadStats stream_rig_upload(StreamRig *rig)
{
    UploadContext context = stream_rig_context(rig);
    UploadStats stats =
        upload_run(&context, &(UploadBudget){.unlimited = true}, rig->limits.now_ns, NULL);
    rig->sink.frame_wait(rig->null_sink);
    staging_poll(rig->staging);
    return stats;
}

bool stream_rig_settle(StreamRig *rig)
{
    for (int i = 0; i < 100000; i++) {
        stream_rig_step(rig);
        stream_rig_upload(rig);
        LoaderStats stats = loader_stats(rig->loader);
        if (!stats.pending && !stats.in_flight_demand && !stats.in_flight_speculative)
            return true;
        os_clock_sleep_until_ns(os_clock_now_ns() + 100000);
    }
    return false;
}

bool stream_rig_resident(const StreamRig *rig, ChunkKey key, int lod)
{
    return residency_find(rig->table, key, lod) != NULL;
}

bool stream_rig_idle(const StreamRig *rig)
{
    StagingStats slots = staging_stats(rig->staging);
    LoaderStats loader = loader_stats(rig->loader);
    for (int g = 0; g < LOD_GRID_COUNT; g++)
        if (slots.free[g] != slots.slots[g])
            return false;
    return mem_cache_stats(rig->cache).pinned == 0 && !loader.in_flight_demand &&
           !loader.in_flight_speculative;
}
