#include "render_rig.h"
#include "shared_materials.h"

#include "base/os_clock.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SETTLE_NS UINT64_C(60000000000)
#define STEADY_TICKS 8

static void take_input(void *object, EngineInput *inout)
{
    RenderRig *rig = object;
    inout->view = rig->view;
    inout->scene = rig->scene;
    inout->dt_s = rig->dt_s;
    inout->idle = rig->idle;
    inout->block_workers = rig->block_workers;
}

static void make_sink(RenderRig *rig)
{
    ResultText text = {{0}};
    GlSinkDesc desc = {.caps = rig->fixture.caps,
                       .window_width = rig->desc.width,
                       .window_height = rig->desc.height,
                       .tier = rig->desc.tier,
                       .shader_directory = rig->desc.shaders,
                       .linear_output = rig->desc.linear_output,
                       .materials = shared_materials(),
                       .materials_at_once = true,
                       .check_errors = true};
    assert_int_equal(gl_sink_create(&desc, &rig->sink, &text), RESULT_OK);
    rig->interface = gl_sink_interface(rig->sink);
}

bool render_rig_create(RenderRig *rig, const RenderRigDesc *desc)
{
    ResultText text = {{0}};
    *rig = (RenderRig){.desc = *desc, .dt_s = 1.0 / 60.0};
    if (!gl_fixture_create(&rig->fixture, desc->width, desc->height, desc->gl33))
        return false;
    if (desc->source == NULL)
        assert_int_equal(terrain_create(&(TerrainDesc){.seed = desc->seed}, &rig->terrain),
                         RESULT_OK);
    rig->source = desc->source != NULL ? *desc->source : terrain_source(rig->terrain);
    rig->pixels = malloc((size_t)desc->width * (size_t)desc->height * 4);
    assert_non_null(rig->pixels);
    make_sink(rig);
    rig->scene = (DrawScene){.tier = desc->tier,
                             .lights = {.sun_azimuth_rad = 2.3f, .sun_elevation_rad = 0.55f},
                             .haze_scale = 1.0f,
                             .force_gl33 = desc->gl33};
    rig->view =
        (View){.fov_y_rad = VIEW_FOV_Y_RAD, .aspect = (float)desc->width / (float)desc->height};
    EngineConfig config = {.tier = desc->tier};
    memcpy(config.start_m, desc->start_m, sizeof config.start_m);
    config.start_m[1] +=
        (double)rig->source.ground_m(rig->source.object, desc->start_m[0], desc->start_m[2]);
    Result result = engine_create(&config, &rig->source, &rig->interface, &rig->engine, &text);
    if (result != RESULT_OK)
        print_message("%s\n", text.text);
    assert_int_equal(result, RESULT_OK);
    return true;
}

void render_rig_destroy(RenderRig *rig)
{
    assert_int_equal((int)rig->interface.stats(rig->interface.object).errors, 0);
    engine_destroy(rig->engine);
    gl_sink_destroy(rig->sink);
    terrain_destroy(rig->terrain);
    gl_fixture_destroy(&rig->fixture);
    free(rig->pixels);
}

void render_rig_look(RenderRig *rig, double x_m, double z_m, double agl_m, float yaw_deg,
                     float pitch_deg)
{
    double ground_m = fmax((double)engine_ground_m(rig->engine, x_m, z_m), 0.0);
    rig->view.eye_world[0] = x_m;
    rig->view.eye_world[1] = ground_m + agl_m;
    rig->view.eye_world[2] = z_m;
    rig->view.yaw_rad = yaw_deg * 0.017453293f;
    rig->view.pitch_rad = pitch_deg * 0.017453293f;
}

void render_rig_tick(RenderRig *rig)
{
    engine_tick(rig->engine, &(EngineHooks){.object = rig, .input = take_input});
}

void render_rig_settle(RenderRig *rig)
{
    uint64_t deadline_ns = os_clock_now_ns() + SETTLE_NS;
    rig->idle = true;
    float last_m[LOD_COUNT] = {0.0f};
    for (int steady = 0; steady < STEADY_TICKS;) {
        render_rig_tick(rig);
        const float *range_m = engine_frame(rig->engine)->range_m;
        bool grown = memcmp(last_m, range_m, sizeof last_m) != 0;
        memcpy(last_m, range_m, sizeof last_m);
        bool settled = engine_settled(rig->engine);
        steady = settled && !grown ? steady + 1 : 0;
        if (!settled)
            os_clock_sleep_until_ns(os_clock_now_ns() + 2000000);
        assert_true(os_clock_now_ns() < deadline_ns);
    }
    rig->idle = false;
    render_rig_tick(rig);
}

const uint8_t *render_rig_read(RenderRig *rig)
{
    gl_sink_read(rig->sink, rig->pixels);
    return rig->pixels;
}

void render_rig_lose_context(RenderRig *rig)
{
    ResultText text = {{0}};
    engine_gpu_release(rig->engine);
    assert_true(gl_fixture_renew(&rig->fixture, rig->desc.gl33));
    gl_sink_lost(rig->sink, &rig->fixture.caps);
    assert_int_equal(engine_gpu_lost(rig->engine, &text), RESULT_OK);
}

double render_rig_difference(const uint8_t *a, const uint8_t *b, int width, int height)
{
    double sum = 0.0;
    size_t pixels = (size_t)width * (size_t)height;
    for (size_t i = 0; i < pixels; i++)
        for (size_t c = 0; c < 3; c++)
            sum += abs((int)a[4 * i + c] - (int)b[4 * i + c]);
    return sum / (double)(3 * pixels);
}
