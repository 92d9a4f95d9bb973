#include "base/os_memory.h"
#include "dies.h"
#include "stream/null_sink.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

static struct {
    NullSink *null_sink;
    GpuSink sink;
    GpuSinkDesc desc;
} rig;

static int begin(void **state)
{
    (void)state;
    if (null_sink_create(&rig.null_sink) != RESULT_OK)
        return -1;
    rig.sink = null_sink_interface(rig.null_sink);
    for (int g = 0; g < LOD_GRID_COUNT; g++) {
        rig.desc.layouts[g] = tile_layout((LodGrid)g, 0);
        rig.desc.layer_counts[g] = 4u + (uint32_t)g;
        rig.desc.slot_counts[g] = 2;
    }
    return rig.sink.start(rig.null_sink, &rig.desc, NULL) == RESULT_OK ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    null_sink_destroy(rig.null_sink);
    return 0;
}

static void fill(LodGrid grid, uint32_t slot, int value)
{
    memset(rig.sink.slot_memory(rig.null_sink, grid, slot), value, rig.desc.layouts[grid].bytes);
}

static GpuSinkStats stats(void)
{
    return rig.sink.stats(rig.null_sink);
}

static uint64_t gpu_bytes(void)
{
    GpuStatsBytes bytes = stats().gpu;
    return gpu_stats_total_bytes(&bytes);
}

static void it_counts_the_bytes_that_a_gpu_would_hold(void **state)
{
    (void)state;
    uint64_t expected = 0;
    for (int g = 0; g < LOD_GRID_COUNT; g++)
        expected += rig.desc.layer_counts[g] * (uint64_t)tile_gpu_bytes(&rig.desc.layouts[g]);
    assert_int_equal(gpu_bytes(), expected);
    assert_int_equal(stats().hole_pixels, -1);
    assert_true(stats().gpu_ms < 0.0);
    assert_int_equal(stats().errors + stats().objects_created + stats().uploads, 0);
    assert_string_equal(rig.sink.name, "none");
}

static void a_layer_remembers_what_was_last_uploaded(void **state)
{
    (void)state;
    for (uint32_t layer = 0; layer < 4; layer++)
        assert_int_equal(null_sink_layer_hash(rig.null_sink, LOD_GRID_64, layer), 0);
    fill(LOD_GRID_64, 0, 1);
    fill(LOD_GRID_64, 1, 2);
    rig.sink.upload(rig.null_sink, LOD_GRID_64, 0, 0);
    rig.sink.upload(rig.null_sink, LOD_GRID_64, 1, 1);
    rig.sink.upload(rig.null_sink, LOD_GRID_64, 2, 0);
    uint64_t one = null_sink_layer_hash(rig.null_sink, LOD_GRID_64, 0);
    uint64_t two = null_sink_layer_hash(rig.null_sink, LOD_GRID_64, 1);
    assert_true(one != 0 && two != 0 && one != two);
    assert_true(null_sink_layer_hash(rig.null_sink, LOD_GRID_64, 2) == one);
    assert_int_equal(null_sink_layer_hash(rig.null_sink, LOD_GRID_64, 3), 0);
    assert_int_equal(null_sink_layer_hash(rig.null_sink, LOD_GRID_32, 0), 0);
    // A single byte at the very end makes another tile.
    rig.sink.slot_memory(rig.null_sink, LOD_GRID_64, 0)[rig.desc.layouts[LOD_GRID_64].bytes - 1] ^=
        1;
    rig.sink.upload(rig.null_sink, LOD_GRID_64, 2, 0);
    assert_true(null_sink_layer_hash(rig.null_sink, LOD_GRID_64, 2) != one);
    assert_int_equal(stats().uploads, 4);
    assert_int_equal(stats().uploaded_bytes, 4 * (uint64_t)rig.desc.layouts[LOD_GRID_64].bytes);
}

