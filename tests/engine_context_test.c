#include "base/os_clock.h"
#include "base/rng.h"
#include "engine_rig.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#define DESTROY_SEED UINT64_C(99)
#define DESTROY_ROUNDS 10
#define LOST_ROUNDS 20
#define DRAWN_MAX 4096

// What was drawn: place and lod of a tile with the hash of its layer.
typedef struct Drawn {
    int64_t x_m, z_m;
    uint32_t lod;
    uint64_t hash;
} Drawn;

static struct {
    const NullSink *sink;
    Drawn drawn[DRAWN_MAX];
    int count;
} picture;

static int compare(const void *a, const void *b)
{
    const Drawn *l = a, *r = b;
    if (l->lod != r->lod)
        return l->lod < r->lod ? -1 : 1;
    if (l->x_m != r->x_m)
        return l->x_m < r->x_m ? -1 : 1;
    return l->z_m < r->z_m ? -1 : l->z_m > r->z_m;
}

static void note_drawn(void *object, const DrawList *list, const ViewFrame *frame,
                       const DrawScene *scene)
{
    (void)object;
    (void)scene;
    for (int g = 0; g < LOD_GRID_COUNT; g++)
        for (int i = 0; i < list->counts[g]; i++) {
            const DrawInstance *tile = &list->instances[g][i];
            assert_true(picture.count < DRAWN_MAX);
            picture.drawn[picture.count++] =
                (Drawn){.x_m = frame->anchor_x_m + (int64_t)tile->origin_x_anchor,
                        .z_m = frame->anchor_z_m + (int64_t)tile->origin_z_anchor,
                        .lod = tile->lod,
                        .hash = null_sink_layer_hash(picture.sink, (LodGrid)g, tile->layer)};
        }
}

// Looks around once and keeps what is drawn, sorted.
static void look_around(EngineRig *rig)
{
    picture.count = 0;
    for (int i = 0; i < 6; i++) {
        rig->input.view.yaw_rad = (float)i * 1.0472f;
        rig->input.view.pitch_rad = -0.6f;
        engine_rig_tick(rig);
    }
    qsort(picture.drawn, (size_t)picture.count, sizeof *picture.drawn, compare);
}

static void begin_picture(EngineRig *rig)
{
    engine_rig_begin(rig);
    picture.sink = rig->null_sink;
    rig->sink.submit = note_drawn;
}

static void start_settled(EngineRig *rig, const EngineConfig *config)
{
    begin_picture(rig);
    assert_int_equal(engine_rig_start(rig, config), RESULT_OK);
    do
        picture.count = 0;
    while (!engine_settled(rig->engine) && engine_rig_tick(rig));
}

static void assert_drawn_is(const Drawn *expected, int count)
{
    assert_int_equal(picture.count, count);
    for (int i = 0; i < count; i++) {
        assert_int_equal(compare(&expected[i], &picture.drawn[i]), 0);
        assert_true(expected[i].hash != 0 && expected[i].hash == picture.drawn[i].hash);
    }
}

static void any_number_of_workers_gives_the_same_tiles(void **state)
{
    (void)state;
    static Drawn first[DRAWN_MAX];
    static const int workers[] = {1, 2, 7};
    int count = 0;
    for (int w = 0; w < 3; w++) {
        EngineConfig config = engine_rig_config();
        config.threads = workers[w];
        config.short_view = true;
        EngineRig rig;
        start_settled(&rig, &config);
        look_around(&rig);
        assert_int_equal(engine_run(rig.engine)->workers.workers_ran, workers[w]);
        engine_rig_destroy(&rig);
        if (w == 0) {
            count = picture.count;
            memcpy(first, picture.drawn, sizeof first);
        }
        assert_drawn_is(first, count);
    }
    // All levels are among them, up to the coarsest of the short view.
    bool lods[LOD_COUNT] = {false};
    for (int i = 0; i < count; i++)
        lods[first[i].lod] = true;
    for (int lod = 0; lod < LOD_COUNT; lod++)
        assert_int_equal(lods[lod], lod < LOD_COUNT - 1);
}

