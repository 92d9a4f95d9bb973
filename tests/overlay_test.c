// The pages say what the counters say, with labels and units, within their budget.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/os_memory.h"
#include "cost_gate.h"
#include "ui/overlay.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

#define SIDE 41

static FrameStats frames[OVERLAY_FRAMES_MAX];
static RunStats run;
static Overlay overlay;
static uint8_t map[SIDE * SIDE * 3];
static OverlayInput input;

static int start(void **state)
{
    (void)state;
    memset(&overlay, 0, sizeof overlay);
    memset(map, 0, sizeof map);
    memset(frames, 0, sizeof frames);
    run_stats_start(&run);
    for (int i = 0; i < OVERLAY_FRAMES_MAX; ++i) {
        // The ring's oldest frame is at 100; tick 0 is the oldest.
        FrameStats *frame = &frames[(100 + i) % OVERLAY_FRAMES_MAX];
        frame->tick = (uint64_t)i;
        frame->interval_ms = 16.0;
        frame->gpu_ms = 1.5;
        frame->ledger.stream_cpu_ns = (uint64_t)(i + 1) * 1000; // 0.001 to 0.600 ms
        frame->ledger.tick_cpu_ns = 1000000;
        frame->ledger.cpu_ns[LEDGER_PLAN] = 300000;
        frame->ledger.cpu_ns[LEDGER_UPLOAD] = 700000;
        frame->upload_budget_bytes = 1 << 20;
        RunStatsTick tick = {frame, 16.0 * i, 0, 0};
        run_stats_add(&run, &tick);
    }
    input = (OverlayInput){.frames = frames,
                           .frame_first = 100,
                           .frame_count = OVERLAY_FRAMES_MAX,
                           .frame_capacity = OVERLAY_FRAMES_MAX,
                           .run = &run,
                           .ram_ceiling_bytes = 256u << 20,
                           .vram_ceiling_bytes = 256u << 20,
                           .map = map,
                           .map_side = SIDE};
    overlay.shown = true;
    return 0;
}

static void build(OverlayPage page)
{
    overlay_open(&overlay, page);
    overlay_build(&overlay, &input);
    assert_int_equal(overlay.page.left_out, 0);
}

static const UiWidget *find(const char *label)
{
    for (int i = 0; i < overlay.page.widget_count; ++i) {
        if (strcmp(overlay.page.widgets[i].label, label) == 0) {
            return &overlay.page.widgets[i];
        }
    }
    fail_msg("no widget \"%s\"", label);
    return NULL;
}

static const char *cell(const UiWidget *table, int row, int column)
{
    int index = row * table->columns + column;
    assert_true(index < table->count);
    return overlay.page.cells[table->first + index].text;
}

static void test_overlay_builds_nothing_while_hidden(void **state)
{
    (void)state;
    overlay.shown = false;
    overlay_build(&overlay, &input);
    assert_int_equal(overlay.page.widget_count, 0);
    overlay_toggle(&overlay);
    overlay_build(&overlay, &input);
    assert_true(overlay.page.widget_count > 0);
}

static void test_overlay_steps_through_its_pages_around_the_ends(void **state)
{
    (void)state;
    overlay_next_page(&overlay, -1);
    assert_int_equal(overlay.current, OVERLAY_PAGE_COUNT - 1);
    for (int i = 0; i < OVERLAY_PAGE_COUNT; ++i) {
        overlay_next_page(&overlay, 1);
    }
    assert_int_equal(overlay.current, OVERLAY_PAGE_COUNT - 1);
    build(OVERLAY_PAGE_MAP);
    assert_string_equal(overlay.page.names[overlay.page.current], "map");
}

