#include "base/rng.h"
#include "stream/planner.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#define FUZZ_SEED UINT64_C(77)
#define FUZZ_ROUNDS 400
#define CELLS (1u << 15)

// The wants of the last plan, to be asked by key and lod.
typedef struct Plan {
    Planner *planner;
    PlannerInput in;
    PlannerStats stats;
    const PlannerWant *wants;
    uint32_t cells[CELLS]; // want + 1
} Plan;

static Plan plan; // 128 KiB are too much for a stack

static uint32_t *cell_of(ChunkKey key, int lod)
{
    uint32_t at = (uint32_t)(chunk_key_hash(key) + (uint64_t)lod * 7919u) % CELLS;
    for (;; at = (at + 1) % CELLS) {
        uint32_t *cell = &plan.cells[at];
        if (!*cell ||
            (chunk_key_equal(plan.wants[*cell - 1].key, key) && plan.wants[*cell - 1].lod == lod))
            return cell;
    }
}

static const PlannerWant *wanted(ChunkKey key, int lod)
{
    uint32_t cell = *cell_of(key, lod);
    return cell ? &plan.wants[cell - 1] : NULL;
}

static void update(void)
{
    plan.wants = planner_update(plan.planner, &plan.in, &plan.stats);
    memset(plan.cells, 0, sizeof plan.cells);
    for (uint32_t i = 0; i < plan.stats.wants; i++) {
        uint32_t *cell = cell_of(plan.wants[i].key, plan.wants[i].lod);
        assert_int_equal(*cell, 0); // nothing is wanted twice
        *cell = i + 1;
    }
}

// An eye at rest near the ground with room for everything.
static void place(double x_m, double z_m)
{
    plan.in = (PlannerInput){.eye_m = {x_m, 2.0, z_m},
                             .predicted_m = {x_m, 2.0, z_m},
                             .lead_s = 2.0,
                             .slack_m = PLANNER_SLACK_M,
                             .agl_m = 2.0f,
                             .view_chunks = 8,
                             .prefetch_chunks = 4,
                             .nominal = lod_ranges_nominal(1.0f),
                             .root_lod = 7,
                             .prefetch = true,
                             .capacity = {1000000, 1000000, 1000000}};
}

static void fly(double east_m_s, double south_m_s)
{
    plan.in.velocity_m_s[0] = east_m_s;
    plan.in.velocity_m_s[2] = south_m_s;
    plan.in.predicted_m[0] = plan.in.eye_m[0] + east_m_s * plan.in.lead_s;
    plan.in.predicted_m[2] = plan.in.eye_m[2] + south_m_s * plan.in.lead_s;
}

static double distance_m(ChunkKey key)
{
    double plane = chunk_key_distance_m(key, plan.in.eye_m[0], plan.in.eye_m[2]);
    return sqrt(plane * plane + (double)plan.in.agl_m * (double)plan.in.agl_m);
}

static int64_t ring_of(ChunkKey key)
{
    ChunkKey eye = chunk_key_at(0, plan.in.eye_m[0], plan.in.eye_m[2]);
    int64_t dx = key.x - eye.x, dz = key.z - eye.z;
    dx = dx < 0 ? -dx : dx;
    dz = dz < 0 ? -dz : dz;
    return dx > dz ? dx : dz;
}