static void a_frozen_picture_keeps_its_tiles_wherever_one_flies(void **state)
{
    (void)state;
    static Drawn before[DRAWN_MAX];
    EngineRig rig;
    EngineConfig config = engine_rig_config();
    start_settled(&rig, &config);
    rig.input.freeze_culling = true;
    picture.count = 0;
    engine_rig_tick(&rig);
    int count = picture.count;
    memcpy(before, picture.drawn, sizeof before);
    for (int i = 1; i <= 400; i++) {
        engine_rig_move_to(&rig, 128.0 + i * 66.0, 900.0, 128.0); // 4 km/s, 26 km in all
        picture.count = 0;
        engine_rig_tick(&rig);
        assert_drawn_is(before, count);
    }
    // Let go, the stream goes where the eye is.
    rig.input.freeze_culling = false;
    do
        picture.count = 0;
    while (!engine_rig_tick(&rig)->view_complete);
    assert_true(engine_frame(rig.engine)->sharp);
    assert_true(rig.holes == 0);
    engine_rig_destroy(&rig);
}

static void a_lost_context_comes_back_with_the_same_tiles(void **state)
{
    (void)state;
    static Drawn before[DRAWN_MAX];
    EngineRig rig;
    EngineConfig config = engine_rig_config();
    start_settled(&rig, &config);
    look_around(&rig);
    int count = picture.count;
    memcpy(before, picture.drawn, sizeof before);
    uint64_t bytes = os_memory_stats().live_total_bytes;
    for (uint64_t round = 0; round < LOST_ROUNDS; round++) {
        engine_gpu_release(rig.engine);
        assert_true(os_memory_stats().live_total_bytes < bytes);
        assert_int_equal(engine_gpu_lost(rig.engine, &rig.text), RESULT_OK);
        assert_int_equal(os_memory_stats().live_total_bytes, bytes);
        for (uint64_t tick = rng_u64(DESTROY_SEED, 1, round) % 12; tick > 0; tick--) {
            picture.count = 0;
            assert_int_equal(engine_rig_tick(&rig)->holes, 0);
        }
    }
    do
        picture.count = 0;
    while (!engine_settled(rig.engine) && engine_rig_tick(&rig));
    look_around(&rig);
    assert_drawn_is(before, count);
    assert_int_equal(os_memory_stats().live_total_bytes, bytes);
    // The heights were kept: nothing was read a second time.
    assert_int_equal(fake_world_reads_max(rig.world), 1);
    assert_int_equal(engine_run(rig.engine)->counters.duplicates, 0);
    engine_rig_destroy(&rig);
}

static unsigned read_before_change;

static void change_world(void *object)
{
    const FakeWorld *world = object;
    assert_int_equal(atomic_load(&world->running), 0);
    read_before_change = atomic_load(&world->total);
}

static void a_world_that_changed_is_read_anew_without_a_hole(void **state)
{
    (void)state;
    static Drawn before[DRAWN_MAX];
    EngineRig rig;
    EngineConfig config = engine_rig_config();
    start_settled(&rig, &config);
    look_around(&rig);
    int count = picture.count;
    memcpy(before, picture.drawn, sizeof before);
    for (int round = 0; round < LOST_ROUNDS; round++) {
        rig.input.block_workers = round == 1;
        engine_rig_tick(&rig);
        uint64_t allocations = os_memory_stats().allocation_count;
        engine_renew(rig.engine, change_world, rig.world);
        assert_int_equal(os_memory_stats().allocation_count, allocations);
        rig.input.block_workers = false;
        picture.count = 0;
        assert_int_equal(engine_rig_tick(&rig)->holes, 0);
    }
    do
        picture.count = 0;
    while (!engine_settled(rig.engine) && engine_rig_tick(&rig)->holes == 0);
    assert_true(engine_settled(rig.engine));
    look_around(&rig);
    assert_drawn_is(before, count);
    // Nothing that was read before the last change is shown.
    assert_true(atomic_load(&rig.world->total) - read_before_change >= (unsigned)count);
    assert_int_equal(engine_run(rig.engine)->counters.duplicates, 0);
    assert_int_equal(engine_run(rig.engine)->counters.dropped, 0);
    engine_rig_destroy(&rig);
}