static void a_slot_is_busy_for_as_many_frames_as_a_gpu_would_take(void **state)
{
    (void)state;
    static const int latencies[] = {2, 0, 5}; // 2 is the default
    for (int i = 0; i < 3; i++) {
        if (i > 0)
            null_sink_set_latency(rig.null_sink, latencies[i]);
        assert_true(rig.sink.slot_idle(rig.null_sink, LOD_GRID_32, 1));
        rig.sink.upload(rig.null_sink, LOD_GRID_32, 0, 1);
        for (int frame = 0; frame < latencies[i]; frame++) {
            assert_false(rig.sink.slot_idle(rig.null_sink, LOD_GRID_32, 1));
            assert_true(rig.sink.slot_idle(rig.null_sink, LOD_GRID_32, 0));
            rig.sink.frame_wait(rig.null_sink);
        }
        assert_true(rig.sink.slot_idle(rig.null_sink, LOD_GRID_32, 1));
    }
}

static void slots_are_stable_and_their_own(void **state)
{
    (void)state;
    for (int g = 0; g < LOD_GRID_COUNT; g++) {
        uint8_t *first = rig.sink.slot_memory(rig.null_sink, (LodGrid)g, 0);
        assert_ptr_equal(first, rig.sink.slot_memory(rig.null_sink, (LodGrid)g, 0));
        fill((LodGrid)g, 0, 0x11 * (g + 1));
        fill((LodGrid)g, 1, 0xEE);
    }
    for (int g = 0; g < LOD_GRID_COUNT; g++) {
        const uint8_t *memory = rig.sink.slot_memory(rig.null_sink, (LodGrid)g, 0);
        assert_int_equal(memory[0], 0x11 * (g + 1));
        assert_int_equal(memory[rig.desc.layouts[g].bytes - 1], 0x11 * (g + 1));
    }
}

static void stop_and_start_again_is_a_new_context(void **state)
{
    (void)state;
    uint64_t bytes = os_memory_stats().live_total_bytes, bytes_on_gpu = gpu_bytes();
    fill(LOD_GRID_32, 0, 7);
    rig.sink.upload(rig.null_sink, LOD_GRID_32, 3, 0);
    for (int round = 0; round < 20; round++) {
        rig.sink.stop(rig.null_sink);
        assert_true(os_memory_stats().live_total_bytes < bytes);
        assert_int_equal(rig.sink.start(rig.null_sink, &rig.desc, NULL), RESULT_OK);
        assert_int_equal(os_memory_stats().live_total_bytes, bytes);
        assert_int_equal(gpu_bytes(), bytes_on_gpu);
    }
    assert_int_equal(null_sink_layer_hash(rig.null_sink, LOD_GRID_32, 3), 0);
    assert_true(rig.sink.slot_idle(rig.null_sink, LOD_GRID_32, 0));
}

static void start_without_memory_fails_with_a_text(void **state)
{
    (void)state;
    rig.sink.stop(rig.null_sink);
    uint64_t before = os_memory_stats().live_total_bytes;
    for (uint64_t nth = 1; nth <= 9; nth++) {
        ResultText text = {{0}};
        os_memory_fail_at(nth, 0);
        assert_int_equal(rig.sink.start(rig.null_sink, &rig.desc, &text), RESULT_OUT_OF_MEMORY);
        os_memory_fail_at(0, 0);
        assert_non_null(strstr(text.text, "--view"));
        assert_int_equal(os_memory_stats().live_total_bytes, before);
    }
}

static void upload_beyond(void)
{
    rig.sink.upload(rig.null_sink, LOD_GRID_128, 4, 0);
}

static void slot_beyond(void)
{
    (void)rig.sink.slot_memory(rig.null_sink, LOD_GRID_128, 2);
}

static void start_twice(void)
{
    (void)!rig.sink.start(rig.null_sink, &rig.desc, NULL);
}

static void misuse_is_a_bug(void **state)
{
    (void)state;
    assert_true(dies(upload_beyond));
    assert_true(dies(slot_beyond));
    assert_true(dies(start_twice));
}

#define SINK_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SINK_TEST(it_counts_the_bytes_that_a_gpu_would_hold),
        SINK_TEST(a_layer_remembers_what_was_last_uploaded),
        SINK_TEST(a_slot_is_busy_for_as_many_frames_as_a_gpu_would_take),
        SINK_TEST(slots_are_stable_and_their_own),
        SINK_TEST(stop_and_start_again_is_a_new_context),
        SINK_TEST(start_without_memory_fails_with_a_text),
        SINK_TEST(misuse_is_a_bug),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
