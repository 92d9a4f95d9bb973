#include "stream/streamer.h"

#include "base/os_clock.h"
#include "base/os_memory.h"
#include "base/os_thread.h"
#include "stream/replan.h"
#include "stream/sparse.h"
#include "stream/streamer_sizes.h"
#include <assert.h>
#include <math.h>
#include <stdatomic.h>

#define EVICT_PER_TICK 16 // frees are budgeted like uploads
#define LAYER_RESERVE 8   // free layers of each grid kept ready
#define SWEEP_PER_TICK 64
#define WORKER_NICE 10
#define WARM_BYTES ((size_t)2 << 20) // of the cache between two looks at whether to stop
#define FIRST_RING_POLL_NS UINT64_C(500000)
#define FIRST_RING_NS UINT64_C(3000000000) // a slower world comes in piece by piece

#define NO_TABLES "no memory for the stream's tables; lower --ram-mib"

struct Streamer {
    StreamerDesc desc;
    StreamerSizes sizes;
    ChunkTable *table;
    MemCache *cache;
    LodCache *lod_cache;
    Staging *staging;
    Loader *loader;
    Replan replan;
    Predictor predictor;
    Throttle throttle;
    Residency residency;
    double eye_m[3], step_m; // and how far it moved in the last tick that was no jump
    int sparse_lod;          // as PlannerInput's
    bool sink_started, teleported;
    bool prepares_later; // the sink, what a first picture did without
    bool snap;           // ranges follow at once until the view is complete
    bool held_demand;    // the throttle kept a tile back that was due: must never be
    double latency_p95_s;
    UploadStats upload;
    uint32_t results_applied, freed;
};

static void on_evict(void *object, ChunkKey key)
{
    loader_forget(((Streamer *)object)->loader, key);
}

static Result create_parts(Streamer *s, ResultText *text)
{
    const StreamerDesc *desc = &s->desc;
    Result result = desc->sink->start(desc->sink->object, &s->sizes.gpu, text);
    if (result != RESULT_OK)
        return result;
    s->sink_started = true;
    uint32_t entries = 4 * STREAMER_LAYERS_MAX;
    if ((result = chunk_table_create(entries, &s->table)) != RESULT_OK ||
        (result = mem_cache_create((size_t)s->sizes.blocks * ((sizeof(Chunk) + 63) & ~(size_t)63),
                                   sizeof(Chunk), &s->cache)) != RESULT_OK ||
        (result = lod_cache_create(s->table, s->sizes.gpu.layer_counts, &desc->run->counters,
                                   &desc->run->serve, &s->lod_cache)) != RESULT_OK ||
        (result = staging_create(desc->sink, s->sizes.gpu.slot_counts, &s->staging)) != RESULT_OK)
        return result_fail(text, result, NO_TABLES);
    LoaderDesc loader = {.source = desc->source,
                         .layouts = s->sizes.gpu.layouts,
                         .table = s->table,
                         .cache = s->cache,
                         .lod_cache = s->lod_cache,
                         .staging = s->staging,
                         .counters = &desc->run->counters,
                         .workers = desc->workers,
                         .nice = WORKER_NICE,
                         .queue_requests = desc->queue_requests,
                         .queue_results = desc->queue_results};
    result = loader_create(&loader, &s->loader);
    if (result != RESULT_OK)
        return result_fail(text, result, "the workers did not start; lower --threads");
    mem_cache_on_evict(s->cache, on_evict, s);
    result = replan_create(s->loader, &desc->run->counters, &s->replan);
    return result == RESULT_OK ? result : result_fail(text, result, NO_TABLES);
}

Result streamer_create(const StreamerDesc *desc, Streamer **out, ResultText *text)
{
    assert(desc->workers >= 1 && desc->workers <= JOB_POOL_WORKERS_MAX);
    StreamerSizes sizes;
    Result result = streamer_sizes(desc, &sizes, text);
    if (result != RESULT_OK)
        return result;
    Streamer *s = os_memory_alloc(sizeof *s, OS_MEMORY_TABLES);
    if (!s)
        return result_fail(text, RESULT_OUT_OF_MEMORY, "no memory for the stream");
    s->desc = *desc;
    s->sizes = sizes;
    s->snap = true;
    int serves = sparse_serves(desc->source, sizes.gpu.layouts, 0); // at level 0 meshes are lods
    s->sparse_lod = serves < CHUNK_TABLE_MESHES ? serves : 0;
    throttle_start(&s->throttle, &desc->throttle);
    result = create_parts(s, text);
    if (result != RESULT_OK) {
        streamer_destroy(s);
        return result;
    }
    *out = s;
    return RESULT_OK;
}