static void a_context_may_be_lost_while_the_workers_are_blocked(void **state)
{
    (void)state;
    EngineConfig config = engine_rig_config();
    EngineRig rig;
    engine_rig_create(&rig, &config);
    for (int i = 0; i < 5; i++)
        engine_rig_tick(&rig);
    rig.input.block_workers = true;
    engine_rig_tick(&rig);
    engine_rig_tick(&rig);
    engine_gpu_release(rig.engine);
    assert_int_equal(engine_gpu_lost(rig.engine, &rig.text), RESULT_OK);
    engine_rig_tick(&rig); // blocked again
    rig.input.block_workers = false;
    assert_true(engine_rig_complete(&rig));
    engine_rig_destroy(&rig);
}

static void an_engine_without_its_context_can_be_destroyed(void **state)
{
    (void)state;
    uint64_t before = os_memory_stats().live_total_bytes;
    EngineConfig config = engine_rig_config();
    EngineRig rig;
    engine_rig_create(&rig, &config);
    for (int i = 0; i < 10; i++)
        engine_rig_tick(&rig);
    engine_gpu_release(rig.engine);
    engine_rig_destroy(&rig);
    assert_int_equal(os_memory_stats().live_total_bytes, before);
}

static int prepares_left; // until one fails

static Result prepare_at_most(void *object, bool *out_more, ResultText *text)
{
    (void)object;
    *out_more = true;
    if (--prepares_left > 0)
        return RESULT_OK;
    return result_fail(text, RESULT_UNSUPPORTED, "no such program");
}

static Result prepare_at_once(void *object, bool *out_more, ResultText *text)
{
    *out_more = false;
    return prepares_left == 0 ? RESULT_OK : prepare_at_most(object, out_more, text);
}

static void a_sink_that_cannot_prepare_ends_the_start_or_the_flight(void **state)
{
    (void)state;
    uint64_t before = os_memory_stats().live_total_bytes;
    for (int flies = 0; flies < 2; flies++) {
        EngineConfig config = engine_rig_config();
        EngineRig rig;
        engine_rig_begin(&rig);
        rig.sink.prepare = flies ? prepare_at_once : prepare_at_most;
        prepares_left = flies ? 0 : 3;
        Result result = engine_rig_start(&rig, &config);
        if (flies) {
            assert_int_equal(result, RESULT_OK);
            engine_rig_tick(&rig);
            engine_gpu_release(rig.engine);
            prepares_left = 3;
            result = engine_gpu_lost(rig.engine, &rig.text);
        } else {
            assert_null(rig.engine);
        }
        assert_int_equal(result, RESULT_UNSUPPORTED);
        assert_string_equal(rig.text.text, "no such program");
        assert_int_equal(prepares_left, 0);
        engine_rig_destroy(&rig);
        assert_int_equal(os_memory_stats().live_total_bytes, before);
    }
}

static bool prepares_few(void *object)
{
    (void)object;
    return prepares_left <= 997;
}

static void a_start_that_is_stopped_prepares_no_further(void **state)
{
    (void)state;
    EngineRig rig;
    engine_rig_begin(&rig);
    rig.sink.prepare = prepare_at_most;
    prepares_left = 1000;
    EngineConfig config = engine_rig_config();
    config.stop = prepares_few;
    assert_int_equal(engine_rig_start(&rig, &config), RESULT_OK);
    assert_int_equal(prepares_left, 997);
    engine_rig_destroy(&rig);
}

