// Ground heights: the same whatever was asked before, across the patches' edges, and few patches for one flight.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/os_memory.h"
#include "terrain/ground.h"

static int fills;

// A plane whose samples are whole numbers: 3 m up a sample eastwards, 2 m down a sample southwards.
static bool fill_plane(const void *object, int64_t x, int64_t z, Arena *scratch, float *out_m)
{
    (void)object;
    assert_int_equal(scratch->capacity_bytes, 64);
    fills++;
    for (int j = 0; j < GROUND_SIDE; j++)
        for (int i = 0; i < GROUND_SIDE; i++)
            out_m[j * GROUND_PITCH + i] = (float)(3 * (x + i) - 2 * (z + j));
    return true;
}

static Ground *open_plane(void)
{
    Ground *ground = NULL;
    GroundDesc desc = {.scratch_bytes = 64, .fill = fill_plane};
    assert_int_equal(ground_create(&desc, &ground), RESULT_OK);
    fills = 0;
    return ground;
}

static void heights_are_those_of_the_samples_around(void **state)
{
    (void)state;
    Ground *ground = open_plane();
    static const double places[][2] = {{0, 0},        {-0.5, -0.5}, {63.99, 64.01}, {64, 64},
                                       {-64, -64.25}, {127.5, -1},  {-4097.25, 3}};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        double x = places[i][0], z = places[i][1];
        assert_float_equal(ground_at(ground, x, z), (float)(1.5 * x - z), 1e-3f);
    }
    ground_destroy(ground);
}

static void a_flight_fills_each_patch_once(void **state)
{
    (void)state;
    Ground *ground = open_plane();
    for (int i = 0; i < 640; i++)
        (void)ground_at(ground, i, 10.0);
    assert_int_equal(fills, 10);
    ground_destroy(ground);
}

static void what_was_asked_before_changes_nothing(void **state)
{
    (void)state;
    Ground *ground = open_plane();
    float first = ground_at(ground, 12.5, -7.25);
    for (int i = 1; i < 500; i++)
        (void)ground_at(ground, 64.0 * i, -7.25);
    int before = fills;
    assert_true(ground_at(ground, 12.5, -7.25) == first);
    assert_int_equal(fills, before + 1); // it had been thrown out
    ground_destroy(ground);
}

static void create_without_memory_fails_cleanly(void **state)
{
    (void)state;
    uint64_t before = os_memory_stats().live_total_bytes;
    GroundDesc desc = {.scratch_bytes = 64, .fill = fill_plane};
    for (uint64_t nth = 1; nth <= 3; nth++) {
        Ground *ground = NULL;
        os_memory_fail_at(nth, 0);
        assert_int_equal(ground_create(&desc, &ground), RESULT_OUT_OF_MEMORY);
        os_memory_fail_at(0, 0);
        assert_int_equal(os_memory_stats().live_total_bytes, before);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heights_are_those_of_the_samples_around),
        cmocka_unit_test(a_flight_fills_each_patch_once),
        cmocka_unit_test(what_was_asked_before_changes_nothing),
        cmocka_unit_test(create_without_memory_fails_cleanly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
