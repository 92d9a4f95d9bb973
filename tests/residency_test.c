#include "base/rng.h"
#include "stream/residency.h"
#include "stream_rig.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#define FUZZ_SEED UINT64_C(4711)
#define FUZZ_STEPS 300
#define TICK_S (1.0 / 60.0)

// A table filled by hand; the loader is there to be asked what runs.
typedef struct Scene {
    StreamRig *rig;
    Planner *planner;
    ResidencyInput in;
    Residency residency;
} Scene;

static Scene scene;

static int begin_scene(void **state)
{
    (void)state;
    scene = (Scene){.rig = stream_rig_create(&(StreamRigDesc){.workers = 1, .entries = 8192}),
                    .in = {.eye_m = {100.0, 2.0, 100.0},
                           .agl_m = 2.0f,
                           .nominal = lod_ranges_nominal(1.0f),
                           .root_lod = 7,
                           .view_chunks = 8,
                           .dt_s = TICK_S,
                           .growth_per_s = 0.25f,
                           .snap = true}};
    return planner_create(&scene.planner) == RESULT_OK ? 0 : -1;
}

static int end_scene(void **state)
{
    (void)state;
    planner_destroy(scene.planner);
    stream_rig_destroy(scene.rig);
    return 0;
}

static void set_resident(ChunkKey key, int lod, bool resident)
{
    ChunkTable *table = scene.rig->table;
    uint32_t index = chunk_table_insert(table, key);
    assert_int_not_equal(index, CHUNK_TABLE_NONE);
    ChunkEntry *entry = chunk_table_entry(table, index);
    int m = chunk_table_mesh_of(lod);
    if ((entry->meshes[m].state == FRAME_STATS_MESH_RESIDENT) == resident)
        return;
    if (resident) {
        chunk_table_set_mesh(table, entry, m, FRAME_STATS_MESH_BUILDING);
        chunk_table_set_mesh(table, entry, m, FRAME_STATS_MESH_STAGED);
        chunk_table_set_mesh(table, entry, m, FRAME_STATS_MESH_RESIDENT);
    } else {
        chunk_table_set_mesh(table, entry, m, FRAME_STATS_MESH_EVICTING);
        chunk_table_set_mesh(table, entry, m, FRAME_STATS_MESH_ABSENT);
    }
}

static const PlannerWant *demand(uint32_t *out_count)
{
    PlannerInput in = {.slack_m = PLANNER_SLACK_M,
                       .agl_m = scene.in.agl_m,
                       .view_chunks = scene.in.view_chunks,
                       .prefetch_chunks = 4,
                       .nominal = scene.in.nominal,
                       .root_lod = scene.in.root_lod,
                       .capacity = {8192, 8192, 8192}};
    for (int i = 0; i < 3; i++)
        in.eye_m[i] = in.predicted_m[i] = scene.in.eye_m[i];
    PlannerStats stats;
    const PlannerWant *wants = planner_update(scene.planner, &in, &stats);
    *out_count = stats.wants;
    return wants;
}

static void make_all_resident(void)
{
    uint32_t count;
    const PlannerWant *wants = demand(&count);
    for (uint32_t i = 0; i < count; i++)
        set_resident(wants[i].key, wants[i].lod, true);
}

static void update(void)
{
    residency_update(&scene.residency, &scene.in, scene.rig->table, scene.rig->loader);
    assert_true(lod_ranges_valid(&scene.residency.effective));
}

static void with_everything_resident_the_view_is_complete(void **state)
{
    (void)state;
    make_all_resident();
    update();
    const Residency *r = &scene.residency;
    assert_true(r->complete && r->square_ready && r->sharp);
    assert_int_equal(r->missing, 0);
    assert_int_equal(r->holes, 0);
    for (int lod = 0; lod < LOD_COUNT; lod++)
        assert_float_equal(r->effective.end_m[lod], scene.in.nominal.end_m[lod], 0.001f);
    assert_true(isinf(r->ready_m[4]));
}

// The block of `lod` that lies `at_m` east of the eye, and a tile of it.
static ChunkKey tile_at(int lod, double at_m, double *out_m)
{
    int block_level = lod < 2 ? 0 : lod_key_level(lod + 1);
    ChunkKey block = chunk_key_at(block_level, scene.in.eye_m[0] + at_m, scene.in.eye_m[2]);
    double plane = chunk_key_distance_m(block, scene.in.eye_m[0], scene.in.eye_m[2]);
    *out_m = sqrt(plane * plane + (double)(scene.in.agl_m * scene.in.agl_m));
    return lod < 2 ? block : chunk_key_child(block, 1, 1);
}