static void test_overlay_frame_page_shows_ten_seconds_with_the_two_ms_line(void **state)
{
    (void)state;
    build(OVERLAY_PAGE_FRAME);
    const UiWidget *plot = find("streaming, CPU per tick");
    assert_int_equal(plot->kind, UI_KIND_PLOT);
    assert_int_equal(plot->count, OVERLAY_FRAMES_MAX);
    assert_true(plot->mark == 2.0f);
    assert_string_equal(plot->unit, "ms");
    // Oldest first, although the ring begins in the middle.
    const float *values = &overlay.page.values[plot->first];
    assert_true(fabsf(values[0] - 0.001f) < 1e-6f);
    assert_true(fabsf(values[OVERLAY_FRAMES_MAX - 1] - 0.6f) < 1e-6f);
    assert_true(plot->high >= 2.0f);
    const UiWidget *table = find("of the last 10 s, ms");
    assert_string_equal(cell(table, 0, 3), "p99");
    assert_string_equal(cell(table, 2, 0), "streaming, CPU per tick");
    assert_string_equal(cell(table, 2, 1), "0.30");
    assert_string_equal(cell(table, 2, 3), "0.59");
    assert_string_equal(cell(table, 2, 4), "0.60");
    assert_string_equal(find("frames")->text, "62.5");
}

// The page open, a frame comes: what is read of it alone must be what a fresh overlay reads of all.
static void test_overlay_follows_the_ring_frame_by_frame(void **state)
{
    (void)state;
    static Overlay fresh;
    for (int i = 0; i < 700; ++i) {
        uint64_t tick = (uint64_t)(OVERLAY_FRAMES_MAX + i);
        tick += i < 300 ? 0 : i < 400 ? 3 : 5000; // gaps
        tick = i < 500 ? tick : (uint64_t)i;      // another run
        FrameStats *frame = &frames[input.frame_first];
        frame->tick = tick;
        frame->interval_ms = 10.0 + i % 13;
        frame->ledger.stream_cpu_ns = (uint64_t)(i % 7) * 100000;
        frame->ledger.cpu_ns[LEDGER_PLAN] = (uint64_t)(i % 5) * 100000;
        frame->upload_bytes = (uint64_t)i * 1024;
        input.frame_first = (input.frame_first + 1) % OVERLAY_FRAMES_MAX;
        if (i % 11 < 3) { // so the newest few come at once
            continue;
        }
        build(i % 50 < 25 ? OVERLAY_PAGE_FRAME : OVERLAY_PAGE_STREAMING);
        memset(&fresh, 0, sizeof fresh);
        fresh.shown = true;
        overlay_open(&fresh, overlay.current);
        overlay_build(&fresh, &input);
        assert_int_equal(overlay.series_count, OVERLAY_FRAMES_MAX);
        assert_memory_equal(overlay.series, fresh.series, sizeof fresh.series);
        for (int row = 0; row < overlay.page.segment_count; ++row) {
            assert_true(overlay.page.segments[row].number == fresh.page.segments[row].number);
        }
    }
}

static void test_overlay_ledger_bars_sum_to_the_tick(void **state)
{
    (void)state;
    build(OVERLAY_PAGE_FRAME);
    const UiWidget *bars = find("ledger, CPU per tick, mean of the last second");
    assert_int_equal(bars->count, LEDGER_ROW_COUNT);
    assert_true(fabsf(bars->high - 1.0f) < 1e-5f);
    assert_string_equal(overlay.page.segments[bars->first + LEDGER_PLAN].label, "plan");
    assert_true(fabsf(overlay.page.segments[bars->first + LEDGER_PLAN].number - 0.3f) < 1e-5f);
}

static void test_overlay_lists_the_last_ten_hitches_newest_first(void **state)
{
    (void)state;
    build(OVERLAY_PAGE_FRAME);
    find("no tick has streamed for longer than 2 ms");
    for (int i = 0; i < 12; ++i) {
        FrameStats frame = frames[0];
        frame.tick = 1000 + (uint64_t)i;
        frame.ledger.stream_cpu_ns = 3000000;
        frame.ledger.cpu_ns[LEDGER_UPLOAD] = 2500000;
        frame.ledger.largest[LEDGER_UPLOAD] = (LedgerItem){"copy", 1, 2000000};
        run_stats_add(&run, &(RunStatsTick){&frame, 1e5, 0, 0});
    }
    build(OVERLAY_PAGE_FRAME);
    const UiWidget *table = find("last hitches (streaming over 2 ms)");
    assert_int_equal(table->count, 6 * (1 + OVERLAY_HITCHES_SHOWN));
    assert_string_equal(cell(table, 1, 0), "1011");
    assert_string_equal(cell(table, 10, 0), "1002");
    assert_string_equal(cell(table, 1, 2), "upload");
    assert_string_equal(cell(table, 1, 4), "copy");
}

