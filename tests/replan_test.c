#include "stream/replan.h"
#include "stream_rig.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#define TICK_S (1.0 / 60.0)

static StreamRig *rig;
static Replan replan;
static PlannerInput in;

static int start(void **state)
{
    (void)state;
    rig = stream_rig_create(&(StreamRigDesc){.entries = 8192});
    in = (PlannerInput){.eye_m = {128.0, 200.0, 128.0},
                        .lead_s = 2.0,
                        .agl_m = 200.0f,
                        .view_chunks = 8,
                        .prefetch_chunks = 4,
                        .nominal = lod_ranges_nominal(1.0f),
                        .root_lod = 7,
                        .prefetch = true,
                        .capacity = {4096, 4096, 4096}};
    return replan_create(rig->loader, &rig->counters, &replan) == RESULT_OK ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    stream_rig_destroy(rig);
    replan_destroy(&replan);
    return 0;
}

// Puts the eye `east_m` further, flying there at this speed.
static void move(double east_m, double speed_m_s)
{
    in.eye_m[0] += east_m;
    in.velocity_m_s[0] = speed_m_s;
    for (int i = 0; i < 3; i++)
        in.predicted_m[i] = in.eye_m[i] + in.velocity_m_s[i] * in.lead_s;
}

static uint32_t wanted(void)
{
    return loader_stats(rig->loader).wanted;
}

#define STEP_M 1.0 // in a tick, where only the plan's way counts

static bool tick(void)
{
    return replan_tick(&replan, &in, STEP_M, false, &rig->limits);
}

// All steps of a plan that is due; nothing of it is taken over yet.
static void make_plan(void)
{
    uint64_t plans = rig->counters.plans;
    for (int i = 0; i < PLANNER_STEPS; i++) {
        assert_false(loader_taking(rig->loader));
        assert_true(tick());
        assert_true(replan_busy(&replan));
    }
    assert_true(loader_taking(rig->loader));
    assert_int_equal(rig->counters.plans, plans);
}

static void jump(double east_m)
{
    move(east_m, 0.0);
    assert_true(replan_tick(&replan, &in, STEP_M, true, &rig->limits));
    assert_false(loader_taking(rig->loader));
    assert_int_equal(wanted(), replan.wants);
}

static void a_plan_is_taken_in_parts_and_the_one_before_holds_until_then(void **state)
{
    (void)state;
    assert_true(tick()); // the first one at once
    uint32_t before = wanted();
    assert_int_equal(before, replan.wants);
    assert_false(tick()); // nothing has changed
    move(300.0, 0.0);
    make_plan();
    assert_int_equal(rig->counters.plans, 1);
    uint32_t parts = (replan.wants + REPLAN_PART - 1) / REPLAN_PART;
    assert_true(parts >= 2);
    for (uint32_t i = 0; i < parts; i++) {
        assert_true(loader_taking(rig->loader));
        assert_int_equal(rig->counters.plans, 1);
        assert_int_equal(wanted(), before);
        // No new plan while one is on its way, whatever changes.
        move(300.0, 0.0);
        in.prefetch = !in.prefetch;
        in.nominal = lod_ranges_nominal(0.8f + 0.01f * (float)i);
        assert_true(tick());
    }
    assert_false(loader_taking(rig->loader));
    assert_int_equal(rig->counters.plans, 2);
    assert_int_equal(wanted(), replan.wants);
    make_plan();
}

// What is wanted after a plan in parts is what is wanted after the same plan at once.
static void parts_and_a_whole_want_the_same(void **state)
{
    (void)state;
    assert_true(tick());
    move(3000.0, 100.0);
    do // for the same slack whatever was wanted before
        assert_true(replan_tick(&replan, &in, 0.0, false, &rig->limits));
    while (replan_busy(&replan));
    uint32_t count = wanted(), demand = loader_stats(rig->loader).wanted_demand;
    static ChunkMesh parts[8192][CHUNK_TABLE_MESHES];
    uint32_t capacity = chunk_table_stats(rig->table).capacity;
    assert_true(capacity <= 8192);
    for (uint32_t i = 0; i < capacity; i++)
        for (int m = 0; chunk_table_live(rig->table, i) && m < CHUNK_TABLE_MESHES; m++)
            parts[i][m] = chunk_table_peek(rig->table, i)->meshes[m];
    assert_true(replan_tick(&replan, &in, 0.0, true, &rig->limits));
    assert_int_equal(wanted(), count);
    assert_int_equal(loader_stats(rig->loader).wanted_demand, demand);
    for (uint32_t i = 0; i < capacity; i++)
        for (int m = 0; chunk_table_live(rig->table, i) && m < CHUNK_TABLE_MESHES; m++) {
            const ChunkMesh *mesh = &chunk_table_peek(rig->table, i)->meshes[m];
            assert_int_equal(mesh->want, parts[i][m].want);
            assert_true(mesh->priority == parts[i][m].priority || !mesh->want);
        }
}

static uint32_t wanting(double within_m)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < chunk_table_stats(rig->table).capacity; i++)
        for (int m = 0; chunk_table_live(rig->table, i) && m < CHUNK_TABLE_MESHES; m++) {
            const ChunkEntry *entry = chunk_table_peek(rig->table, i);
            bool near = chunk_key_distance_m(entry->key, in.eye_m[0], in.eye_m[2]) < within_m;
            count += near && entry->meshes[m].want;
        }
    return count;
}

