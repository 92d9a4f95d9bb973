#include "base/os_clock.h"
#include "base/os_memory.h"
#include "graphics.h"
#include "settings.h"
#include "shot.h"
#include "terrain/terrain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#define WIDTH 128
#define HEIGHT 72
#define BYTES (WIDTH * HEIGHT * 4)

typedef struct Stage {
    Terrain *terrain;
    Source source;
    Graphics graphics;
    ShotDesc desc;
} Stage;

static int open_stage(void **state)
{
    static Stage stage;
    Settings settings;
    GraphicsDesc desc = {
        .window = {.title = "test", .width = WIDTH, .height = HEIGHT, .offscreen = true},
        .hidden = true,
        .no_hole_probe = true,
        .materials_at_once = true,
        .check_errors = true};
    *state = &stage;
    settings_defaults(&settings);
    if (terrain_create(&(TerrainDesc){.seed = 42}, &stage.terrain) != RESULT_OK ||
        graphics_open(&desc, &stage.graphics, NULL) != RESULT_OK)
        return -1;
    stage.source = terrain_source(stage.terrain);
    stage.desc = (ShotDesc){.config = settings_engine(&settings, stage.graphics.tier),
                            .source = &stage.source,
                            .x_m = 128,
                            .z_m = 128,
                            .agl_m = 200,
                            .pitch_deg = -15};
    settings_scene(&settings, stage.graphics.tier, &stage.desc.scene);
    return 0;
}

static int close_stage(void **state)
{
    Stage *stage = *state;
    graphics_close(&stage->graphics);
    terrain_destroy(stage->terrain);
    return 0;
}

static void the_same_place_gives_the_same_picture(void **state)
{
    Stage *stage = *state;
    static uint8_t first[BYTES], second[BYTES], other[BYTES];
    assert_int_equal(shot_take(&stage->desc, &stage->graphics, first, NULL), RESULT_OK);
    assert_int_equal(shot_take(&stage->desc, &stage->graphics, second, NULL), RESULT_OK);
    assert_memory_equal(first, second, BYTES);
    ShotDesc turned = stage->desc;
    turned.yaw_deg = 90;
    assert_int_equal(shot_take(&turned, &stage->graphics, other, NULL), RESULT_OK);
    assert_memory_not_equal(first, other, BYTES);
    GpuSinkStats stats = stage->graphics.gpu.stats(stage->graphics.gpu.object);
    assert_int_equal(stats.errors, 0);
}

typedef struct Still {
    const Stage *stage;
    bool idle;
} Still;

static void take_input(void *object, EngineInput *inout)
{
    const Still *still = object;
    const Stage *stage = still->stage;
    const ShotDesc *desc = &stage->desc;
    float ground = stage->source.ground_m(stage->source.object, desc->x_m, desc->z_m);
    inout->view = (View){.eye_world = {desc->x_m, (double)ground + desc->agl_m, desc->z_m},
                         .pitch_rad = -0.26f,
                         .fov_y_rad = VIEW_FOV_Y_RAD,
                         .aspect = graphics_aspect(&stage->graphics)};
    inout->dt_s = 1.0 / 60;
    inout->scene = desc->scene;
    inout->idle = still->idle;
}

// Ticks without pictures until everything is there and the ranges have stopped to grow, then one picture.
static void fly_until_sharp(Engine *engine, Still *still, uint8_t *out)
{
    EngineHooks hooks = {.object = still, .input = take_input};
    float range_m[LOD_COUNT] = {0};
    int steady = 0;
    still->idle = true;
    for (int i = 0; i < 20000 && steady < 30; i++) {
        engine_tick(engine, &hooks);
        const float *now_m = engine_frame(engine)->range_m;
        bool same = memcmp(range_m, now_m, sizeof range_m) == 0;
        steady = same && engine_settled(engine) ? steady + 1 : 0;
        memcpy(range_m, now_m, sizeof range_m);
        os_clock_sleep_until_ns(os_clock_now_ns() + (steady ? 0 : 1000000));
    }
    assert_int_equal(steady, 30);
    still->idle = false;
    engine_tick(engine, &hooks);
    gl_sink_read(still->stage->graphics.sink, out);
}

static void the_picture_returns_after_a_lost_context(void **state)
{
    Stage *stage = *state;
    static uint8_t before[BYTES], after[BYTES];
    Engine *engine = NULL;
    Still still = {.stage = stage};
    ResultText text = {0};
    EngineConfig config = stage->desc.config;
    config.start_m[0] = config.start_m[2] = 128;
    config.start_m[1] = 900;
    assert_int_equal(engine_create(&config, &stage->source, &stage->graphics.gpu, &engine, &text),
                     RESULT_OK);
    fly_until_sharp(engine, &still, before);
    for (int round = 0; round < 2; round++) {
        assert_int_equal(graphics_lose(&stage->graphics, engine, &text), RESULT_OK);
        fly_until_sharp(engine, &still, after);
        assert_memory_equal(before, after, BYTES);
    }
    engine_destroy(engine);
}

