#include "engine.h"

#include "base/os_clock.h"
#include "base/os_memory.h"
#include "engine_config.h"
#include "mesh/lod_select.h"
#include "stream/lowland.h"
#include "stream/streamer.h"
#include <assert.h>
#include <math.h>

#define RSS_EVERY_TICKS 60

struct Engine {
    EngineConfig config;
    Source source;
    GpuSink sink;
    Streamer *streamer;
    LodSelect *select;
    DrawList draw;
    EngineInput input;
    ViewFrame frame;
    const LodPick *picks; // of the last selection, with its ranges and the frame that chose
    int pick_count;
    LodRanges drawn_ranges;
    ViewFrame focus;
    float focus_quality; // that the stream had then
    FrameStats frames[ENGINE_FRAMES_KEPT];
    RunStats run;
    LedgerPen pen;
    Fault fault;
    uint64_t tick;
    uint64_t created_ns, last_tick_ns;
    uint64_t rss_bytes;
    double late_s; // how long something visible has been late without a break
    bool frozen;   // the draw list is kept
    bool workers_paused;
    uint64_t drawn_tick; // last tick that drew
    float lowland_m;     // of the last tick
};

#define ENGINE_TEXT(name, text) [name] = text,

const char *engine_feature_name(EngineFeature feature)
{
    static const char *const names[ENGINE_FEATURE_COUNT] = {ENGINE_FEATURE_LIST(ENGINE_TEXT)};
    return feature < ENGINE_FEATURE_COUNT ? names[feature] : "unknown";
}

const char *engine_fault_name(EngineFault fault)
{
    static const char *const names[ENGINE_FAULT_COUNT] = {ENGINE_FAULT_LIST(ENGINE_TEXT)};
    return fault < ENGINE_FAULT_COUNT ? names[fault] : "unknown";
}

Result engine_check(const EngineConfig *config, ResultText *text)
{
    EngineConfig filled = engine_config_fill(config);
    return engine_config_check(&filled, text);
}

static bool feature_on(const Engine *engine, EngineFeature feature)
{
    return !(engine->config.features_off & (1u << feature));
}

static bool stays_frozen(const Engine *engine)
{
    return engine->frozen && engine->input.freeze_culling;
}

static StreamerTick streamer_tick(const Engine *engine)
{
    const EngineConfig *c = &engine->config;
    // A frozen picture is looked at from elsewhere: what it shows stays wanted, and so in its layers.
    const View *view = stays_frozen(engine) ? &engine->focus.view : &engine->input.view;
    float live = engine->input.quality;
    return (StreamerTick){
        .tick = engine->tick,
        .eye_m = {view->eye_world[0], view->eye_world[1], view->eye_world[2]},
        .agl_m = view->agl_m,
        .dt_s = engine->input.dt_s,
        .time_scale = engine->input.time_scale > 0.0 ? engine->input.time_scale : 1.0,
        .stream_dt_s = engine->input.dt_s > 0.0 ? engine->input.dt_s : FLIGHT_TICK_S,
        // The layers were counted for no more.
        .quality = stays_frozen(engine) ? engine->focus_quality
                   : live > 0.0f        ? fminf(live, c->quality_max)
                                        : c->quality,
        .prefetch = feature_on(engine, ENGINE_FEATURE_PREFETCH),
        .keep_data = feature_on(engine, ENGINE_FEATURE_LOD_CACHE),
        .unlimited_upload = !feature_on(engine, ENGINE_FEATURE_UPLOAD_BUDGET),
        .throttle_off = !feature_on(engine, ENGINE_FEATURE_THROTTLE),
        .results_max = c->results_per_tick,
        .upload_ms = c->upload_ms,
        .upload_count = (uint32_t)c->upload_count};
}

static void first_input(Engine *engine)
{
    const EngineConfig *c = &engine->config;
    engine->input =
        (EngineInput){.view = {.eye_world = {c->start_m[0], c->start_m[1], c->start_m[2]},
                               .fov_y_rad = VIEW_FOV_Y_RAD,
                               .aspect = 16.0f / 9.0f},
                      .scene = {.tier = c->tier,
                                .lights = {.sun_azimuth_rad = 2.3f, .sun_elevation_rad = 0.55f},
                                .haze_scale = 1.0f}};
    engine->input.view.agl_m =
        fmaxf((float)c->start_m[1] - engine_ground_m(engine, c->start_m[0], c->start_m[2]), 0.0f);
}