static void live_and_die(uint64_t round)
{
    EngineConfig config = engine_rig_config();
    config.ram_ceiling_bytes = UINT64_C(120) << 20;
    config.threads = 1 + (int)(rng_u64(DESTROY_SEED, 2, round) % 4);
    config.queue_requests = 16 << rng_u64(DESTROY_SEED, 3, round) % 5;
    EngineRig rig;
    engine_rig_begin(&rig);
    rig.world->slow_us = (unsigned)(rng_u64(DESTROY_SEED, 4, round) % 3) * 300;
    assert_int_equal(engine_rig_start(&rig, &config), RESULT_OK);
    uint64_t ticks = rng_u64(DESTROY_SEED, 5, round) % 40;
    for (uint64_t tick = 0; tick < ticks; tick++) {
        engine_rig_move_to(&rig, 128.0 + 20.0 * (double)tick, 900.0, 128.0);
        rig.input.block_workers = round % 4 == 3 && tick > 10;
        engine_rig_tick(&rig);
    }
    if (round % 3 == 0)
        fake_world_hold(rig.world);
    engine_rig_tick(&rig);
    // CPU time, as others may keep the machine, and a wide bound for an end that only waits.
    uint64_t cpu_ns = os_clock_process_cpu_ns(), wall_ns = os_clock_now_ns();
    engine_rig_destroy(&rig);
    assert_true(os_clock_process_cpu_ns() - cpu_ns < UINT64_C(1000000000));
    assert_true(os_clock_now_ns() - wall_ns < UINT64_C(5000000000));
}

static void destroy_at_any_moment_is_quick_and_leaks_nothing(void **state)
{
    (void)state;
    uint64_t before = os_memory_stats().live_total_bytes;
    for (uint64_t round = 0; round < DESTROY_ROUNDS; round++) {
        live_and_die(round);
        if (os_memory_stats().live_total_bytes != before)
            fail_msg("round %d of seed %d leaks", (int)round, (int)DESTROY_SEED);
    }
}

// True from the question on at which both workers are in a read.
static bool both_read(void *object)
{
    const FakeWorld *world = object;
    return atomic_load(&world->running) == 2;
}

static void a_slow_world_holds_up_neither_a_start_that_is_stopped_nor_the_end(void **state)
{
    (void)state;
    uint64_t before = os_memory_stats().live_total_bytes;
    EngineRig rig;
    engine_rig_begin(&rig);
    rig.world->slow_us = 20000000;
    EngineConfig config = engine_rig_config();
    config.stop = both_read;
    config.stop_object = rig.world;
    uint64_t started_ns = os_clock_now_ns();
    assert_int_equal(engine_rig_start(&rig, &config), RESULT_OK);
    uint64_t ending_ns = os_clock_now_ns();
    assert_true(both_read(rig.world));
    engine_rig_destroy(&rig);
    assert_true(ending_ns - started_ns < UINT64_C(1000000000));
    assert_true(os_clock_now_ns() - ending_ns < UINT64_C(1000000000));
    assert_int_equal(os_memory_stats().live_total_bytes, before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_number_of_workers_gives_the_same_tiles),
        cmocka_unit_test(a_frozen_picture_keeps_its_tiles_wherever_one_flies),
        cmocka_unit_test(a_lost_context_comes_back_with_the_same_tiles),
        cmocka_unit_test(a_world_that_changed_is_read_anew_without_a_hole),
        cmocka_unit_test(a_context_may_be_lost_while_the_workers_are_blocked),
        cmocka_unit_test(an_engine_without_its_context_can_be_destroyed),
        cmocka_unit_test(a_sink_that_cannot_prepare_ends_the_start_or_the_flight),
        cmocka_unit_test(a_start_that_is_stopped_prepares_no_further),
        cmocka_unit_test(destroy_at_any_moment_is_quick_and_leaks_nothing),
        cmocka_unit_test(a_slow_world_holds_up_neither_a_start_that_is_stopped_nor_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