static void a_standing_eye_wants_its_square_its_ring_and_whole_blocks(void **state)
{
    (void)state;
    place(1000.0, -3333.0);
    update();
    ChunkKey eye = chunk_key_at(0, 1000.0, -3333.0);
    for (int64_t z = -12; z <= 12; z++)
        for (int64_t x = -12; x <= 12; x++) {
            ChunkKey key = {eye.x + x, eye.z + z, 0};
            const PlannerWant *want = wanted(key, 2);
            assert_non_null(want);
            if (ring_of(key) <= 8)
                assert_int_equal(want->want, CHUNK_WANT_DEMAND);
        }
    uint32_t square = 0, within = 0;
    for (uint32_t i = 0; i < plan.stats.wants; i++) {
        const PlannerWant *want = &plan.wants[i];
        if (want->lod != 2)
            continue;
        square += (int)want->priority == PLANNER_CLASS_SQUARE;
        within += ring_of(want->key) <= 12;
        double block_m = distance_m(chunk_key_parent(want->key));
        if (ring_of(want->key) > 8 && want->want == CHUNK_WANT_DEMAND)
            assert_true(block_m < 2048.0 + PLANNER_SLACK_M);
        if (ring_of(want->key) > 12)
            assert_true(block_m < 2048.0 + PLANNER_SLACK_M + 2.0 * PLANNER_MARGIN_M);
    }
    assert_int_equal(square, 289);
    assert_int_equal(within, 625);
    assert_int_equal(plan.stats.lobe, 0);
    assert_int_equal(plan.stats.overflow, 0);
}

static void without_prefetch_only_demand_is_wanted(void **state)
{
    (void)state;
    static PlannerWant with[PLANNER_WANTS_MAX];
    place(1000.0, -3333.0);
    fly(300.0, 100.0);
    update();
    uint32_t count = plan.stats.wants, ahead = 0;
    assert_true(plan.stats.lobe > 0 && plan.stats.ring > 0);
    memcpy(with, plan.wants, count * sizeof *with);
    plan.in.prefetch = false;
    update();
    assert_int_equal(plan.stats.lobe + plan.stats.ring, 0);
    assert_int_equal(plan.stats.demand, plan.stats.wants);
    // With it what is due is the same, and the chunks that come into the view square within the slack.
    for (uint32_t i = 0; i < count; i++) {
        if (with[i].want != CHUNK_WANT_DEMAND || wanted(with[i].key, with[i].lod))
            continue;
        assert_int_equal(with[i].lod, 2);
        assert_true(with[i].key.x == 3 + 1 + 8 || with[i].key.z == -14 + 1 + 8);
        ahead++;
    }
    assert_true(ahead > 0);
    uint32_t demand = 0;
    for (uint32_t i = 0; i < count; i++)
        demand += with[i].want == CHUNK_WANT_DEMAND;
    assert_int_equal(demand - ahead, plan.stats.demand);
}

// Whatever lies in a level's range is wanted as demand, or a range could never reach its nominal end.
static void assert_ranges_are_covered(int lod)
{
    bool root = lod == plan.in.root_lod;
    int level = lod < 2 ? 0 : root ? lod_key_level(lod) : lod_key_level(lod + 1);
    double end_m = plan.in.nominal.end_m[lod];
    const double *eye = plan.in.eye_m;
    ChunkKey low = chunk_key_at(level, eye[0] - end_m, eye[2] - end_m);
    ChunkKey high = chunk_key_at(level, eye[0] + end_m, eye[2] + end_m);
    for (int64_t z = low.z; z <= high.z; z++)
        for (int64_t x = low.x; x <= high.x; x++) {
            ChunkKey block = {x, z, level};
            double d_m = root ? chunk_key_distance_m(block, eye[0], eye[2]) : distance_m(block);
            int side = lod < 2 || root ? 1 : chunk_key_children_side(level);
            for (int i = 0; d_m < end_m && i < side * side; i++) {
                ChunkKey key = lod < 2 || root ? block : chunk_key_child(block, i % side, i / side);
                const PlannerWant *want = wanted(key, lod);
                assert_non_null(want);
                assert_int_equal(want->want, CHUNK_WANT_DEMAND);
            }
        }
}