static EngineConfig config_at(const Stage *stage, int tier)
{
    EngineConfig config = stage->desc.config;
    config.tier = tier;
    config.start_m[0] = config.start_m[2] = 128;
    config.start_m[1] = 900;
    return config;
}

static void a_tier_changes_in_flight_and_leaves_nothing_of_the_last(void **state)
{
    Stage *stage = *state;
    static uint8_t pictures[2][BYTES], now[BYTES];
    const Graphics *graphics = &stage->graphics;
    Engine *engine = NULL;
    Still still = {.stage = stage};
    ResultText text = {0};
    uint64_t before = os_memory_stats().live_total_bytes;
    uint64_t live[2];
    GpuStatsBytes gpu[2];
    EngineConfig config = config_at(stage, 0);
    assert_int_equal(engine_create(&config, &stage->source, &graphics->gpu, &engine, &text),
                     RESULT_OK);
    engine_set_feature(engine, ENGINE_FEATURE_THROTTLE, false);
    for (int round = 0; round < 4; round++) {
        int tier = round % 2;
        config = config_at(stage, tier);
        if (round > 0)
            assert_int_equal(
                graphics_change_tier(&stage->graphics, &config, &stage->source, &engine, &text),
                RESULT_OK);
        assert_int_equal(graphics->tier, tier);
        assert_int_equal(engine_config(engine)->tier, tier);
        assert_int_equal(engine_config(engine)->features_off, 1u << ENGINE_FEATURE_THROTTLE);
        fly_until_sharp(engine, &still, now);
        GpuSinkStats stats = graphics->gpu.stats(graphics->gpu.object);
        assert_int_equal(stats.errors, 0);
        if (round < 2) {
            memcpy(pictures[tier], now, BYTES);
            live[tier] = os_memory_stats().live_total_bytes;
            gpu[tier] = stats.gpu;
        }
        assert_memory_equal(now, pictures[tier], BYTES);
        assert_memory_equal(&stats.gpu, &gpu[tier], sizeof stats.gpu);
        assert_int_equal(os_memory_stats().live_total_bytes, live[tier]);
    }
    assert_memory_not_equal(pictures[0], pictures[1], BYTES);
    engine_destroy(engine);
    graphics_set_tier(&stage->graphics, 0);
    assert_int_equal(os_memory_stats().live_total_bytes, before);
}

static void a_tier_that_cannot_be_had_leaves_the_last_one(void **state)
{
    Stage *stage = *state;
    static uint8_t first[BYTES], now[BYTES];
    Engine *engine = NULL;
    Still still = {.stage = stage};
    ResultText text = {0};
    EngineConfig config = config_at(stage, 0);
    assert_int_equal(engine_create(&config, &stage->source, &stage->graphics.gpu, &engine, &text),
                     RESULT_OK);
    fly_until_sharp(engine, &still, first);
    const Engine *same = engine;
    EngineConfig richest = config_at(stage, 3);
    richest.vram_ceiling_bytes = UINT64_C(128) << 20; // the ceilings are asked before anything ends
    assert_int_equal(
        graphics_change_tier(&stage->graphics, &richest, &stage->source, &engine, &text),
        RESULT_OK);
    assert_ptr_equal(engine, same);
    EngineConfig next = config_at(stage, 1);
    os_memory_fail_at(1, 0); // the last engine is gone by then
    assert_int_equal(graphics_change_tier(&stage->graphics, &next, &stage->source, &engine, &text),
                     RESULT_OK);
    assert_int_equal(stage->graphics.tier, 0);
    assert_int_equal(engine_config(engine)->tier, 0);
    fly_until_sharp(engine, &still, now);
    assert_memory_equal(now, first, BYTES);
    os_memory_fail_at(1, 1);
    assert_int_not_equal(
        graphics_change_tier(&stage->graphics, &next, &stage->source, &engine, &text), RESULT_OK);
    os_memory_fail_at(0, 0);
    assert_null(engine);
}

static void a_view_that_does_not_arrive_is_an_error(void **state)
{
    Stage *stage = *state;
    static uint8_t pixels[BYTES];
    ShotDesc hurried = stage->desc;
    ResultText why = {0};
    hurried.timeout_s = 1e-6;
    assert_int_equal(shot_take(&hurried, &stage->graphics, pixels, &why), RESULT_LIMIT);
    assert_non_null(strstr(why.text, "did not arrive"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_place_gives_the_same_picture),
        cmocka_unit_test(the_picture_returns_after_a_lost_context),
        cmocka_unit_test(a_tier_changes_in_flight_and_leaves_nothing_of_the_last),
        cmocka_unit_test(a_tier_that_cannot_be_had_leaves_the_last_one),
        cmocka_unit_test(a_view_that_does_not_arrive_is_an_error),
    };
    return cmocka_run_group_tests(tests, open_stage, close_stage);
}