static void test_overlay_streaming_page_shows_the_counters_of_the_report(void **state)
{
    (void)state;
    FrameStats *last = &frames[99];
    last->data_states[FRAME_STATS_DATA_RUNNING] = 7;
    last->mesh_states[FRAME_STATS_MESH_STAGED] = 8;
    last->missing = 3;
    run.missing_checks = 40;
    run.counters.lobe_issued = 10;
    run.counters.lobe_used = 8;
    run.counters.plan_left_out = 5;
    run.counters.plan_overflow = 6;
    run.workers.workers_requested = 2;
    run.workers.workers_ran = 1;
    run.throttle.log_count = 17; // the ring has turned
    run.throttle.log[0] = (ThrottleEvent){900, THROTTLE_REASON_BUSY, 30.0, 10.0};
    build(OVERLAY_PAGE_STREAMING);
    const UiWidget *states = find("chunks by state");
    assert_string_equal(cell(states, 0, 3), "running");
    assert_string_equal(cell(states, 1, 3), "7");
    assert_string_equal(cell(states, 3, 3), "8");
    assert_string_equal(find("missing now, whole run")->text, "3, 40");
    assert_int_equal(find("missing now, whole run")->tone, UI_TONE_WARN);
    assert_string_equal(find("prefetch of the lobe used")->text, "8 of 10, 80 %");
    assert_string_equal(find("left out of plans, over the list")->text, "5, 6");
    assert_int_equal(find("left out of plans, over the list")->tone, UI_TONE_WARN);
    assert_int_equal(find("workers that ran")->tone, UI_TONE_WARN);
    assert_string_equal(cell(find("throttle's last reasons"), 1, 0), "900");
    assert_string_equal(find("upload per frame")->unit, "KiB");
}

static void test_overlay_memory_page_warns_near_the_ceiling(void **state)
{
    (void)state;
    frames[99].tracked_bytes = 100u << 20;
    frames[99].gpu_bytes = 250u << 20;
    run.memory.live_bytes[OS_MEMORY_HEIGHTS] = 3u << 20;
    run.gpu.owners[GPU_STATS_MATERIALS] = 5u << 20;
    run.counters.cache_hits = 30;
    run.counters.generated = 90;
    build(OVERLAY_PAGE_MEMORY);
    assert_int_equal(find("RAM, tracked")->tone, UI_TONE_GOOD);
    assert_string_equal(find("RAM, tracked")->text, "100.0 of 256.0");
    assert_int_equal(find("GPU")->tone, UI_TONE_WARN);
    assert_string_equal(find("heights still in RAM")->text, "30 of 120, 25 %");
    assert_string_equal(cell(find("RAM by owner"), 1 + OS_MEMORY_HEIGHTS, 1), "3.00");
    assert_string_equal(cell(find("GPU by owner"), 1 + GPU_STATS_MATERIALS, 1), "5.00");
    frames[99].gpu_bytes = 257u << 20;
    build(OVERLAY_PAGE_MEMORY);
    assert_int_equal(find("GPU")->tone, UI_TONE_BAD);
}