static void everything_within_a_range_is_demand(void **state)
{
    (void)state;
    static const float agl_m[] = {0.0f, 150.0f, 700.0f, 3000.0f, 20000.0f};
    for (int i = 0; i < 10; i++) {
        place((double)rng_range(5, 1, (uint64_t)i, -90000.0f, 90000.0f),
              (double)rng_range(5, 2, (uint64_t)i, -90000.0f, 90000.0f));
        plan.in.agl_m = agl_m[i % 5];
        plan.in.prefetch = i % 2 == 0;
        plan.in.root_lod = i < 5 ? 7 : 6;
        fly(i * 30.0, 10.0);
        update();
        for (int lod = 0; lod <= plan.in.root_lod; lod++)
            assert_ranges_are_covered(lod);
    }
}

static void the_children_of_a_block_come_together(void **state)
{
    (void)state;
    for (int i = 0; i < 6; i++) {
        place(i * 12345.0, i * -777.0);
        plan.in.agl_m = (float)i * 400.0f;
        fly(i * 60.0, i * 50.0);
        update();
        for (uint32_t w = 0; w < plan.stats.wants; w++) {
            const PlannerWant *want = &plan.wants[w];
            if (want->lod < 3 || want->lod == plan.in.root_lod)
                continue;
            ChunkKey block = chunk_key_parent(want->key);
            for (int child = 0; child < 4; child++) {
                const PlannerWant *sibling =
                    wanted(chunk_key_child(block, child % 2, child / 2), want->lod);
                assert_non_null(sibling);
                assert_int_equal(sibling->want, want->want);
            }
        }
    }
}

static void wants_are_sorted_and_the_classes_follow_each_other(void **state)
{
    (void)state;
    place(-40000.0, 70000.0);
    fly(-200.0, 200.0);
    update();
    for (uint32_t i = 1; i < plan.stats.wants; i++)
        assert_true(floorf(plan.wants[i - 1].priority * 1024.0f) <=
                    floorf(plan.wants[i].priority * 1024.0f));
    for (uint32_t i = 0; i < plan.stats.wants; i++) {
        PlannerClass urgency = (PlannerClass)plan.wants[i].priority;
        assert_int_equal(urgency == PLANNER_CLASS_LOBE, plan.wants[i].want == CHUNK_WANT_LOBE);
        assert_int_equal(urgency == PLANNER_CLASS_RING, plan.wants[i].want == CHUNK_WANT_RING);
    }
    // In the square the chunk under the eye comes before its border.
    ChunkKey eye = chunk_key_at(0, -40000.0, 70000.0), border = {eye.x + 8, eye.z, 0};
    assert_true(wanted(eye, 2)->priority < wanted(border, 2)->priority);
}

static void over_capacity_the_least_urgent_of_each_grid_are_left_out(void **state)
{
    (void)state;
    place(5000.0, 5000.0);
    fly(250.0, 0.0);
    update();
    PlannerStats all = plan.stats;
    for (int g = 0; g < LOD_GRID_COUNT; g++) {
        static const float parts[] = {0.02f, 0.5f, 0.9f, 0.99f};
        for (int p = 0; p < 4; p++) {
            uint32_t of_grid = 0, demand = 0, kept = 0, kept_demand = 0, kept_others = 0;
            plan.in.capacity[g] = UINT32_MAX;
            update();
            float last = 0.0f;
            for (uint32_t i = 0; i < plan.stats.wants; i++) {
                of_grid += (int)lod_grid(plan.wants[i].lod) == g;
                demand += (int)lod_grid(plan.wants[i].lod) == g &&
                          plan.wants[i].want == CHUNK_WANT_DEMAND;
            }
            plan.in.capacity[g] = (uint32_t)((float)of_grid * parts[p]);
            update();
            for (uint32_t i = 0; i < plan.stats.wants; i++) {
                bool here = (int)lod_grid(plan.wants[i].lod) == g;
                kept += here;
                kept_others += !here;
                kept_demand += here && plan.wants[i].want == CHUNK_WANT_DEMAND;
                last = here ? plan.wants[i].priority : last;
            }
            assert_int_equal(kept, plan.in.capacity[g]);
            assert_int_equal(plan.stats.left_out[g], of_grid - kept);
            assert_int_equal(kept_others, all.wants - of_grid); // the other grids lose nothing
            assert_int_equal(kept_demand, kept < demand ? kept : demand);
            assert_true(kept_demand == demand || last < (float)PLANNER_CLASS_LOBE);
        }
        plan.in.capacity[g] = UINT32_MAX;
    }
}

