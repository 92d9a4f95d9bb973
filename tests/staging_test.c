#include "base/os_memory.h"
#include "dies.h"
#include "stream/null_sink.h"
#include "stream/staging.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const uint32_t counts[LOD_GRID_COUNT] = {2, 3, 4};

static struct {
    NullSink *null_sink;
    GpuSink sink;
    Staging *staging;
} rig;

static int begin(void **state)
{
    (void)state;
    if (null_sink_create(&rig.null_sink) != RESULT_OK)
        return -1;
    rig.sink = null_sink_interface(rig.null_sink);
    GpuSinkDesc desc = {.layer_counts = {8, 8, 8}};
    for (int g = 0; g < LOD_GRID_COUNT; g++) {
        desc.layouts[g] = tile_layout((LodGrid)g, 1);
        desc.slot_counts[g] = counts[g];
    }
    if (rig.sink.start(rig.null_sink, &desc, NULL) != RESULT_OK)
        return -1;
    return staging_create(&rig.sink, counts, &rig.staging) == RESULT_OK ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    staging_destroy(rig.staging);
    null_sink_destroy(rig.null_sink);
    return 0;
}

static uint32_t free_slots(LodGrid grid)
{
    return staging_stats(rig.staging).free[grid];
}

static uint32_t send(LodGrid grid)
{
    uint32_t slot = staging_try_acquire(rig.staging, grid);
    assert_int_not_equal(slot, STAGING_NONE);
    rig.sink.upload(rig.null_sink, grid, 0, slot);
    staging_submit(rig.staging, grid, slot);
    return slot;
}

static void next_frame(void)
{
    rig.sink.frame_wait(rig.null_sink);
    staging_poll(rig.staging);
}

static void every_slot_has_memory_of_its_own(void **state)
{
    (void)state;
    for (int g = 0; g < LOD_GRID_COUNT; g++) {
        size_t bytes = tile_layout((LodGrid)g, 1).bytes;
        uint8_t *memory[4];
        for (uint32_t i = 0; i < counts[g]; i++) {
            uint32_t slot = staging_try_acquire(rig.staging, (LodGrid)g);
            assert_true(slot < counts[g]);
            memory[i] = staging_memory(rig.staging, (LodGrid)g, slot);
            assert_int_equal((uintptr_t)memory[i] % 64, 0);
            for (uint32_t k = 0; k < i; k++)
                assert_true(memory[k] >= memory[i] + bytes || memory[i] >= memory[k] + bytes);
        }
        assert_int_equal(staging_try_acquire(rig.staging, (LodGrid)g), STAGING_NONE);
        assert_int_equal(staging_stats(rig.staging).refused, g + 1);
        assert_int_equal(free_slots((LodGrid)g), 0);
    }
}

static void a_cancelled_slot_is_free_at_once(void **state)
{
    (void)state;
    uint32_t slot = staging_try_acquire(rig.staging, LOD_GRID_32);
    assert_int_equal(free_slots(LOD_GRID_32), 3);
    staging_cancel(rig.staging, LOD_GRID_32, slot);
    assert_int_equal(free_slots(LOD_GRID_32), 4);
}

static void a_slot_in_flight_waits_for_the_gpu(void **state)
{
    (void)state;
    null_sink_set_latency(rig.null_sink, 3);
    send(LOD_GRID_64);
    staging_poll(rig.staging);
    assert_int_equal(free_slots(LOD_GRID_64), 2);
    next_frame();
    next_frame();
    assert_int_equal(free_slots(LOD_GRID_64), 2);
    next_frame();
    assert_int_equal(free_slots(LOD_GRID_64), 3);
}

static void slots_come_back_in_the_order_in_which_they_went(void **state)
{
    (void)state;
    null_sink_set_latency(rig.null_sink, 2);
    send(LOD_GRID_32);
    next_frame();
    send(LOD_GRID_32);
    send(LOD_GRID_32);
    next_frame();
    assert_int_equal(free_slots(LOD_GRID_32), 2);
    send(LOD_GRID_32);
    send(LOD_GRID_32);
    assert_int_equal(free_slots(LOD_GRID_32), 0);
    next_frame();
    assert_int_equal(free_slots(LOD_GRID_32), 2);
    next_frame();
    assert_int_equal(free_slots(LOD_GRID_32), 4);
}

static void a_lost_context_frees_what_was_in_flight(void **state)
{
    (void)state;
    send(LOD_GRID_128);
    send(LOD_GRID_128);
    uint32_t filling = staging_try_acquire(rig.staging, LOD_GRID_32);
    send(LOD_GRID_32);
    staging_reset(rig.staging);
    assert_int_equal(free_slots(LOD_GRID_128), 2);
    assert_int_equal(free_slots(LOD_GRID_32), 3); // a job may still write into the other
    staging_poll(rig.staging);
    staging_cancel(rig.staging, LOD_GRID_32, filling);
    assert_int_equal(free_slots(LOD_GRID_32), 4);
}

static void cancel_free(void)
{
    staging_cancel(rig.staging, LOD_GRID_32, 0);
}

static void submit_free(void)
{
    staging_submit(rig.staging, LOD_GRID_32, 0);
}

static void cancel_flying(void)
{
    staging_cancel(rig.staging, LOD_GRID_128, send(LOD_GRID_128));
}

static void using_a_slot_out_of_turn_is_a_bug(void **state)
{
    (void)state;
    assert_true(dies(cancel_free));
    assert_true(dies(submit_free));
    assert_true(dies(cancel_flying));
}

static void create_without_memory_fails_cleanly(void **state)
{
    (void)state;
    uint64_t before = os_memory_stats().live_total_bytes;
    for (uint64_t nth = 1; nth <= 10; nth++) {
        Staging *staging = NULL;
        os_memory_fail_at(nth, 0);
        assert_int_equal(staging_create(&rig.sink, counts, &staging), RESULT_OUT_OF_MEMORY);
        os_memory_fail_at(0, 0);
        assert_int_equal(os_memory_stats().live_total_bytes, before);
    }
}

#define STAGING_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAGING_TEST(every_slot_has_memory_of_its_own),
        STAGING_TEST(a_cancelled_slot_is_free_at_once),
        STAGING_TEST(a_slot_in_flight_waits_for_the_gpu),
        STAGING_TEST(slots_come_back_in_the_order_in_which_they_went),
        STAGING_TEST(a_lost_context_frees_what_was_in_flight),
        STAGING_TEST(using_a_slot_out_of_turn_is_a_bug),
        STAGING_TEST(create_without_memory_fails_cleanly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