void streamer_destroy(Streamer *s)
{
    if (!s)
        return;
    loader_destroy(s->loader);
    replan_destroy(&s->replan);
    staging_destroy(s->staging);
    lod_cache_destroy(s->lod_cache);
    mem_cache_destroy(s->cache);
    chunk_table_destroy(s->table);
    if (s->sink_started)
        s->desc.sink->stop(s->desc.sink->object);
    os_memory_free(s, sizeof *s, OS_MEMORY_TABLES);
}

static LoaderLimits limits_of(const Streamer *s, const StreamerTick *tick)
{
    return (LoaderLimits){.loads = s->throttle.loads,
                          .results_max = tick->results_max,
                          .keep_data = tick->keep_data,
                          .hasty = s->snap,
                          .refine = !s->snap && tick->prefetch && tick->keep_data,
                          .now_ns = os_clock_now_ns()};
}

static PlannerInput planner_input(const Streamer *s, const StreamerTick *tick)
{
    PlannerInput input = {.lead_s = s->predictor.lead_s,
                          .agl_m = tick->agl_m,
                          .view_chunks = s->desc.view_chunks,
                          .prefetch_chunks = s->desc.prefetch_chunks,
                          .nominal = lod_ranges_nominal(tick->quality),
                          .root_lod = s->desc.root_lod,
                          .sparse_lod = s->sparse_lod,
                          .prefetch = tick->prefetch};
    predictor_eye(&s->predictor, input.predicted_m);
    bool ahead = s->predictor.started && tick->prefetch;
    for (int i = 0; i < 3; i++) {
        input.eye_m[i] = tick->eye_m[i];
        input.predicted_m[i] = ahead ? input.predicted_m[i] : tick->eye_m[i];
        input.velocity_m_s[i] = s->predictor.velocity_m_s[i];
    }
    for (int g = 0; g < LOD_GRID_COUNT; g++)
        input.capacity[g] = s->sizes.gpu.layer_counts[g];
    return input;
}

static void predict(Streamer *s, const StreamerTick *tick)
{
    s->teleported = false;
    if (tick->dt_s <= 0.0)
        return;
    // Percentiles of a histogram cost a walk over its buckets: a few times a second is often enough.
    if (tick->tick % 16 == 0)
        s->latency_p95_s = (double)histogram_quantile_ns(&s->desc.run->chunk_latency, 0.95) * 1e-9;
    predictor_update(&s->predictor, tick->eye_m, tick->dt_s, tick->time_scale, s->latency_p95_s);
    s->teleported = s->predictor.teleported;
    s->desc.run->counters.teleports += s->teleported;
    s->snap |= s->teleported;
}

void streamer_plan(Streamer *s, const StreamerTick *tick, LedgerPen *pen)
{
    predict(s, tick);
    if (s->replan.made && !s->teleported)
        s->step_m = replan_apart_m(tick->eye_m, s->eye_m);
    for (int i = 0; i < 3; i++)
        s->eye_m[i] = tick->eye_m[i];
    PlannerInput input = planner_input(s, tick);
    LoaderLimits limits = limits_of(s, tick);
    uint64_t started_ns = os_clock_thread_cpu_ns();
    if (replan_tick(&s->replan, &input, s->step_m, s->teleported, &limits))
        ledger_item(pen, "plan", 0, os_clock_thread_cpu_ns() - started_ns);
}

void streamer_collect(Streamer *s, const StreamerTick *tick)
{
    LoaderLimits limits = limits_of(s, tick);
    s->results_applied = loader_collect(s->loader, &limits);
    staging_poll(s->staging);
}

