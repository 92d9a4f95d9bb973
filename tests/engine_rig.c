#include "engine_rig.h"
#include "base/os_clock.h"
#include <assert.h>

#define PATIENCE_NS UINT64_C(20000000000)

EngineConfig engine_rig_config(void)
{
    return (EngineConfig){.threads = 2,
                          .quality = 1.0f,
                          .ram_ceiling_bytes = UINT64_C(150) << 20,
                          .upload_bytes = UINT64_C(16) << 20,
                          .upload_ms = 50.0,
                          .upload_count = 1000,
                          .throttle_ms = 1000.0,
                          .start_m = {128.0, 900.0, 128.0}};
}

void engine_rig_begin(EngineRig *rig)
{
    *rig = (EngineRig){.world = fake_world_create()};
    rig->source = fake_world_source(rig->world);
    Result result = null_sink_create(&rig->null_sink);
    assert(result == RESULT_OK);
    (void)result;
    rig->sink = null_sink_interface(rig->null_sink);
}

Result engine_rig_start(EngineRig *rig, const EngineConfig *config)
{
    rig->input =
        (EngineInput){.view = {.fov_y_rad = VIEW_FOV_Y_RAD, .aspect = 1.6f}, .dt_s = FLIGHT_TICK_S};
    for (int i = 0; i < 3; i++)
        rig->input.view.eye_world[i] = config->start_m[i];
    return engine_create(config, &rig->source, &rig->sink, &rig->engine, &rig->text);
}

void engine_rig_create(EngineRig *rig, const EngineConfig *config)
{
    engine_rig_begin(rig);
    Result result = engine_rig_start(rig, config);
    assert(result == RESULT_OK);
    (void)result;
}

void engine_rig_destroy(EngineRig *rig)
{
    if (atomic_load(&rig->world->held))
        fake_world_open(rig->world);
    engine_destroy(rig->engine);
    null_sink_destroy(rig->null_sink);
    fake_world_destroy(rig->world);
}

static void hand_over(void *object, EngineInput *inout)
{
    *inout = ((EngineRig *)object)->input;
}

const FrameStats *engine_rig_tick(EngineRig *rig)
{
    engine_tick(rig->engine, &(EngineHooks){.object = rig, .input = hand_over});
    const FrameStats *frame = engine_frame(rig->engine);
    uint64_t in_flight = (uint64_t)frame->in_flight_demand + frame->in_flight_speculative;
    rig->holes += frame->holes;
    rig->in_flight_max = in_flight > rig->in_flight_max ? in_flight : rig->in_flight_max;
    os_clock_sleep_until_ns(os_clock_now_ns() + 500000);
    return frame;
}

bool engine_rig_settle(EngineRig *rig)
{
    uint64_t end_ns = os_clock_now_ns() + PATIENCE_NS;
    while (os_clock_now_ns() < end_ns) {
        engine_rig_tick(rig);
        if (engine_settled(rig->engine))
            return true;
    }
    return false;
}

bool engine_rig_complete(EngineRig *rig)
{
    uint64_t end_ns = os_clock_now_ns() + PATIENCE_NS;
    while (os_clock_now_ns() < end_ns)
        if (engine_rig_tick(rig)->view_complete)
            return true;
    return false;
}

void engine_rig_move_to(EngineRig *rig, double x_m, double y_m, double z_m)
{
    rig->input.view.eye_world[0] = x_m;
    rig->input.view.eye_world[1] = y_m;
    rig->input.view.eye_world[2] = z_m;
}