static void test_overlay_map_places_eye_prediction_and_squares(void **state)
{
    (void)state;
    FrameStats *last = &frames[99];
    last->eye_m[0] = -64.0; // three quarters into the square before the origin's
    last->eye_m[2] = 128.0;
    last->predicted_m[0] = -64.0 + 512.0;
    last->predicted_m[2] = 128.0 - 256.0;
    map[0] = FRAME_STATS_DATA_READY;
    map[1] = 1;
    map[2] = UI_MAP_WANT_LOBE;
    map[3] = FRAME_STATS_DATA_RUNNING;
    map[4] = 255;
    build(OVERLAY_PAGE_MAP);
    const UiMap *shown = &overlay.page.map;
    assert_int_equal(shown->side, SIDE);
    assert_int_equal(shown->shades[0], UI_MAP_SHADE_LOD1);
    assert_int_equal(shown->wants[0], UI_MAP_WANT_LOBE);
    assert_int_equal(shown->shades[1], UI_MAP_SHADE_RUNNING);
    assert_true(fabsf(shown->eye[0] - 20.75f) < 1e-4f);
    assert_true(fabsf(shown->eye[1] - 20.5f) < 1e-4f);
    assert_true(fabsf(shown->predicted[0] - 22.75f) < 1e-4f);
    assert_true(fabsf(shown->predicted[1] - 19.5f) < 1e-4f);
    input.map = NULL;
    build(OVERLAY_PAGE_MAP);
    find("no map");
}

static void test_overlay_knobs_carry_their_place_in_the_list(void **state)
{
    (void)state;
    OverlayKnob knobs[] = {{"loads", "jobs", "help", 1.0f, 64.0f, 8.0f, true, NULL},
                           {"upload-ms", "ms", NULL, 0.1f, 10.0f, 0.6f, false, "soon"}};
    OverlaySwitch switches[] = {{"prefetch", NULL, true}, {"throttle", NULL, false}};
    OverlayButton buttons[] = {{"soak from here", NULL}};
    input.knobs = knobs;
    input.knob_count = 2;
    input.switches = switches;
    input.switch_count = 2;
    input.buttons = buttons;
    input.button_count = 1;
    build(OVERLAY_PAGE_KNOBS);
    const UiWidget *knob = find("upload-ms");
    assert_int_equal(knob->kind, UI_KIND_SLIDER);
    assert_int_equal(knob->id, 1);
    assert_true(knob->number == 0.6f && knob->high == 10.0f && !knob->whole);
    assert_true(find("loads")->whole);
    assert_string_equal(find("loads")->text, "");
    assert_string_equal(knob->text, "soon");
    assert_true(find("prefetch")->number == 1.0f);
    assert_true(find("throttle")->number == 0.0f);
    assert_int_equal(find("soak from here")->kind, UI_KIND_BUTTON);
}

static void test_overlay_soak_page_shows_the_verdict(void **state)
{
    (void)state;
    OverlaySoakRow rows[] = {
        {"holes", "", "<=", "", 1.0, 0.0, true, false},
        {"hole_pixels", "", "<=", "no GL", (double)NAN, 0.0, false, true},
    };
    build(OVERLAY_PAGE_SOAK);
    assert_int_equal(overlay.page.widget_count, 1);
    input.soak_state = OVERLAY_SOAK_RUNNING;
    input.soak_progress = 0.5f;
    build(OVERLAY_PAGE_SOAK);
    assert_true(find("progress")->number == 50.0f);
    input.soak_state = OVERLAY_SOAK_FAIL;
    input.soak_rows = rows;
    input.soak_row_count = 2;
    build(OVERLAY_PAGE_SOAK);
    const UiWidget *table = find("verdict");
    assert_string_equal(cell(table, 1, 4), "FAIL");
    assert_string_equal(cell(table, 2, 1), "n/a");
    assert_string_equal(cell(table, 2, 4), "no GL");
}

static void test_overlay_labels_every_figure(void **state)
{
    (void)state;
    for (int page = 0; page < OVERLAY_PAGE_COUNT; ++page) {
        build((OverlayPage)page);
        for (int i = 0; i < overlay.page.widget_count; ++i) {
            const UiWidget *widget = &overlay.page.widgets[i];
            assert_true(widget->label != NULL && widget->label[0] != '\0');
            assert_non_null(widget->unit);
        }
    }
}

static void test_overlay_survives_its_first_frames(void **state)
{
    (void)state;
    for (int count = 0; count < 3; ++count) {
        input.frame_count = count;
        for (int page = 0; page < OVERLAY_PAGE_COUNT; ++page) {
            build((OverlayPage)page);
        }
    }
}