void streamer_apply(Streamer *s, const StreamerTick *tick, LedgerPen *pen)
{
    LoaderLimits limits = limits_of(s, tick);
    loader_apply(s->loader, &limits, pen);
}

void streamer_submit(Streamer *s, const StreamerTick *tick)
{
    LoaderLimits limits = limits_of(s, tick);
    loader_submit(s->loader, &limits);
}

static UploadStats upload(Streamer *s, const UploadBudget *budget, LedgerPen *pen)
{
    UploadContext context = {.sink = s->desc.sink,
                             .layouts = s->sizes.gpu.layouts,
                             .table = s->table,
                             .lod_cache = s->lod_cache,
                             .staging = s->staging,
                             .loader = s->loader,
                             .counters = &s->desc.run->counters,
                             .latency = &s->desc.run->chunk_latency};
    return upload_run(&context, budget, os_clock_now_ns(), pen);
}

// Judged by what is left, not by the decision that left it: the most urgent tile that waits is due, would fit into
// what an unthrottled tick may take, and a layer is there.
static bool held_demand(const Streamer *s, const StreamerTick *tick)
{
    uint32_t count;
    const LoaderStaged *staged = loader_staged(s->loader, &count);
    const ChunkMesh *first = NULL;
    LodGrid grid = LOD_GRID_128;
    for (uint32_t i = 0; i < count; i++) {
        const ChunkEntry *entry = chunk_table_peek(s->table, staged[i].entry);
        const ChunkMesh *mesh = &entry->meshes[staged[i].mesh];
        if (first && mesh->priority >= first->priority)
            continue;
        first = mesh;
        grid = lod_grid(chunk_table_lod_of(entry->key.level, staged[i].mesh));
    }
    if (!first || first->want != CHUNK_WANT_DEMAND || s->upload.ms >= tick->upload_ms ||
        s->upload.count >= tick->upload_count)
        return false;
    LodCacheStats layers = lod_cache_stats(s->lod_cache);
    return s->upload.bytes + s->sizes.gpu.layouts[grid].bytes <= s->throttle.desc.bytes_max &&
           layers.free[grid] + layers.cached[grid] > 0;
}

void streamer_upload(Streamer *s, const StreamerTick *tick, LedgerPen *pen)
{
    uint64_t due = s->throttle.byte_budget > s->throttle.desc.bytes_max
                       ? s->throttle.byte_budget
                       : s->throttle.desc.bytes_max;
    UploadBudget budget = {.demand_bytes = due,
                           .speculative_bytes = s->throttle.byte_budget,
                           .time_ms = tick->upload_ms,
                           .count = tick->upload_count,
                           .unlimited = tick->unlimited_upload};
    s->upload = upload(s, &budget, pen);
    s->held_demand = s->throttle.engaged && held_demand(s, tick);
}

void streamer_evict(Streamer *s)
{
    s->freed = lod_cache_trim(s->lod_cache, LAYER_RESERVE, EVICT_PER_TICK);
    chunk_table_sweep(s->table, SWEEP_PER_TICK);
    s->desc.run->counters.evicted = lod_cache_stats(s->lod_cache).evicted;
}

void streamer_reside(Streamer *s, const StreamerTick *tick)
{
    ResidencyInput input = {.agl_m = tick->agl_m,
                            .nominal = lod_ranges_nominal(tick->quality),
                            .root_lod = s->desc.root_lod,
                            .view_chunks = s->desc.view_chunks,
                            .dt_s = tick->stream_dt_s,
                            .growth_per_s = s->desc.growth_per_s,
                            .snap = s->snap};
    for (int i = 0; i < 3; i++) {
        input.eye_m[i] = tick->eye_m[i];
        input.velocity_m_s[i] = s->predictor.velocity_m_s[i];
    }
    residency_update(&s->residency, &input, s->table, s->loader);
    // A world with chunks that cannot be read is never complete: what can come has come when nothing is on its way.
    LoaderStats loader = loader_stats(s->loader);
    uint32_t staged;
    (void)loader_staged(s->loader, &staged);
    bool arrived = !loader.in_flight_demand && !loader.pending_demand && !staged;
    s->snap &= !s->residency.complete && !arrived;
}