static Result lay_first_ring(Engine *engine, ResultText *text)
{
    StreamerTick tick = streamer_tick(engine);
    return streamer_first_ring(engine->streamer, &tick, text);
}

Result engine_create(const EngineConfig *config, const Source *source, const GpuSink *sink,
                     Engine **out, ResultText *text)
{
    EngineConfig needing = *config;
    needing.needs = sink->needs(sink->object, config->tier);
    needing.needs.ram_bytes += source->kept_bytes;
    Result result = engine_check(&needing, text);
    if (result != RESULT_OK)
        return result;
    Engine *engine = os_memory_alloc(sizeof *engine, OS_MEMORY_PROFILE);
    if (!engine)
        return result_fail(text, RESULT_OUT_OF_MEMORY, "no memory for the engine");
    engine->created_ns = os_clock_now_ns();
    engine->config = engine_config_fill(&needing);
    engine->source = *source;
    engine->sink = *sink;
    run_stats_start(&engine->run);
    StreamerDesc desc = engine_config_streamer(&engine->config);
    desc.source = &engine->source;
    desc.sink = &engine->sink;
    desc.run = &engine->run;
    result = streamer_create(&desc, &engine->streamer, text);
    if (result == RESULT_OK && (result = lod_select_create(&engine->select)) != RESULT_OK)
        (void)result_fail(text, result, "no memory for the selection");
    if (result == RESULT_OK && (result = draw_list_create(&engine->draw)) != RESULT_OK)
        (void)result_fail(text, result, "no memory for the draw list");
    if (result == RESULT_OK) {
        first_input(engine);
        result = lay_first_ring(engine, text);
    }
    if (result != RESULT_OK) {
        engine_destroy(engine);
        return result;
    }
    *out = engine;
    return RESULT_OK;
}

void engine_destroy(Engine *engine)
{
    if (!engine)
        return;
    if (engine->workers_paused)
        job_pool_pause(streamer_pool(engine->streamer), false);
    fault_stop(&engine->fault);
    streamer_destroy(engine->streamer);
    lod_select_destroy(engine->select);
    draw_list_destroy(&engine->draw);
    os_memory_free(engine, sizeof *engine, OS_MEMORY_PROFILE);
}

static void burn(double ms)
{
    uint64_t end_ns = os_clock_thread_cpu_ns() + (uint64_t)(ms * 1e6);
    while (os_clock_thread_cpu_ns() < end_ns)
        continue;
}

static void take_input(Engine *engine, const EngineHooks *hooks)
{
    EngineInput *input = &engine->input;
    input->main_burn_ms = 0.0;
    if (hooks && hooks->input)
        hooks->input(hooks->object, input);
    double *eye = input->view.eye_world;
    float ground_m = engine_ground_m(engine, eye[0], eye[2]);
    input->view.agl_m = fmaxf((float)(eye[1] - (double)fmaxf(ground_m, 0.0f)), 0.0f);
    if (input->block_workers != engine->workers_paused) {
        job_pool_pause(streamer_pool(engine->streamer), input->block_workers);
        engine->workers_paused = input->block_workers;
    }
    if (input->main_burn_ms > 0.0)
        burn(input->main_burn_ms);
}

static void stream(Engine *engine, const StreamerTick *tick)
{
    LedgerPen *pen = &engine->pen;
    Streamer *streamer = engine->streamer;
    ledger_begin(pen, LEDGER_PLAN);
    fault_stall(&engine->fault, engine->tick);
    fault_lock(&engine->fault);
    streamer_plan(streamer, tick, pen);
    ledger_begin(pen, LEDGER_COLLECT);
    streamer_collect(streamer, tick);
    ledger_begin(pen, LEDGER_BUILD_APPLY);
    streamer_apply(streamer, tick, pen);
    ledger_begin(pen, LEDGER_PLAN);
    streamer_submit(streamer, tick);
    ledger_begin(pen, LEDGER_UPLOAD);
    streamer_upload(streamer, tick, pen);
    ledger_begin(pen, LEDGER_EVICT);
    streamer_evict(streamer);
}

static const LodTile *find_tile(void *object, ChunkKey key, int lod)
{
    return streamer_find(object, key, lod);
}