// As while the page is open: each build finds one more frame.
static void test_overlay_builds_a_page_within_its_budget_and_allocates_nothing(void **state)
{
    (void)state;
    uint64_t allocations = os_memory_stats().allocation_count;
    uint64_t tick = OVERLAY_FRAMES_MAX;
    for (int page = 0; page < OVERLAY_PAGE_COUNT; ++page) {
        CostGate gate = {0};
        for (int i = 0; i < COST_GATE_RUNS; ++i) {
            frames[input.frame_first].tick = tick++;
            input.frame_first = (input.frame_first + 1) % OVERLAY_FRAMES_MAX;
            cost_gate_start(&gate);
            build((OverlayPage)page);
            cost_gate_stop(&gate);
        }
        assert_true(cost_gate_keeps(&gate, overlay_page_name((OverlayPage)page), 0.3));
    }
    assert_int_equal(os_memory_stats().allocation_count, allocations);
}

static void test_ui_page_counts_what_finds_no_place(void **state)
{
    (void)state;
    UiPage *page = &overlay.page;
    ui_page_clear(page);
    for (int i = 0; i < UI_PAGE_WIDGETS_MAX; ++i) {
        ui_page_value(page, "kept", "", UI_TONE_PLAIN, "%d", i);
    }
    ui_page_value(page, "spare", "", UI_TONE_PLAIN, "%d", 1);
    assert_int_equal(page->widget_count, UI_PAGE_WIDGETS_MAX);
    assert_int_equal(page->left_out, 1);
    assert_string_equal(page->widgets[UI_PAGE_WIDGETS_MAX - 1].label, "kept");
    ui_page_clear(page);
    ui_page_table(page, "table", 2);
    for (int i = 0; i < UI_PAGE_CELLS_MAX + 3; ++i) {
        ui_page_cell(page, UI_TONE_PLAIN, "%d", i);
    }
    assert_int_equal(page->left_out, 3);
    assert_int_equal(page->widgets[0].count, UI_PAGE_CELLS_MAX);
    assert_null(ui_page_plot(page, "plot", "ms", UI_PAGE_VALUES_MAX + 1, -1.0f));
    UiActions actions = {0};
    for (int i = 0; i < UI_PAGE_ACTIONS_MAX + 2; ++i) {
        ui_page_act(&actions, UI_ACTION_KNOB, i, 0.5);
    }
    assert_int_equal(actions.count, UI_PAGE_ACTIONS_MAX);
    assert_int_equal(actions.left_out, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_overlay_builds_nothing_while_hidden, start),
        cmocka_unit_test_setup(test_overlay_steps_through_its_pages_around_the_ends, start),
        cmocka_unit_test_setup(test_overlay_frame_page_shows_ten_seconds_with_the_two_ms_line,
                               start),
        cmocka_unit_test_setup(test_overlay_follows_the_ring_frame_by_frame, start),
        cmocka_unit_test_setup(test_overlay_ledger_bars_sum_to_the_tick, start),
        cmocka_unit_test_setup(test_overlay_lists_the_last_ten_hitches_newest_first, start),
        cmocka_unit_test_setup(test_overlay_streaming_page_shows_the_counters_of_the_report, start),
        cmocka_unit_test_setup(test_overlay_memory_page_warns_near_the_ceiling, start),
        cmocka_unit_test_setup(test_overlay_map_places_eye_prediction_and_squares, start),
        cmocka_unit_test_setup(test_overlay_knobs_carry_their_place_in_the_list, start),
        cmocka_unit_test_setup(test_overlay_soak_page_shows_the_verdict, start),
        cmocka_unit_test_setup(test_overlay_labels_every_figure, start),
        cmocka_unit_test_setup(test_overlay_survives_its_first_frames, start),
        cmocka_unit_test_setup(test_overlay_builds_a_page_within_its_budget_and_allocates_nothing,
                               start),
        cmocka_unit_test_setup(test_ui_page_counts_what_finds_no_place, start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