// How far outside the view square of an eye at this place a chunk lies, in chunks.
static double outside_square(ChunkKey key, double x_m, double z_m)
{
    double dx = (double)key.x - x_m / 256.0, dz = (double)key.z - z_m / 256.0;
    double view = plan.in.view_chunks;
    return fmax(fmax(dx - view, -view - 1.0 - dx), fmax(dz - view, -view - 1.0 - dz));
}

static void the_lobe_is_what_the_flight_brings_into_view(void **state)
{
    (void)state;
    static const double velocities[][2] = {{300, 0},    {0, -300},  {-120, 0}, {150, 150},
                                           {-260, 130}, {70, -300}, {1000, 10}};
    uint32_t lobe = 0;
    for (int v = 0; v < 7; v++) {
        place(777.0, -999.0);
        fly(velocities[v][0], velocities[v][1]);
        update();
        const double *eye = plan.in.eye_m, *ahead = plan.in.predicted_m;
        for (uint32_t i = 0; i < plan.stats.wants; i++) {
            const PlannerWant *want = &plan.wants[i];
            if (want->want != CHUNK_WANT_LOBE || want->lod != 2)
                continue;
            lobe++;
            double nearest = 1e9;
            for (int t = 0; t <= 1000; t++)
                nearest = fmin(nearest,
                               outside_square(want->key, eye[0] + (ahead[0] - eye[0]) * t / 1000.0,
                                              eye[2] + (ahead[2] - eye[2]) * t / 1000.0));
            assert_true(nearest < 0.01);
            assert_true(outside_square(want->key, eye[0], eye[2]) > 0.0);
        }
        for (int t = 0; t <= 20; t++) {
            double x_m = eye[0] + (ahead[0] - eye[0]) * t / 20.0;
            double z_m = eye[2] + (ahead[2] - eye[2]) * t / 20.0;
            ChunkKey at = chunk_key_at(0, x_m, z_m);
            for (int i = 0; i < 17 * 17; i++)
                assert_non_null(wanted((ChunkKey){at.x + i % 17 - 8, at.z + i / 17 - 8, 0}, 2));
        }
    }
    assert_true(lobe > 200);
}

static void capacity_holds_what_any_flight_needs(void **state)
{
    (void)state;
    for (uint64_t round = 0; round < FUZZ_ROUNDS; round++) {
        float r[8];
        for (uint64_t k = 0; k < 8; k++)
            r[k] = rng_unit(FUZZ_SEED, round, k);
        static const int views[] = {8, 8, 20, 12, 16};
        place(((double)r[0] - 0.5) * 2e7, ((double)r[1] - 0.5) * 2e7);
        plan.in.view_chunks = views[round % 5];
        plan.in.prefetch_chunks = 2 + (int)(round % 7);
        plan.in.agl_m = r[2] < 0.5f ? r[2] * 200.0f : r[2] * r[2] * 8000.0f;
        plan.in.nominal = lod_ranges_nominal(0.8f + 0.5f * r[3]);
        plan.in.root_lod = r[4] < 0.3f ? 6 : 7;
        plan.in.lead_s = 0.5 + 3.5 * (double)r[5];
        double speed = round % 4 == 0 ? 0.0 : (double)(r[6] * r[6]) * 1000.0;
        fly(speed * cos((double)r[7] * 6.283), speed * sin((double)r[7] * 6.283));
        update();
        uint32_t need = plan.stats.demand, capacity[LOD_GRID_COUNT];
        uint32_t ahead = plan.stats.wants - need;
        assert_int_equal(plan.stats.overflow, 0);
        planner_capacity(plan.in.view_chunks, plan.in.prefetch_chunks, &plan.in.nominal,
                         plan.in.root_lod, capacity);
        memcpy(plan.in.capacity, capacity, sizeof capacity);
        update();
        if (plan.stats.demand != need)
            fail_msg("round %d of seed %d: demand does not fit", (int)round, (int)FUZZ_SEED);
        // Only a long lobe is cut, at its far end.
        for (int g = 0; g < LOD_GRID_COUNT; g++)
            if (plan.stats.left_out[g] && (g != LOD_GRID_32 || speed < 300.0))
                fail_msg("round %d of seed %d: %u of grid %d left out of %u at %.0f m/s",
                         (int)round, (int)FUZZ_SEED, plan.stats.left_out[g], g, ahead, speed);
    }
}