// Visible tiles that are coarser than nominal because something at the nominal level is missing, not because the
// ranges are still growing.
static uint32_t count_late(const Engine *engine, const LodRanges *nominal)
{
    const LodPick *picks = engine->picks;
    const Residency *residency = streamer_residency(engine->streamer);
    uint32_t late = 0;
    for (int i = 0; i < engine->pick_count; i++) {
        int lod = 0;
        while (lod < picks[i].lod && picks[i].distance_m >= nominal->end_m[lod])
            lod++;
        bool missing = false;
        for (; lod < picks[i].lod; lod++)
            missing |= residency->ready_m[lod] <= picks[i].distance_m;
        late += missing;
    }
    return late;
}

// While the ground under the eye is coarser than nominal it may not rise into the eye: it stays below a cone that
// opens, without a jump, as the finer ranges grow back.
static void guard_eye(Engine *engine)
{
    const float whole_m = 600.0f, steep = 0.7f, high_m = 2000.0f;
    float fine_m = fmaxf(streamer_residency(engine->streamer)->effective.end_m[2], 0.0f);
    bool late = fine_m < whole_m && engine->input.view.agl_m < high_m;
    engine->input.scene.late_cone = late ? steep / (1.0f - fine_m / whole_m) : 0.0f;
    engine->input.scene.tier = engine->config.tier;
    engine->input.scene.view_range_m =
        lod_ranges_nominal(1.0f).end_m[engine->config.short_view ? LOD_COUNT - 2 : LOD_COUNT - 1];
}

static void select_tiles(Engine *engine, const StreamerTick *tick, FrameStats *stats)
{
    if (engine->input.idle)
        return;
    engine->frame = view_frame(&engine->input.view);
    bool frozen = stays_frozen(engine);
    engine->frozen = engine->input.freeze_culling;
    LodRanges nominal = lod_ranges_nominal(tick->quality);
    int root_lod = engine->config.short_view ? LOD_COUNT - 2 : LOD_COUNT - 1;
    int bias = lod_mesh_bias(engine->config.tier);
    if (frozen) {
        // The same tiles, seen from elsewhere: their morph stays where their levels were chosen.
        draw_list_fill(&engine->draw, engine->picks, engine->pick_count, &engine->frame,
                       &engine->drawn_ranges, bias);
        engine->draw.focus = &engine->focus;
        return;
    }
    LodSelectInput input = {.frame = &engine->frame,
                            .ranges = streamer_residency(engine->streamer)->effective,
                            .nominal = nominal,
                            .root_lod = root_lod,
                            // The cone lowers ground below what its tile says.
                            .without_horizon = engine->input.scene.late_cone > 0.0f,
                            .object = engine->streamer,
                            .find = find_tile};
    LodSelectStats select;
    engine->picks = lod_select_run(engine->select, &input, &engine->pick_count, &select);
    engine->drawn_ranges = input.ranges;
    engine->focus = engine->frame;
    engine->focus_quality = tick->quality;
    draw_list_fill(&engine->draw, engine->picks, engine->pick_count, &engine->frame, &input.ranges,
                   bias);
    stats->late = select.late ? count_late(engine, &nominal) : 0;
    stats->tiles_drawn = select.picked_total;
    stats->culled_frustum = select.culled_frustum;
    stats->culled_horizon = select.culled_horizon;
    stats->triangles = engine->draw.triangles;
}

static void keep_stats(Engine *engine, FrameStats *stats, uint64_t started_ns)
{
    GpuSinkStats sink = engine->sink.stats(engine->sink.object);
    OsMemoryStats memory = os_memory_stats();
    if (engine->tick % RSS_EVERY_TICKS == 0)
        engine->rss_bytes = os_memory_rss_bytes();
    stats->tick = engine->tick;
    stats->time_s = engine->run.virtual_s + engine->input.dt_s;
    stats->interval_ms =
        engine->last_tick_ns ? (double)(started_ns - engine->last_tick_ns) * 1e-6 : 0.0;
    engine->last_tick_ns = started_ns;
    for (int i = 0; i < 3; i++)
        stats->eye_m[i] = engine->input.view.eye_world[i];
    stats->hole_pixels = sink.hole_pixels;
    stats->gpu_ms = sink.gpu_ms;
    stats->gpu_bytes = gpu_stats_total_bytes(&sink.gpu);
    stats->tracked_bytes = memory.live_total_bytes;
    stats->rss_bytes = engine->rss_bytes;
    engine->late_s = stats->late ? engine->late_s + engine->input.dt_s : 0.0;
    stats->late_longest_ms = engine->late_s * 1e3;
    engine->run.memory = memory;
    engine->run.gpu = sink.gpu;
}