void streamer_throttle(Streamer *s, const StreamerTick *tick, const Ledger *ledger)
{
    LoaderStats loader = loader_stats(s->loader);
    uint64_t busy_ns = ledger->tick_cpu_ns - ledger->cpu_ns[LEDGER_GL_WAIT] -
                       ledger->cpu_ns[LEDGER_SUBMIT] - ledger->cpu_ns[LEDGER_PRESENT];
    uint32_t staged;
    (void)loader_staged(s->loader, &staged);
    s->throttle.desc.disabled = tick->throttle_off;
    ThrottleSample sample = {
        .tick = tick->tick,
        .busy_ms = (double)busy_ns * 1e-6,
        .frame_ms = (double)ledger->tick_wall_ns * 1e-6,
        // A long frame of the sink's own preparation says nothing about the loads.
        .streaming_in_flight = !s->prepares_later &&
                               loader.in_flight_demand + loader.in_flight_speculative + staged > 0,
        .demand_waits = loader.pending_demand > 0,
        .view_complete = !s->snap,
        .dt_s = tick->stream_dt_s};
    throttle_update(&s->throttle, &sample);
    s->desc.run->throttle = s->throttle;
}

// Every tile of a ring within reach that is wanted is resident, or given up after its retries.
static bool ring_stands(const Streamer *s, const double eye_m[3], int lod, double reach_m)
{
    int level = lod_key_level(lod);
    ChunkKey low = chunk_key_at(level, eye_m[0] - reach_m, eye_m[2] - reach_m);
    ChunkKey high = chunk_key_at(level, eye_m[0] + reach_m, eye_m[2] + reach_m);
    for (int64_t z = low.z; z <= high.z; z++)
        for (int64_t x = low.x; x <= high.x; x++) {
            ChunkKey key = {x, z, level};
            const ChunkEntry *entry = streamer_entry(s, key);
            if (entry && entry->attempts < LOADER_ATTEMPTS_MAX && !streamer_find(s, key, lod) &&
                entry->meshes[chunk_table_mesh_of(lod)].want != CHUNK_WANT_NONE)
                return false;
        }
    return true;
}

// Something everywhere, and below the eye what the view square stands on.
static bool first_ring_stands(const Streamer *s, const StreamerTick *tick)
{
    int root = s->desc.root_lod;
    double end_m = (double)lod_ranges_nominal(tick->quality).end_m[root];
    bool stands = ring_stands(s, tick->eye_m, root, end_m);
    for (int lod = LOD_CHUNK_COUNT; lod < root; lod++)
        stands = stands && ring_stands(s, tick->eye_m, lod, CHUNK_KEY_SIDE_M);
    return stands;
}

static bool stopped(const Streamer *s)
{
    return s->desc.stop && s->desc.stop(s->desc.stop_object);
}

// Makes the cache resident while the workers begin and the main thread prepares the sink.
typedef struct Warmer {
    MemCache *cache;
    OsThread *thread; // NULL: the main thread does it, while it waits
    atomic_bool stop, done;
} Warmer;

static void warm(void *object)
{
    Warmer *warmer = object;
    while (!atomic_load(&warmer->stop) && !mem_cache_warm(warmer->cache, WARM_BYTES))
        continue;
    atomic_store(&warmer->done, true);
}

// What the workers made goes up, and they get all they may have.
static void feed(Streamer *s, LoaderLimits *limits)
{
    const GpuSink *sink = s->desc.sink;
    limits->now_ns = os_clock_now_ns();
    loader_collect(s->loader, limits);
    loader_apply(s->loader, limits, NULL);
    upload(s, &(UploadBudget){.unlimited = true}, NULL);
    sink->present(sink->object);
    sink->frame_wait(sink->object);
    staging_poll(s->staging);
    loader_submit(s->loader, limits);
}

// A cache that is resident already needs no thread.
static void start_warming(Warmer *warmer)
{
    bool done = mem_cache_warm(warmer->cache, 0);
    atomic_store(&warmer->done, done);
    if (!done &&
        os_thread_create("arete-warm", WORKER_NICE, warm, warmer, &warmer->thread) != RESULT_OK)
        warmer->thread = NULL;
}

