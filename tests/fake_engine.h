// Purpose: an engine that only counts, on a fake clock, for tests of what flies one.
// Owns: one static engine; include it in one test only: it takes the place of engine.c.
// Threads: one.
// Fails: when a test asks for it.
#pragma once
#include "engine.h"
#include "fake_clock.h"
#include <assert.h>
#include <string.h>

struct Engine {
    EngineConfig config;
    FrameStats frame;
    RunStats run;
    uint64_t create_ns;
};

static struct Engine fake_engine;
static bool fake_deaf;            // faults leave no trace
static bool fake_leak_untouched;  // a leak is allocated, but never becomes resident
static bool fake_features_idle;   // features make no difference
static bool fake_fails;           // create refuses
static bool fake_busy;            // workers never finish
static uint64_t fake_injected_at; // tick of the fault
static int fake_fault = -1;
static EngineInput fake_input;

static int fake_engine_start(void **state)
{
    (void)state;
    fake_deaf = fake_leak_untouched = fake_features_idle = fake_fails = fake_busy = false;
    fake_clock_begin(1000000000);
    return 0;
}

static int fake_engine_end(void **state)
{
    (void)state;
    fake_clock_end();
    return 0;
}

const char *engine_feature_name(EngineFeature feature)
{
    static const char *const names[] = {
#define FAKE_TEXT(name, text) text,
        ENGINE_FEATURE_LIST(FAKE_TEXT)};
    return names[feature];
}

const char *engine_fault_name(EngineFault fault)
{
    static const char *const names[] = {ENGINE_FAULT_LIST(FAKE_TEXT)};
#undef FAKE_TEXT
    return names[fault];
}

Result engine_check(const EngineConfig *config, ResultText *text)
{
    (void)config;
    (void)text;
    return RESULT_OK;
}

Result engine_create(const EngineConfig *config, const Source *source, const GpuSink *sink,
                     Engine **out, ResultText *text)
{
    assert(source != NULL && sink != NULL);
    if (fake_fails) {
        return result_fail(text, RESULT_LIMIT, "the fake engine refuses");
    }
    memset(&fake_engine, 0, sizeof fake_engine);
    run_stats_start(&fake_engine.run);
    fake_engine.config = *config;
    fake_engine.config.view_chunks = 8;
    fake_engine.create_ns = fake_clock_ns;
    fake_engine.run.counters.lobe_issued = fake_engine.run.counters.lobe_used = 10;
    fake_engine.run.counters.lod_transitions = 100;
    fake_engine.run.throttle.engaged_count = 1;
    fake_fault = -1;
    *out = &fake_engine;
    return RESULT_OK;
}

void engine_destroy(Engine *engine)
{
    assert(engine == &fake_engine);
}

static bool fake_off(const Engine *engine, EngineFeature feature)
{
    return !fake_features_idle && (engine->config.features_off & (1u << feature)) != 0;
}

static void fake_apply_fault(Engine *engine, FrameStats *frame)
{
    if (fake_fault < 0 || fake_deaf) {
        return;
    }
    bool first = frame->tick == fake_injected_at + 1;
    if (fake_fault == ENGINE_FAULT_LEAK) {
        uint64_t leaked = (1024 * 1024 / 60) * (frame->tick - fake_injected_at);
        frame->rss_bytes += fake_leak_untouched ? 0 : leaked;
    } else if (fake_fault == ENGINE_FAULT_HOLE) {
        frame->holes = first;
    } else if (fake_fault == ENGINE_FAULT_DUPLICATE) {
        engine->run.counters.duplicates = 1;
    } else if (fake_fault == ENGINE_FAULT_STALL && first) {
        frame->ledger.stream_cpu_ns += 5000000;
    } else if (fake_fault == ENGINE_FAULT_LOCK) {
        frame->ledger.stream_usage.voluntary_switches = first;
    } else if (fake_fault == ENGINE_FAULT_DROP) {
        engine->run.counters.dropped = 1;
    }
}