static void a_jump_amid_a_plan_ends_it_and_forgetting_leaves_nothing_wanted(void **state)
{
    (void)state;
    assert_true(tick());
    for (int steps = 1; steps < PLANNER_STEPS + 2; steps++) {
        move(300.0, 0.0);
        for (int i = 0; i < steps; i++)
            assert_true(tick());
        assert_true(replan_busy(&replan));
        jump(900000.0);
        assert_false(replan_busy(&replan));
        assert_int_equal(wanting(300000.0), replan.wants);
        assert_int_equal(wanting(1e9), replan.wants);
    }
    move(300.0, 0.0);
    make_plan();
    assert_true(tick());
    assert_true(loader_taking(rig->loader));
    replan_forget(&replan, &rig->limits);
    assert_int_equal(wanted(), 0);
    assert_int_equal(wanting(1e9), 0);
    assert_false(loader_taking(rig->loader));
    assert_true(tick());
    assert_int_equal(wanting(1e9), replan.wants);
}

static void what_a_full_table_leaves_out_is_counted(void **state)
{
    (void)state;
    Replan full;
    StreamRig *small = stream_rig_create(&(StreamRigDesc){.entries = 700});
    assert_int_equal(replan_create(small->loader, &small->counters, &full), RESULT_OK);
    assert_true(replan_tick(&full, &in, STEP_M, false, &small->limits));
    uint32_t taken = loader_stats(small->loader).wanted;
    assert_true(taken > 100 && taken < full.wants);
    assert_int_equal(small->counters.plan_left_out, full.wants - taken);
    stream_rig_destroy(small);
    replan_destroy(&full);
}

static void expect_square_is_due(void)
{
    ChunkKey eye = chunk_key_at(0, in.eye_m[0], in.eye_m[2]);
    for (int64_t z = -in.view_chunks; z <= in.view_chunks; z++)
        for (int64_t x = -in.view_chunks; x <= in.view_chunks; x++) {
            uint32_t index = chunk_table_find(rig->table, (ChunkKey){eye.x + x, eye.z + z, 0});
            assert_true(index != CHUNK_TABLE_NONE);
            assert_int_equal(chunk_table_peek(rig->table, index)->meshes[2].want,
                             CHUNK_WANT_DEMAND);
        }
}

// 1,000 m/s in steps of a sixtieth, a thirtieth and a tenth of a second, and with time eight times as fast.
static void the_eye_stays_within_the_slack_of_the_plan_in_force(void **state)
{
    (void)state;
    static const double steps_m[] = {0.08, 0.25, 1.7, 5.0, 17.0, 33.0, 100.0, 133.0};
    for (size_t s = 0; s < 2 * sizeof steps_m / sizeof *steps_m; s++) {
        double step_m = steps_m[s / 2], worst = 0.0;
        in.prefetch = s % 2 == 0;
        move(0.0, step_m / TICK_S);
        assert_true(replan_tick(&replan, &in, step_m, true, &rig->limits));
        PlannerInput made = in, in_force = in;
        for (int i = 0; i < 240; i++) {
            move(step_m, step_m / TICK_S);
            bool was_busy = replan_busy(&replan);
            if (replan_tick(&replan, &in, step_m, false, &rig->limits) && !was_busy)
                made = in;
            if (!replan_busy(&replan))
                in_force = made;
            worst = fmax(worst, (in.eye_m[0] - in_force.eye_m[0]) / in_force.slack_m);
            if (in.prefetch)
                expect_square_is_due();
            (void)chunk_table_sweep(rig->table, 1024);
        }
        print_message("%6.2f m a tick: at most %.2f of the slack, %.0f m\n", step_m, worst,
                      in_force.slack_m);
        assert_true(worst < 1.0);
    }
}

// From 5 m/s to 300 in a tick; and to steps so long that nothing but a whole plan will do.
static void an_eye_that_speeds_up_amid_a_plan_has_it_before_its_slack_is_gone(void **state)
{
    (void)state;
    assert_true(tick());
    for (int steps = 1; steps <= PLANNER_STEPS + 1; steps++) {
        move(300.0, 5.0);
        for (int i = 0; i < steps; i++)
            assert_true(replan_tick(&replan, &in, 0.08, false, &rig->limits));
        assert_true(replan_busy(&replan));
        double flown_m = steps * 0.08;
        for (; replan_busy(&replan); flown_m += 5.0) {
            move(5.0, 300.0);
            assert_true(replan_tick(&replan, &in, 5.0, false, &rig->limits));
        }
        print_message("%.0f m flown with %.0f m of slack\n", flown_m, replan.last.slack_m);
        assert_true(flown_m <= replan.last.slack_m);
        assert_int_equal(wanted(), replan.wants);
    }
    for (int steps = 1; steps <= PLANNER_STEPS + 1; steps++) {
        move(300.0, 5.0);
        for (int i = 0; i < steps; i++)
            assert_true(replan_tick(&replan, &in, 0.08, false, &rig->limits));
        assert_true(replan_tick(&replan, &in, 100.0, false, &rig->limits));
        assert_false(replan_busy(&replan));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_plan_is_taken_in_parts_and_the_one_before_holds_until_then, start, end),
        cmocka_unit_test_setup_teardown(parts_and_a_whole_want_the_same, start, end),
        cmocka_unit_test_setup_teardown(
            a_jump_amid_a_plan_ends_it_and_forgetting_leaves_nothing_wanted, start, end),
        cmocka_unit_test_setup_teardown(what_a_full_table_leaves_out_is_counted, start, end),
        cmocka_unit_test_setup_teardown(
            an_eye_that_speeds_up_amid_a_plan_has_it_before_its_slack_is_gone, start, end),
        cmocka_unit_test_setup_teardown(the_eye_stays_within_the_slack_of_the_plan_in_force, start,
                                        end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
