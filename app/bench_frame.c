// B11: a whole frame of the lowest tier, drawn by the CPU: everything that the process burns, workers left out.
#include "base/os_clock.h"
#include "bench.h"
#include "engine.h"
#include "graphics.h"
#include "settings.h"
#include <stdio.h>
#include <string.h>

#define WIDTH 640
#define HEIGHT 360
#define FRAMES 61
#define SETTLE_S 60

typedef struct FrameFlight {
    View view;
    DrawScene scene;
    bool idle;
} FrameFlight;

static void take_input(void *object, EngineInput *inout)
{
    const FrameFlight *flight = object;
    inout->view = flight->view;
    inout->scene = flight->scene;
    inout->dt_s = 1.0 / 60;
    inout->idle = flight->idle;
}

static bool settle(Engine *engine, FrameFlight *flight, const EngineHooks *hooks)
{
    uint64_t deadline_ns = os_clock_now_ns() + UINT64_C(1000000000) * SETTLE_S;
    int settled = 0;
    flight->idle = true;
    while (settled < 240 && os_clock_now_ns() < deadline_ns) {
        engine_tick(engine, hooks);
        settled = engine_settled(engine) ? settled + 1 : 0;
        os_clock_sleep_until_ns(os_clock_now_ns() + 1000000);
    }
    flight->idle = false;
    return settled >= 240;
}

static uint64_t cpu_without_workers_ns(const Engine *engine)
{
    return os_clock_process_cpu_ns() - engine_run(engine)->workers.cpu_ns;
}

static void measure(Bench *bench, Engine *engine, FrameFlight *flight, const EngineHooks *hooks)
{
    double times[FRAMES], triangles = 0, select_ms = 0;
    float yaw = flight->view.yaw_rad;
    for (int i = 0; i < FRAMES; i++) {
        flight->view.yaw_rad = yaw + 0.1f * (float)i;
        uint64_t start_ns = cpu_without_workers_ns(engine);
        engine_tick(engine, hooks);
        times[i] = (double)(cpu_without_workers_ns(engine) - start_ns) * 1e-6;
        const FrameStats *frame = engine_frame(engine);
        triangles = (double)frame->triangles > triangles ? (double)frame->triangles : triangles;
        select_ms += (double)frame->ledger.cpu_ns[LEDGER_SELECT] * 1e-6 / FRAMES;
    }
    BenchRow *row = bench_add(bench, "640 x 360, 65 km view, workers left out", "ms CPU/frame",
                              bench_median(times, FRAMES));
    row->samples = FRAMES;
    bench_limit(row, BENCH_AT_MOST, 20);
    row = bench_add(bench, "most triangles in view", "triangles", triangles);
    bench_limit(row, BENCH_AT_MOST, 80000);
    bench_add(bench, "its row select, residency included, mean", "ms CPU", select_ms);
}

static void fly(Bench *bench, Graphics *graphics)
{
    const Source *source = bench->source;
    Settings settings;
    ResultText text = {0};
    Engine *engine = NULL;
    settings_defaults(&settings);
    EngineConfig config = settings_engine(&settings, 0);
    float ground = source->ground_m(source->object, 128, 128);
    FrameFlight flight = {.view = {.eye_world = {128, (ground > 0 ? (double)ground : 0) + 200, 128},
                                   .pitch_rad = -0.1f,
                                   .fov_y_rad = VIEW_FOV_Y_RAD,
                                   .aspect = graphics_aspect(graphics),
                                   .agl_m = 200}};
    settings_scene(&settings, 0, &flight.scene);
    memcpy(config.start_m, flight.view.eye_world, sizeof config.start_m);
    if (engine_create(&config, source, &graphics->gpu, &engine, &text) != RESULT_OK) {
        bench_broken(bench, "frame", text.text);
        return;
    }
    EngineHooks hooks = {.object = &flight, .input = take_input};
    if (settle(engine, &flight, &hooks))
        measure(bench, engine, &flight, &hooks);
    else
        bench_broken(bench, "frame", "the view did not settle");
    engine_destroy(engine);
}

void bench_frame_tier0(Bench *bench)
{
    Graphics graphics;
    ResultText text = {0};
    GraphicsDesc desc = {
        .window = {.title = "Arete bench", .width = WIDTH, .height = HEIGHT, .offscreen = true},
        .tier = 0,
        .no_hole_probe = true};
    if (graphics_open(&desc, &graphics, &text) != RESULT_OK) {
        bench_broken(bench, "frame", "no OpenGL here");
        return;
    }
    int first = bench->row_count;
    fly(bench, &graphics);
    snprintf(bench->rows[first].note, sizeof bench->rows[first].note, "%.90s",
             graphics.caps.renderer);
    graphics_close(&graphics);
}