void engine_tick(Engine *engine, const EngineHooks *hooks)
{
    uint64_t tick = engine->run.ticks;
    fake_clock_ns += 500000;
    hooks->input(hooks->object, &fake_input);
    if (hooks->ui != NULL) {
        hooks->ui(hooks->object);
    }
    FrameStats *frame = &engine->frame;
    memset(frame, 0, sizeof *frame);
    frame->tick = tick;
    frame->time_s = (double)tick / 60.0;
    frame->hole_pixels = -1;
    frame->ledger.stream_cpu_ns = 100000;
    frame->ledger.tick_cpu_ns = 200000;
    frame->ledger.tick_wall_ns = 500000;
    frame->view_complete = tick >= 10;
    frame->sharp = true;
    frame->rss_bytes = 300u << 20;
    frame->missing = fake_off(engine, ENGINE_FEATURE_PREFETCH) ? 3 : 0;
    frame->in_flight_speculative = fake_off(engine, ENGINE_FEATURE_THROTTLE) ? 8 : 2;
    engine->run.workers.done[JOB_SPECULATIVE] += frame->in_flight_speculative;
    engine->run.workers.cpu_ns += 500000 * frame->in_flight_speculative;
    frame->in_flight_demand = fake_busy;
    frame->upload_bytes = fake_off(engine, ENGINE_FEATURE_UPLOAD_BUDGET) ? 9000000 : 1000000;
    frame->upload_count = fake_off(engine, ENGINE_FEATURE_UPLOAD_BUDGET) ? 40 : 8;
    if (!fake_busy && !fake_input.block_workers && fake_input.main_burn_ms <= 0.0) {
        frame->in_flight_speculative *= tick % 2 == 0;
    }
    engine->run.counters.generated += 2;
    engine->run.counters.lod_hits += !fake_off(engine, ENGINE_FEATURE_LOD_CACHE);
    engine->run.counters.lod_rebuilt += fake_off(engine, ENGINE_FEATURE_LOD_CACHE);
    fake_apply_fault(engine, frame);
    bool leaks = fake_fault == ENGINE_FAULT_LEAK && !fake_deaf;
    RunStatsTick stats = {.frame = frame,
                          .since_create_ms = (double)(fake_clock_ns - engine->create_ns) * 1e-6,
                          .allocations = 10 + (leaks ? tick - fake_injected_at : 0)};
    run_stats_add(&engine->run, &stats);
}

const FrameStats *engine_frame(const Engine *engine)
{
    return &engine->frame;
}

const FrameStats *engine_frames(const Engine *engine, int *out_first, int *out_count)
{
    *out_first = 0;
    *out_count = 1;
    return &engine->frame;
}

const RunStats *engine_run(const Engine *engine)
{
    return &engine->run;
}

const EngineConfig *engine_config(const Engine *engine)
{
    return &engine->config;
}

void engine_map(const Engine *engine, EngineMapCell *out)
{
    (void)engine;
    memset(out, 0, sizeof *out * ENGINE_MAP_SIDE * ENGINE_MAP_SIDE);
}

float engine_ground_m(const Engine *engine, double x_m, double z_m)
{
    (void)engine;
    return (float)(x_m - z_m) * 0.0f;
}

void engine_set_feature(Engine *engine, EngineFeature feature, bool on)
{
    uint32_t bit = 1u << feature;
    engine->config.features_off = (engine->config.features_off & ~bit) | (on ? 0 : bit);
}

void engine_set_limits(Engine *engine, const EngineConfig *limits)
{
    engine->config.loads_max = limits->loads_max;
}

void engine_inject(Engine *engine, EngineFault fault)
{
    fake_fault = (int)fault;
    fake_injected_at = engine->frame.tick;
}

Result engine_gpu_lost(Engine *engine, ResultText *text)
{
    (void)engine;
    (void)text;
    return RESULT_OK;
}

bool engine_settled(const Engine *engine)
{
    return engine->frame.in_flight_demand + engine->frame.in_flight_speculative == 0;
}

static float fake_ground(void *object, double x_m, double z_m)
{
    (void)object;
    (void)x_m;
    (void)z_m;
    return 100.0f;
}

static Result fake_read(void *object, ChunkKey key, Arena *scratch, const atomic_bool *cancelled,
                        Chunk *out)
{
    (void)object;
    (void)key;
    (void)scratch;
    (void)cancelled;
    (void)out;
    return RESULT_UNSUPPORTED;
}

static const Source fake_source = {
    .name = "seed:42", .attribution = "", .seed = 42, .read = fake_read, .ground_m = fake_ground};