static void a_missing_tile_shrinks_its_range_at_once(void **state)
{
    (void)state;
    make_all_resident();
    update();
    scene.in.snap = false;
    for (int lod = 0; lod < 7; lod++) {
        double block_m;
        ChunkKey key = tile_at(lod, 0.7 * (double)scene.in.nominal.end_m[lod], &block_m);
        assert_true(block_m > 0.0 && block_m < (double)scene.in.nominal.end_m[lod]);
        set_resident(key, lod, false);
        update();
        const float *end_m = scene.residency.effective.end_m;
        assert_true((double)end_m[lod] < block_m);
        assert_true((double)end_m[lod] >= block_m - 2.0 * (double)RESIDENCY_MARGIN_M);
        assert_false(scene.residency.complete);
        for (int coarser = lod + 1; coarser < LOD_COUNT; coarser++)
            assert_float_equal(end_m[coarser], scene.in.nominal.end_m[coarser], 0.001f);
        set_resident(key, lod, true);
        scene.in.snap = true;
        update();
        scene.in.snap = false;
        assert_true(scene.residency.complete);
    }
}

static void a_range_grows_back_smoothly(void **state)
{
    (void)state;
    make_all_resident();
    double block_m;
    ChunkKey key = tile_at(2, 300.0, &block_m);
    set_resident(key, 2, false);
    update();
    scene.in.snap = false;
    set_resident(key, 2, true);
    float before_m = scene.residency.effective.end_m[2], start_m = before_m;
    int ticks = 0;
    for (; ticks < 1000 && before_m < 2047.0f; ticks++) {
        update();
        float now_m = scene.residency.effective.end_m[2];
        assert_true(now_m > before_m);
        assert_true(now_m <= before_m + 2048.0f * scene.in.growth_per_s * (float)TICK_S * 1.001f);
        before_m = now_m;
    }
    assert_float_equal((float)(ticks * TICK_S), (2048.0f - start_m) / (0.25f * 2048.0f), 0.1f);
    // Nothing grows while time stands still.
    set_resident(key, 2, false);
    update();
    set_resident(key, 2, true);
    scene.in.dt_s = 0.0;
    float still_m = scene.residency.effective.end_m[2];
    update();
    assert_true(scene.residency.effective.end_m[2] <= still_m);
}

static void after_a_jump_ranges_snap_to_what_is_ready(void **state)
{
    (void)state;
    make_all_resident();
    scene.in.dt_s = 0.0;
    update();
    assert_float_equal(scene.residency.effective.end_m[0], 512.0f, 0.001f);
}

// What a range covers may be drawn: a coarse tile gives way only to a whole set of children.
static void assert_covered_is_resident(void)
{
    const ResidencyInput *in = &scene.in;
    for (int lod = 0; lod < in->root_lod; lod++) {
        double end_m = (double)scene.residency.effective.end_m[lod];
        int level = lod < 2 ? 0 : lod_key_level(lod + 1);
        ChunkKey low = chunk_key_at(level, in->eye_m[0] - end_m, in->eye_m[2] - end_m);
        ChunkKey high = chunk_key_at(level, in->eye_m[0] + end_m, in->eye_m[2] + end_m);
        int64_t width = high.x - low.x + 1;
        for (int64_t i = 0; i < width * (high.z - low.z + 1); i++) {
            ChunkKey block = {low.x + i % width, low.z + i / width, level};
            double plane = chunk_key_distance_m(block, in->eye_m[0], in->eye_m[2]);
            double d_m = sqrt(plane * plane + (double)(in->agl_m * in->agl_m));
            int side = lod < 2 ? 1 : chunk_key_children_side(level);
            for (int c = 0; d_m < end_m && c < side * side; c++) {
                ChunkKey key = lod < 2 ? block : chunk_key_child(block, c % side, c / side);
                assert_non_null(residency_find(scene.rig->table, key, lod));
            }
        }
    }
}

static void ranges_are_valid_and_cover_only_what_is_resident(void **state)
{
    (void)state;
    make_all_resident();
    for (uint64_t step = 0; step < FUZZ_STEPS; step++) {
        uint32_t count;
        const PlannerWant *wants = demand(&count);
        uint64_t changes = rng_u64(FUZZ_SEED, 1, step) % 40;
        for (uint64_t i = 0; i < changes; i++) {
            const PlannerWant *want = &wants[rng_u64(FUZZ_SEED, 2, step * 64 + i) % count];
            set_resident(want->key, want->lod, rng_u64(FUZZ_SEED, 3, step * 64 + i) % 8 != 0);
        }
        if (step % 10 == 0)
            make_all_resident();
        scene.in.eye_m[0] += (double)rng_range(FUZZ_SEED, 4, step, -60.0f, 60.0f);
        scene.in.eye_m[2] += (double)rng_range(FUZZ_SEED, 5, step, -60.0f, 60.0f);
        scene.in.agl_m = rng_range(FUZZ_SEED, 6, step, 0.0f, 900.0f);
        scene.in.snap = rng_u64(FUZZ_SEED, 7, step) % 5 == 0;
        update();
        assert_covered_is_resident();
    }
}