// Near enough to the eye, now or where it will be, that a finer mesh than sparse data suffice for may be wanted next.
static void chunks_that_are_needed_in_full_next_are_marked(void **state)
{
    (void)state;
    for (int sparse_lod = 0; sparse_lod <= 2; sparse_lod++) {
        place(1000.0, -3333.0);
        fly(0.0, 0.0);
        plan.in.sparse_lod = sparse_lod;
        update();
        double reach_m = PLANNER_MARGIN_M + PLANNER_SOON_M;
        if (sparse_lod > 0)
            reach_m += (double)plan.in.nominal.end_m[sparse_lod - 1];
        uint32_t soon = 0, later = 0;
        for (uint32_t i = 0; i < plan.stats.wants; i++) {
            const PlannerWant *want = &plan.wants[i];
            bool near = sparse_lod > 0 && want->lod == 2 && distance_m(want->key) < reach_m;
            assert_int_equal(want->soon, near);
            soon += near;
            later += want->lod == 2 && !near;
        }
        assert_true(later > 50 && (soon > 9) == (sparse_lod > 0));
    }
    // The way ahead, too.
    fly(300.0, 0.0);
    update();
    ChunkKey ahead = chunk_key_at(0, plan.in.predicted_m[0], plan.in.predicted_m[2]);
    assert_true(wanted(ahead, 2)->soon);
    plan.in.sparse_lod = 0;
}

static void far_from_the_origin_the_plan_is_the_same(void **state)
{
    (void)state;
    place(1234.5, 6543.25);
    fly(280.0, -90.0);
    update();
    PlannerStats here = plan.stats;
    static const double tiles[][2] = {{610, 0}, {-610, 610}, {-1, -1}, {0, -61000}};
    for (int i = 0; i < 4; i++) {
        place(1234.5 + tiles[i][0] * 16384.0, 6543.25 + tiles[i][1] * 16384.0);
        fly(280.0, -90.0);
        update();
        assert_memory_equal(&plan.stats, &here, sizeof here);
    }
}

static int create_planner(void **state)
{
    (void)state;
    return planner_create(&plan.planner) == RESULT_OK ? 0 : -1;
}

static int destroy_planner(void **state)
{
    (void)state;
    planner_destroy(plan.planner);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_standing_eye_wants_its_square_its_ring_and_whole_blocks),
        cmocka_unit_test(without_prefetch_only_demand_is_wanted),
        cmocka_unit_test(everything_within_a_range_is_demand),
        cmocka_unit_test(the_children_of_a_block_come_together),
        cmocka_unit_test(wants_are_sorted_and_the_classes_follow_each_other),
        cmocka_unit_test(over_capacity_the_least_urgent_of_each_grid_are_left_out),
        cmocka_unit_test(the_lobe_is_what_the_flight_brings_into_view),
        cmocka_unit_test(capacity_holds_what_any_flight_needs),
        cmocka_unit_test(chunks_that_are_needed_in_full_next_are_marked),
        cmocka_unit_test(far_from_the_origin_the_plan_is_the_same),
    };
    return cmocka_run_group_tests(tests, create_planner, destroy_planner);
}