static void close_tick(Engine *engine, const StreamerTick *tick, FrameStats *stats,
                       uint64_t started_ns)
{
    stats->ledger = ledger_end_tick(&engine->pen);
    streamer_throttle(engine->streamer, tick, &stats->ledger);
    streamer_frame(engine->streamer, stats);
    keep_stats(engine, stats, started_ns);
    RunStatsTick run = {.frame = stats,
                        .since_create_ms = (double)(os_clock_now_ns() - engine->created_ns) * 1e-6,
                        .allocations = engine->run.memory.allocation_count,
                        .gl_objects = engine->sink.stats(engine->sink.object).objects_created};
    run_stats_add(&engine->run, &run);
    engine->frames[engine->tick % ENGINE_FRAMES_KEPT] = *stats;
    engine->tick++;
}

// On software GL a picture takes the cores that the tiles need: a cold view is drawn less often, a jump at once.
static bool draws_now(Engine *engine)
{
    bool spare = engine->sink.software && engine->tick > 0 && streamer_cold(engine->streamer) &&
                 !engine_frame(engine)->teleported &&
                 engine->tick - engine->drawn_tick < ENGINE_COLD_DRAW_TICKS;
    if (engine->input.idle || spare)
        return false;
    engine->drawn_tick = engine->tick;
    return true;
}

void engine_tick(Engine *engine, const EngineHooks *hooks)
{
    LedgerPen *pen = &engine->pen;
    FrameStats stats = {.hole_pixels = -1};
    uint64_t started_ns = os_clock_now_ns();
    ledger_begin_tick(pen);
    ledger_begin(pen, LEDGER_GL_WAIT);
    engine->sink.frame_wait(engine->sink.object);
    ledger_begin(pen, LEDGER_INPUT);
    take_input(engine, hooks);
    StreamerTick tick = streamer_tick(engine);
    stream(engine, &tick);
    ledger_begin(pen, LEDGER_SELECT);
    streamer_reside(engine->streamer, &tick);
    guard_eye(engine);
    select_tiles(engine, &tick, &stats);
    ledger_begin(pen, LEDGER_SUBMIT);
    bool draw = draws_now(engine);
    engine->lowland_m =
        lowland_m(engine->streamer, engine->input.view.eye_world, engine->lowland_m);
    engine->input.scene.lowland_m = engine->lowland_m;
    if (draw) {
        streamer_prepare_later(engine->streamer);
        engine->sink.submit(engine->sink.object, &engine->draw, &engine->frame,
                            &engine->input.scene);
    }
    ledger_begin(pen, LEDGER_UI);
    if (draw && hooks && hooks->ui)
        hooks->ui(hooks->object);
    ledger_begin(pen, LEDGER_PRESENT);
    if (draw)
        engine->sink.present(engine->sink.object);
    ledger_end(pen);
    if (engine->fault.leaking)
        fault_leak(&engine->fault, engine->input.dt_s);
    close_tick(engine, &tick, &stats, started_ns);
}

const FrameStats *engine_frame(const Engine *engine)
{
    uint64_t last = engine->tick ? engine->tick - 1 : 0;
    return &engine->frames[last % ENGINE_FRAMES_KEPT];
}

const FrameStats *engine_frames(const Engine *engine, int *out_first, int *out_count)
{
    bool full = engine->tick >= ENGINE_FRAMES_KEPT;
    *out_count = full ? ENGINE_FRAMES_KEPT : (int)engine->tick;
    *out_first = full ? (int)(engine->tick % ENGINE_FRAMES_KEPT) : 0;
    return engine->frames;
}

const RunStats *engine_run(const Engine *engine)
{
    return &engine->run;
}

const EngineConfig *engine_config(const Engine *engine)
{
    return &engine->config;
}

static EngineMapCell map_cell(const Engine *engine, ChunkKey key)
{
    static const uint8_t wanted_as[CHUNK_WANT_COUNT] = {
        [CHUNK_WANT_DEMAND] = 1, [CHUNK_WANT_RING] = 2, [CHUNK_WANT_LOBE] = 3};
    EngineMapCell cell = {.best_lod = 255};
    const ChunkEntry *entry = streamer_entry(engine->streamer, key);
    if (!entry)
        return cell;
    cell.data_state = entry->data;
    cell.wanted = wanted_as[entry->meshes[2].want];
    for (int m = CHUNK_TABLE_MESHES - 1; m >= 0; m--)
        if (entry->meshes[m].state == FRAME_STATS_MESH_RESIDENT)
            cell.best_lod = (uint8_t)m;
    return cell;
}