static Result prepare_and_feed(Streamer *s, const StreamerTick *tick, Warmer *warmer,
                               ResultText *text)
{
    const GpuSink *sink = s->desc.sink;
    LoaderLimits limits = limits_of(s, tick);
    limits.loads = 0;
    for (bool more = true; more && !stopped(s);) {
        feed(s, &limits);
        Result result = sink->prepare(sink->object, &more, text);
        if (result != RESULT_OK)
            return result;
    }
    uint64_t end_ns = os_clock_now_ns() + FIRST_RING_NS;
    while (!stopped(s) && (!atomic_load(&warmer->done) ||
                           (!first_ring_stands(s, tick) && os_clock_now_ns() < end_ns))) {
        if (warmer->thread || atomic_load(&warmer->done))
            os_clock_sleep_until_ns(os_clock_now_ns() + FIRST_RING_POLL_NS);
        else
            atomic_store(&warmer->done, mem_cache_warm(warmer->cache, WARM_BYTES));
        feed(s, &limits);
    }
    return RESULT_OK;
}

Result streamer_first_ring(Streamer *s, const StreamerTick *tick, ResultText *text)
{
    StreamerTick roots = *tick;
    roots.prefetch = false;
    LoaderLimits limits = limits_of(s, tick);
    PlannerInput input = planner_input(s, &roots);
    replan_first(&s->replan, &input, &limits);
    s->prepares_later = true;
    Warmer warmer = {.cache = s->cache};
    start_warming(&warmer);
    Result result = prepare_and_feed(s, tick, &warmer, text);
    atomic_store(&warmer.stop, true);
    os_thread_join(warmer.thread);
    return result;
}

void streamer_prepare_later(Streamer *s)
{
    if (s->prepares_later && !s->snap)
        s->prepares_later = s->desc.sink->prepare_later(s->desc.sink->object);
}

void streamer_frame(const Streamer *s, FrameStats *out)
{
    ChunkTableStats table = chunk_table_stats(s->table);
    LoaderStats loader = loader_stats(s->loader);
    JobPoolStats pool = job_pool_stats(loader_pool(s->loader));
    for (int i = 0; i < 3; i++)
        out->velocity_m_s[i] = s->predictor.velocity_m_s[i];
    predictor_eye(&s->predictor, out->predicted_m);
    out->lead_s = s->predictor.lead_s;
    out->teleported = s->teleported;
    out->missing = s->residency.missing;
    out->holes = s->residency.holes;
    out->sharp = s->residency.sharp;
    out->view_complete = s->residency.complete;
    out->wanted = loader.wanted;
    out->wanted_demand = loader.wanted_demand;
    out->in_flight_demand = loader.in_flight_demand;
    out->in_flight_speculative = loader.in_flight_speculative;
    for (int i = 0; i < FRAME_STATS_DATA_COUNT; i++)
        out->data_states[i] = table.data_states[i];
    // The table learns that a job ran when its result comes; the tickets know it now.
    out->data_states[FRAME_STATS_DATA_QUEUED] -= loader.running;
    out->data_states[FRAME_STATS_DATA_RUNNING] += loader.running;
    for (int i = 0; i < FRAME_STATS_MESH_COUNT; i++)
        out->mesh_states[i] = table.mesh_states[i];
    for (int i = 0; i < JOB_CLASS_COUNT; i++)
        out->queue_depths[i] = pool.queues[i].depth;
    out->results_depth = loader.results_depth;
    out->results_applied = s->results_applied;
    out->upload_count = s->upload.count;
    out->upload_bytes = s->upload.bytes;
    out->upload_budget_bytes = s->throttle.byte_budget;
    out->upload_ms = s->upload.ms;
    (void)loader_staged(s->loader, &out->staged);
    out->freed = s->freed;
    out->throttled = s->throttle.engaged;
    out->throttle_held_demand = s->held_demand;
    out->loads_allowed = s->throttle.loads;
    for (int lod = 0; lod <= s->desc.root_lod; lod++)
        out->range_m[lod] = fmaxf(s->residency.effective.end_m[lod], 0.0f);
    s->desc.run->workers = pool;
}

const Residency *streamer_residency(const Streamer *s)
{
    return &s->residency;
}