static void nothing_resident_is_missing_and_a_hole(void **state)
{
    (void)state;
    update();
    assert_int_equal(scene.residency.missing, 289);
    assert_int_equal(scene.residency.holes, 289);
    assert_false(scene.residency.complete || scene.residency.sharp);
    assert_true(scene.residency.effective.end_m[2] <= 0.0f);
    // One 1 km tile under it fills 16 holes, the coarsest one all of them; both are still missing.
    set_resident((ChunkKey){0, 0, 2}, 3, true);
    update();
    assert_int_equal(scene.residency.holes, 289 - 16);
    for (int i = 0; i < 4; i++)
        set_resident((ChunkKey){i % 2 - 1, i / 2 - 1, 6}, 7, true);
    update();
    assert_int_equal(scene.residency.holes, 0);
    assert_int_equal(scene.residency.missing, 289);
}

static void a_chunk_that_shows_any_level_is_not_missing(void **state)
{
    (void)state;
    set_resident((ChunkKey){1, 1, 0}, 0, true);
    set_resident((ChunkKey){2, 1, 0}, 1, true);
    set_resident((ChunkKey){3, 1, 0}, 2, true);
    set_resident((ChunkKey){9, 1, 0}, 2, true); // outside
    update();
    assert_int_equal(scene.residency.missing, 286);
    assert_int_equal(scene.residency.holes, 286);
    assert_false(scene.residency.square_ready);
}

static void a_running_chunk_is_not_missing_and_a_queued_one_is(void **state)
{
    (void)state;
    fake_world_hold(scene.rig->world);
    stream_rig_want_row(scene.rig, 0, 0, 5, CHUNK_WANT_DEMAND);
    stream_rig_publish(scene.rig);
    stream_rig_step(scene.rig);
    assert_true(fake_world_wait_held(scene.rig->world, 1));
    update();
    assert_int_equal(scene.residency.missing, 288);
    assert_int_equal(scene.residency.holes, 289);
}

static void sharp_means_the_chunk_below_and_four_ahead(void **state)
{
    (void)state;
    make_all_resident();
    scene.in.velocity_m_s[0] = 100.0;
    update();
    assert_true(scene.residency.sharp);
    static const int8_t offsets[] = {0, 1, 2, 3, 4, 5, -1};
    static const int8_t levels[] = {0, 0, 0, 1, 1, 1, 0}; // 512 m from x = 100 end within chunk 2
    for (int i = 0; i < 7; i++) {
        ChunkKey key = {offsets[i], 0, 0};
        set_resident(key, levels[i], false);
        update();
        assert_int_equal(scene.residency.sharp, offsets[i] == 5 || offsets[i] == -1);
        set_resident(key, levels[i], true);
    }
    // At rest only what lies below counts.
    scene.in.velocity_m_s[0] = 0.0;
    set_resident((ChunkKey){1, 0, 0}, 0, false);
    update();
    assert_true(scene.residency.sharp);
    set_resident((ChunkKey){0, 0, 0}, 0, false);
    update();
    assert_false(scene.residency.sharp);
}

static void high_up_the_fine_levels_are_not_asked_for(void **state)
{
    (void)state;
    make_all_resident();
    for (int64_t i = 0; i < 25; i++) {
        set_resident((ChunkKey){i % 5 - 2, i / 5 - 2, 0}, 0, false);
        set_resident((ChunkKey){i % 5 - 2, i / 5 - 2, 0}, 1, false);
    }
    update();
    assert_false(scene.residency.complete);
    scene.in.agl_m = 1100.0f;
    update();
    assert_true(scene.residency.complete && scene.residency.sharp);
}

static void a_shorter_view_ends_one_ring_earlier(void **state)
{
    (void)state;
    scene.in.root_lod = 6;
    make_all_resident();
    update();
    assert_true(scene.residency.complete);
    for (int lod = 0; lod <= 6; lod++)
        assert_float_equal(scene.residency.effective.end_m[lod], scene.in.nominal.end_m[lod],
                           0.001f);
    set_resident(chunk_key_at(5, 20000.0, 100.0), 6, false);
    update();
    assert_false(scene.residency.complete);
    // The coarsest ring is drawn as far as it is there.
    assert_float_equal(scene.residency.effective.end_m[6], scene.in.nominal.end_m[6], 0.001f);
}

#define SCENE_TEST(name) cmocka_unit_test_setup_teardown(name, begin_scene, end_scene)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(with_everything_resident_the_view_is_complete),
        SCENE_TEST(a_missing_tile_shrinks_its_range_at_once),
        SCENE_TEST(a_range_grows_back_smoothly),
        SCENE_TEST(after_a_jump_ranges_snap_to_what_is_ready),
        SCENE_TEST(ranges_are_valid_and_cover_only_what_is_resident),
        SCENE_TEST(nothing_resident_is_missing_and_a_hole),
        SCENE_TEST(a_chunk_that_shows_any_level_is_not_missing),
        SCENE_TEST(a_running_chunk_is_not_missing_and_a_queued_one_is),
        SCENE_TEST(sharp_means_the_chunk_below_and_four_ahead),
        SCENE_TEST(high_up_the_fine_levels_are_not_asked_for),
        SCENE_TEST(a_shorter_view_ends_one_ring_earlier),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