void engine_map(const Engine *engine, EngineMapCell *out)
{
    const double *eye = engine->input.view.eye_world;
    ChunkKey centre = chunk_key_at(0, eye[0], eye[2]);
    for (int i = 0; i < ENGINE_MAP_SIDE * ENGINE_MAP_SIDE; i++) {
        int column = i % ENGINE_MAP_SIDE, row = i / ENGINE_MAP_SIDE;
        ChunkKey key = {centre.x + column - ENGINE_MAP_SIDE / 2,
                        centre.z + row - ENGINE_MAP_SIDE / 2, 0};
        out[i] = map_cell(engine, key);
    }
}

float engine_ground_m(const Engine *engine, double x_m, double z_m)
{
    return engine->source.ground_m(engine->source.object, x_m, z_m);
}

void engine_set_feature(Engine *engine, EngineFeature feature, bool on)
{
    assert(feature < ENGINE_FEATURE_COUNT);
    uint32_t bit = 1u << feature;
    engine->config.features_off =
        on ? engine->config.features_off & ~bit : engine->config.features_off | bit;
}

static int clamp_int(int value, int low, int high)
{
    return value < low ? low : value > high ? high : value;
}

void engine_set_limits(Engine *engine, const EngineConfig *limits)
{
    EngineConfig wanted = engine_config_fill(limits);
    EngineConfig *c = &engine->config;
    c->loads_max = clamp_int(wanted.loads_max, 1, 64);
    c->loads_throttled = clamp_int(wanted.loads_throttled, 1, c->loads_max);
    c->throttle_ms = fmin(fmax(wanted.throttle_ms, 1.0), 1000.0);
    c->results_per_tick = clamp_int(wanted.results_per_tick, 1, 256);
    c->upload_bytes = wanted.upload_bytes < 65536 ? 65536 : wanted.upload_bytes;
    c->upload_ms = fmin(fmax(wanted.upload_ms, 0.05), 100.0);
    c->upload_count = clamp_int(wanted.upload_count, 1, 1024);
    ThrottleDesc desc = engine_config_throttle(c);
    streamer_set_throttle(engine->streamer, &desc);
}

void engine_excuse(Engine *engine)
{
    run_stats_excuse(&engine->run, os_memory_stats().allocation_count,
                     engine->sink.stats(engine->sink.object).objects_created);
}

void engine_inject(Engine *engine, EngineFault fault)
{
    switch (fault) {
    case ENGINE_FAULT_LEAK:
        engine->fault.leaking = true;
        break;
    case ENGINE_FAULT_HOLE:
        streamer_make_hole(engine->streamer);
        break;
    case ENGINE_FAULT_DUPLICATE:
        (void)loader_duplicate_next(streamer_loader(engine->streamer));
        break;
    case ENGINE_FAULT_STALL:
        engine->fault.stalling = true;
        break;
    case ENGINE_FAULT_LOCK:
        engine->fault.locking = true;
        break;
    case ENGINE_FAULT_DROP:
        loader_drop_next(streamer_loader(engine->streamer));
        break;
    default:
        assert(false);
    }
}

// Blocked workers would never finish what is waited for (the next tick blocks them again), and the layers of a frozen
// picture will hold other tiles.
static void unblock(Engine *engine)
{
    if (engine->workers_paused)
        job_pool_pause(streamer_pool(engine->streamer), false);
    engine->workers_paused = false;
    engine->frozen = false;
}

void engine_renew(Engine *engine, void (*change)(void *object), void *object)
{
    unblock(engine);
    streamer_forget(engine->streamer);
    change(object);
    Result result = lay_first_ring(engine, NULL);
    assert(result == RESULT_OK && "the sink has long been prepared");
    (void)result;
}

Result engine_gpu_lost(Engine *engine, ResultText *text)
{
    Result result = streamer_gpu_start(engine->streamer, text);
    return result == RESULT_OK ? lay_first_ring(engine, text) : result;
}

void engine_gpu_release(Engine *engine)
{
    unblock(engine);
    streamer_gpu_release(engine->streamer);
}

bool engine_settled(const Engine *engine)
{
    return engine->tick > 1 && streamer_settled(engine->streamer);
}