const LodTile *streamer_find(const Streamer *s, ChunkKey key, int lod)
{
    return residency_find(s->table, key, lod);
}

const ChunkEntry *streamer_entry(const Streamer *s, ChunkKey key)
{
    uint32_t index = chunk_table_find(s->table, key);
    return index == CHUNK_TABLE_NONE ? NULL : chunk_table_peek(s->table, index);
}

const Throttle *streamer_throttle_state(const Streamer *s)
{
    return &s->throttle;
}

void streamer_set_throttle(Streamer *s, const ThrottleDesc *desc)
{
    bool disabled = s->throttle.desc.disabled;
    s->throttle.desc = *desc;
    s->throttle.desc.disabled = disabled;
    if (!s->throttle.engaged) {
        s->throttle.loads = desc->loads_max;
        s->throttle.byte_budget = desc->bytes_max;
    }
}

JobPool *streamer_pool(Streamer *s)
{
    return loader_pool(s->loader);
}

Loader *streamer_loader(Streamer *s)
{
    return s->loader;
}

bool streamer_settled(const Streamer *s)
{
    LoaderStats loader = loader_stats(s->loader);
    uint32_t staged;
    (void)loader_staged(s->loader, &staged);
    if (!s->residency.complete || replan_busy(&s->replan) || staged || loader.pending ||
        loader.refining || loader.in_flight_demand || loader.in_flight_speculative)
        return false;
    LodRanges nominal = s->replan.last.nominal;
    for (int lod = 0; lod <= s->desc.root_lod; lod++)
        if (s->residency.effective.end_m[lod] < nominal.end_m[lod] - 2.0f * RESIDENCY_MARGIN_M)
            return false;
    return true;
}

bool streamer_cold(const Streamer *s)
{
    return s->snap;
}

static void forget_tiles(Streamer *s, uint32_t index)
{
    ChunkEntry *entry = chunk_table_entry(s->table, index);
    for (int m = 0; m < CHUNK_TABLE_MESHES; m++)
        if (entry->meshes[m].state == FRAME_STATS_MESH_RESIDENT)
            lod_cache_free(s->lod_cache, index, m);
    loader_refresh(s->loader);
}

static void forget_data(Streamer *s, uint32_t index)
{
    const ChunkEntry *entry = chunk_table_peek(s->table, index);
    if (entry->data != FRAME_STATS_DATA_READY)
        return;
    mem_cache_pin(s->cache, entry->chunk);
    mem_cache_discard(s->cache, entry->chunk);
    loader_forget(s->loader, entry->key);
}

static void forget_all(Streamer *s, bool data)
{
    LoaderLimits limits = {.keep_data = true, .now_ns = os_clock_now_ns()};
    replan_forget(&s->replan, &limits);
    loader_drain(s->loader, &limits);
    // With nothing wanted, upload only gives the slots of staged tiles back.
    upload(s, &(UploadBudget){.unlimited = true}, NULL);
    uint32_t capacity = chunk_table_stats(s->table).capacity;
    for (uint32_t i = 0; i < capacity; i++) {
        if (!chunk_table_live(s->table, i))
            continue;
        forget_tiles(s, i);
        if (data)
            forget_data(s, i);
    }
    s->snap = true;
}

void streamer_forget(Streamer *s)
{
    forget_all(s, true);
}

void streamer_gpu_release(Streamer *s)
{
    forget_all(s, false);
    staging_reset(s->staging);
    s->desc.sink->stop(s->desc.sink->object);
    s->sink_started = false;
}

Result streamer_gpu_start(Streamer *s, ResultText *text)
{
    Result result = s->desc.sink->start(s->desc.sink->object, &s->sizes.gpu, text);
    s->sink_started = result == RESULT_OK;
    return result;
}

void streamer_make_hole(Streamer *s)
{
    ChunkKey key = chunk_key_at(0, s->eye_m[0], s->eye_m[2]);
    for (;;) {
        uint32_t index = chunk_table_find(s->table, key);
        if (index != CHUNK_TABLE_NONE)
            forget_tiles(s, index);
        if (key.level >= lod_key_level(s->desc.root_lod))
            return;
        key = chunk_key_parent(key);
    }
}
