// State names are what the overlay and the report print: they must be there, and differ.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "stream/frame_stats.h"
#include <string.h>

static void test_frame_stats_names_follow_the_life_of_a_chunk(void **state)
{
    (void)state;
    assert_string_equal(frame_stats_data_name(FRAME_STATS_DATA_ABSENT), "absent");
    assert_string_equal(frame_stats_data_name(FRAME_STATS_DATA_READY), "ready");
    assert_string_equal(frame_stats_data_name(FRAME_STATS_DATA_FAILED), "failed");
    assert_string_equal(frame_stats_mesh_name(FRAME_STATS_MESH_STAGED), "staged");
    assert_string_equal(frame_stats_mesh_name(FRAME_STATS_MESH_EVICTING), "evicting");
}

static void test_frame_stats_names_differ(void **state)
{
    (void)state;
    for (int a = 0; a < FRAME_STATS_DATA_COUNT; ++a) {
        for (int b = 0; b < a; ++b) {
            assert_string_not_equal(frame_stats_data_name((FrameStatsData)a),
                                    frame_stats_data_name((FrameStatsData)b));
        }
    }
    for (int a = 0; a < FRAME_STATS_MESH_COUNT; ++a) {
        for (int b = 0; b < a; ++b) {
            assert_string_not_equal(frame_stats_mesh_name((FrameStatsMesh)a),
                                    frame_stats_mesh_name((FrameStatsMesh)b));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frame_stats_names_follow_the_life_of_a_chunk),
        cmocka_unit_test(test_frame_stats_names_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
