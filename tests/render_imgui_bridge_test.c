// Overlay and HUD through Dear ImGui on a headless context: pixels appear, clicks come back, state is kept.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cost_gate.h"
#include "fly_input.h"
#include "gl_fixture.h"
#include "render/imgui_bridge.h"
#include "ui/overlay.h"
#include <glad/gl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH 1280
#define HEIGHT 720
#define SIDE 41

static GlFixture fixture;
static bool have_gl;
static ImguiBridge *bridge;
static Overlay overlay;
static RunStats run;
static FrameStats frames[OVERLAY_FRAMES_MAX];
static uint8_t map[SIDE * SIDE * 3];
static OverlayInput input;
static Hud hud;
static UiInput mouse;
static UiActions actions;
static uint8_t first[WIDTH * HEIGHT * 4], second[WIDTH * HEIGHT * 4];

static const OverlayKnob knobs[] = {{"loads ahead", "jobs", "help", 1.0f, 64.0f, 8.0f, true, NULL},
                                    {"upload time", "ms", NULL, 0.1f, 10.0f, 0.6f, false, "09:40"}};
static const OverlaySwitch switches[] = {{"prefetch", "loads what lies ahead", true},
                                         {"throttle", NULL, true},
                                         {"wireframe", NULL, false}};
static const OverlayButton buttons[] = {{"soak from here", NULL}};
static const HudKey keys[] = {{"W", "forward"}, {"S", "back"}, {"F1", "this card"}};

static void fill_frames(void)
{
    run_stats_start(&run);
    for (int i = 0; i < OVERLAY_FRAMES_MAX; ++i) {
        FrameStats *frame = &frames[i];
        frame->tick = (uint64_t)i;
        frame->interval_ms = 16.7;
        frame->gpu_ms = -1.0;
        frame->hole_pixels = -1;
        frame->ledger.stream_cpu_ns = (uint64_t)(400000.0 * (1.1 + sin(i * 0.1)));
        frame->ledger.stream_cpu_ns += i % 97 == 0 ? 2200000 : 0;
        frame->ledger.tick_cpu_ns = 2000000 + frame->ledger.stream_cpu_ns;
        for (int row = 0; row < LEDGER_ROW_COUNT; ++row) {
            frame->ledger.cpu_ns[row] = (uint64_t)(row + 1) * 50000;
        }
        frame->predicted_m[0] = 600.0;
        frame->predicted_m[2] = -900.0;
        frame->tracked_bytes = 150u << 20;
        frame->gpu_bytes = 240u << 20;
        frame->upload_bytes = (uint64_t)(i % 5) * 200000;
        frame->upload_budget_bytes = 1 << 20;
        run_stats_add(&run, &(RunStatsTick){frame, 16.7 * i, 0, 0});
    }
    for (int i = 0; i < SIDE * SIDE; ++i) {
        map[i * 3] = (uint8_t)(i % FRAME_STATS_DATA_COUNT);
        map[i * 3 + 1] = (uint8_t)(i % 7 < 3 ? i % 3 : 255);
        map[i * 3 + 2] = (uint8_t)(i % 4);
    }
}

static int start_group(void **state)
{
    (void)state;
    have_gl = gl_fixture_create(&fixture, WIDTH, HEIGHT, false);
    fill_frames();
    return 0;
}

static int end_group(void **state)
{
    (void)state;
    if (have_gl) {
        gl_fixture_destroy(&fixture);
    }
    return 0;
}

static int start(void **state)
{
    (void)state;
    input = (OverlayInput){.frames = frames,
                           .frame_count = OVERLAY_FRAMES_MAX,
                           .frame_capacity = OVERLAY_FRAMES_MAX,
                           .run = &run,
                           .ram_ceiling_bytes = 256u << 20,
                           .vram_ceiling_bytes = 256u << 20,
                           .map = map,
                           .map_side = SIDE,
                           .knobs = knobs,
                           .knob_count = 2,
                           .switches = switches,
                           .switch_count = 3,
                           .buttons = buttons,
                           .button_count = 1};
    HudInput level = {.position_m = {1234.0, 800.0, -77.0},
                      .agl_m = 300.0,
                      .speed_m_s = 100.0,
                      .heading_rad = 1.0,
                      .fps = 60.0,
                      .world = "seed:42",
                      .message = "picture saved",
                      .time_scale = 1.0,
                      .keys = keys,
                      .key_count = 3};
    hud_build(&level, &hud);
    overlay.shown = true;
    mouse = (UiInput){.width_px = WIDTH, .height_px = HEIGHT, .dt_s = 1.0f / 60.0f};
    bridge = NULL;
    if (have_gl) {
        ImguiBridgeDesc desc = {0};
        ResultText text;
        assert_int_equal(imgui_bridge_create(&desc, &bridge, &text), RESULT_OK);
    }
    return 0;
}

static int end(void **state)
{
    (void)state;
    imgui_bridge_destroy(bridge);
    return 0;
}

static void draw(OverlayPage page, uint8_t *out)
{
    overlay_open(&overlay, page);
    overlay_build(&overlay, &input);
    glBindFramebuffer(GL_FRAMEBUFFER, 0);
    glViewport(0, 0, WIDTH, HEIGHT);
    glClearColor(0.35f, 0.5f, 0.65f, 1.0f);
    glClear(GL_COLOR_BUFFER_BIT | GL_DEPTH_BUFFER_BIT);
    actions = (UiActions){0};
    imgui_bridge_begin(bridge, &mouse);
    imgui_bridge_draw_hud(bridge, &hud);
    imgui_bridge_draw_overlay(bridge, &overlay.page, &actions);
    imgui_bridge_end(bridge);
    if (out != NULL) {
        glReadPixels(0, 0, WIDTH, HEIGHT, GL_RGBA, GL_UNSIGNED_BYTE, out);
    }
}

// With ARETE_TEST_PICTURES set to a folder, the pages are left there as PPM files to be looked at.
static void keep_picture(const char *name, const uint8_t *pixels)
{
    const char *folder = getenv("ARETE_TEST_PICTURES");
    if (folder == NULL) {
        return;
    }
    char path[512];
    snprintf(path, sizeof path, "%s/overlay_%s.ppm", folder, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fprintf(file, "P6\n%d %d\n255\n", WIDTH, HEIGHT);
    for (int y = HEIGHT - 1; y >= 0; --y) {
        for (int x = 0; x < WIDTH; ++x) {
            fwrite(&pixels[(y * WIDTH + x) * 4], 1, 3, file);
        }
    }
    fclose(file);
}

// Pixels inside the rectangle (rows from the top) that are brighter than any panel's ground.
static int bright_pixels(const uint8_t *pixels, int x0, int y0, int x1, int y1)
{
    int count = 0;
    for (int y = y0; y < y1; ++y) {
        for (int x = x0; x < x1; ++x) {
            const uint8_t *pixel = &pixels[((HEIGHT - 1 - y) * WIDTH + x) * 4];
            count += pixel[0] > 190 && pixel[1] > 190 && pixel[2] > 170;
        }
    }
    return count;
}

static void test_imgui_bridge_draws_every_page_and_the_hud(void **state)
{
    (void)state;
    if (!have_gl) {
        skip();
    }
    for (int page = 0; page < OVERLAY_PAGE_COUNT; ++page) {
        draw((OverlayPage)page, NULL); // sizes settle in the first frame
        draw((OverlayPage)page, page % 2 == 0 ? first : second);
        keep_picture(overlay_page_name((OverlayPage)page), page % 2 == 0 ? first : second);
        assert_int_equal(glGetError(), GL_NO_ERROR);
        assert_true(bright_pixels(page % 2 == 0 ? first : second, 0, 500, 400, HEIGHT) > 300);
        if (page > 0) {
            assert_memory_not_equal(first, second, sizeof first);
        }
    }
}

static void test_imgui_bridge_leaves_the_middle_of_the_picture_alone(void **state)
{
    (void)state;
    if (!have_gl) {
        skip();
    }
    draw(OVERLAY_PAGE_FRAME, NULL);
    draw(OVERLAY_PAGE_FRAME, first);
    const uint8_t *pixel = &first[(HEIGHT / 2 * WIDTH + 500) * 4];
    assert_in_range(pixel[0], 88, 90);
    assert_in_range(pixel[2], 165, 167);
}

// Rows of the window's picture that nothing was drawn into, counted in bands that touch each other.
static int clear_bands(const uint8_t *pixels, int width, int height)
{
    int bands = 0;
    bool was_clear = false;
    for (int y = 0; y < height; ++y) {
        bool clear = true;
        for (int x = 0; x < width; ++x) {
            const uint8_t *pixel = &pixels[(y * WIDTH + x) * 4];
            clear = clear && pixel[0] >= 88 && pixel[0] <= 90 && pixel[2] >= 165 && pixel[2] <= 167;
        }
        bands += clear && !was_clear;
        was_clear = clear;
    }
    return bands;
}

static void test_imgui_bridge_parts_hud_and_overlay_in_a_small_window(void **state)
{
    (void)state;
    if (!have_gl) {
        skip();
    }
    snprintf(hud.attribution, sizeof hud.attribution, "%s",
             "heights: a survey of the land with a name that is longer than the figures are wide");
    mouse.width_px = 640.0f;
    mouse.height_px = 480.0f;
    for (int page = 0; page < OVERLAY_PAGE_COUNT; ++page) {
        draw((OverlayPage)page, NULL);
        draw((OverlayPage)page, first);
        char name[32];
        snprintf(name, sizeof name, "small_%s", overlay_page_name((OverlayPage)page));
        keep_picture(name, first);
        assert_int_equal(clear_bands(first, 640, 480), 3); // below, between, above
    }
}

static void test_imgui_bridge_keeps_the_gl_state(void **state)
{
    (void)state;
    if (!have_gl) {
        skip();
    }
    glEnable(GL_DEPTH_TEST);
    glDisable(GL_BLEND);
    draw(OVERLAY_PAGE_MAP, NULL);
    assert_true(glIsEnabled(GL_DEPTH_TEST));
    assert_false(glIsEnabled(GL_BLEND));
    assert_false(glIsEnabled(GL_SCISSOR_TEST));
    GLint viewport[4];
    glGetIntegerv(GL_VIEWPORT, viewport);
    assert_int_equal(viewport[2], WIDTH);
    glDisable(GL_DEPTH_TEST);
}

// Moves over, presses and lets go, as a person does; true when `kind` with `id` came back.
static bool click(OverlayPage page, float x, float y, UiActionKind kind, int id)
{
    bool found = false;
    mouse.mouse_active = true;
    mouse.mouse_x_px = x;
    mouse.mouse_y_px = y;
    for (int step = 0; step < 4; ++step) {
        mouse.mouse_buttons[0] = step == 2;
        draw(page, NULL);
        for (int i = 0; i < actions.count; ++i) {
            found = found || (actions.items[i].kind == kind && actions.items[i].id == id);
        }
    }
    mouse.mouse_active = false;
    return found;
}

// Clicks along a line from (x, y) until the action comes back.
static bool click_along(float x, float y, float step_x, float step_y, UiAction wanted)
{
    for (int i = 0; i < 40; ++i) {
        float along = (float)i;
        if (click(OVERLAY_PAGE_KNOBS, x + along * step_x, y + along * step_y, wanted.kind,
                  wanted.id)) {
            return true;
        }
    }
    return false;
}

static void test_imgui_bridge_returns_what_was_clicked(void **state)
{
    (void)state;
    if (!have_gl) {
        skip();
    }
    UiAction page = {UI_ACTION_PAGE, OVERLAY_PAGE_STREAMING, 0.0f};
    UiAction right = {UI_ACTION_SWITCH, 1, 0.0f}; // two a row
    UiAction left = {UI_ACTION_SWITCH, 2, 0.0f};
    UiAction knob = {UI_ACTION_KNOB, 0, 0.0f};
    UiAction button = {UI_ACTION_BUTTON, 0, 0.0f};
    assert_true(click_along(680.0f, 30.0f, 20.0f, 0.0f, page));
    assert_true(click_along(990.0f, 60.0f, 0.0f, 8.0f, right));
    assert_true(click_along(668.0f, 60.0f, 0.0f, 8.0f, left));
    assert_true(click_along(1100.0f, 120.0f, 0.0f, 8.0f, knob));
    assert_true(click_along(700.0f, 180.0f, 0.0f, 8.0f, button));
}

// Tab turns the pages; a field that it opened would keep every key to itself.
static void test_imgui_bridge_wants_keys_only_for_what_was_opened_by_hand(void **state)
{
    (void)state;
    if (!have_gl) {
        skip();
    }
    click(OVERLAY_PAGE_KNOBS, 1000.0f, 600.0f, UI_ACTION_BUTTON, -1);
    for (int i = 0; i < UI_INPUT_KEY_COUNT; ++i) {
        mouse.keys[i] = true;
        draw(OVERLAY_PAGE_KNOBS, NULL);
        draw(OVERLAY_PAGE_KNOBS, NULL);
        mouse.keys[i] = false;
        assert_false(imgui_bridge_wants_keyboard(bridge));
    }
    mouse.ctrl = true;
    bool typing = false;
    for (int i = 0; i < 20 && !typing; ++i) {
        click(OVERLAY_PAGE_KNOBS, 1100.0f, 120.0f + 8.0f * (float)i, UI_ACTION_KNOB, 0);
        typing = imgui_bridge_wants_keyboard(bridge);
    }
    assert_true(typing);
    mouse.keys[UI_INPUT_KEY_ESCAPE] = true;
    for (int i = 0; i < 3; ++i) {
        draw(OVERLAY_PAGE_KNOBS, NULL);
    }
    assert_false(imgui_bridge_wants_keyboard(bridge));
}

static void test_imgui_bridge_wants_the_mouse_only_over_the_overlay(void **state)
{
    (void)state;
    if (!have_gl) {
        skip();
    }
    mouse.mouse_active = true;
    mouse.mouse_x_px = 1000.0f;
    mouse.mouse_y_px = 300.0f;
    draw(OVERLAY_PAGE_FRAME, NULL);
    draw(OVERLAY_PAGE_FRAME, NULL);
    assert_true(imgui_bridge_wants_mouse(bridge));
    assert_false(imgui_bridge_wants_keyboard(bridge));
    mouse.mouse_x_px = 300.0f;
    draw(OVERLAY_PAGE_FRAME, NULL);
    draw(OVERLAY_PAGE_FRAME, NULL);
    assert_false(imgui_bridge_wants_mouse(bridge));
    mouse.mouse_x_px = 1000.0f;
    mouse.mouse_active = false; // it turns the look
    draw(OVERLAY_PAGE_FRAME, NULL);
    draw(OVERLAY_PAGE_FRAME, NULL);
    assert_false(imgui_bridge_wants_mouse(bridge));
}

static void test_imgui_bridge_returns_after_a_lost_context(void **state)
{
    (void)state;
    if (!have_gl) {
        skip();
    }
    draw(OVERLAY_PAGE_KNOBS, NULL);
    draw(OVERLAY_PAGE_KNOBS, first);
    assert_true(gl_fixture_renew(&fixture, false));
    ResultText text;
    assert_int_equal(imgui_bridge_context_lost(bridge, &text), RESULT_OK);
    draw(OVERLAY_PAGE_KNOBS, second);
    assert_int_equal(glGetError(), GL_NO_ERROR);
    assert_memory_equal(first, second, sizeof first);
}

static void test_imgui_bridge_scales_and_shows_the_help_card(void **state)
{
    (void)state;
    if (!have_gl) {
        skip();
    }
    imgui_bridge_destroy(bridge);
    ResultText text;
    ImguiBridgeDesc desc = {.scale = 1.5f};
    assert_int_equal(imgui_bridge_create(&desc, &bridge, &text), RESULT_OK);
    draw(OVERLAY_PAGE_FRAME, NULL);
    draw(OVERLAY_PAGE_FRAME, first);
    hud.keys = keys;
    hud.key_count = 3;
    draw(OVERLAY_PAGE_FRAME, NULL);
    draw(OVERLAY_PAGE_FRAME, second);
    keep_picture("scaled", second);
    assert_memory_not_equal(first, second, sizeof first);
}

typedef struct Box {
    int left, bottom, right, top; // first and last pixel
} Box;

// Where the card with the viewer's keys lies in a window of that size, in the lower left corner of the picture.
static Box help_card(int width, int height)
{
    static const uint8_t ground[3] = {13, 15, 20}; // lets nothing through
    HudKey rows[FLY_KEY_COUNT];
    for (int i = 0; i < FLY_KEY_COUNT; i++)
        rows[i] = (HudKey){fly_key_table[i].label, fly_key_table[i].does};
    Box box = {WIDTH, HEIGHT, -1, -1};
    mouse.width_px = (float)width;
    mouse.height_px = (float)height;
    hud.keys = rows;
    hud.key_count = FLY_KEY_COUNT;
    overlay.shown = false;
    for (int frame = 0; frame < 3; frame++) // its size follows its letters a frame later
        draw(OVERLAY_PAGE_FRAME, first);
    for (int i = 0; i < WIDTH * HEIGHT; i++) {
        if (memcmp(first + 4 * (size_t)i, ground, sizeof ground) != 0)
            continue;
        int x = i % WIDTH, y = i / WIDTH;
        box = (Box){x < box.left ? x : box.left, y < box.bottom ? y : box.bottom,
                    x > box.right ? x : box.right, y > box.top ? y : box.top};
    }
    char name[32];
    snprintf(name, sizeof name, "help_%d", width);
    keep_picture(name, first);
    print_message("%d x %d: card %d..%d, %d..%d\n", width, height, box.left, box.right, box.bottom,
                  box.top);
    return box;
}

// The letters shrink with the window until all keys are inside it, and not before they must.
static void test_imgui_bridge_fits_the_help_card_into_small_windows(void **state)
{
    (void)state;
    if (!have_gl) {
        skip();
    }
    static const int sizes[][2] = {{1280, 720}, {1100, 700}, {1280, 400}, {800, 600}, {640, 360}};
    Box whole = help_card(sizes[0][0], sizes[0][1]);
    int whole_width = whole.right - whole.left, whole_height = whole.top - whole.bottom;
    assert_true(whole_width > 600 && whole_height > 250);
    for (int i = 1; i < 5; i++) {
        int width = sizes[i][0], height = sizes[i][1];
        Box box = help_card(width, height);
        assert_true(box.left > 4 && box.right < width - 4);
        assert_true(box.bottom > 4 && box.top < height - 4);
        if (width > whole_width + 100 && height > whole_height + 50) {
            assert_int_equal(box.right - box.left, whole_width);
            assert_int_equal(box.top - box.bottom, whole_height);
        } else {
            assert_true(box.right - box.left > width * 9 / 10);
        }
    }
}

// Building: the page's data and ImGui's triangles, without GL.
static void test_imgui_bridge_builds_within_its_budget(void **state)
{
    (void)state;
    if (!have_gl) {
        skip();
    }
    uint64_t tick = OVERLAY_FRAMES_MAX;
    for (int page = 0; page < OVERLAY_PAGE_COUNT; ++page) {
        enum { WARM_UP = 20, RUNS = 200 }; // ImGui's own arrays grow in the first frames
        CostGate gate = {0};
        overlay_open(&overlay, (OverlayPage)page);
        for (int i = 0; i < WARM_UP + RUNS; ++i) {
            gate.count = i == WARM_UP ? 0 : gate.count;
            frames[input.frame_first].tick = tick++;
            input.frame_first = (input.frame_first + 1) % OVERLAY_FRAMES_MAX;
            cost_gate_start(&gate);
            overlay_build(&overlay, &input);
            imgui_bridge_begin(bridge, &mouse);
            imgui_bridge_draw_hud(bridge, &hud);
            imgui_bridge_draw_overlay(bridge, &overlay.page, &actions);
            cost_gate_stop(&gate);
            imgui_bridge_end(bridge);
            glFinish(); // a software rasteriser shares the CPUs
        }
        assert_true(cost_gate_keeps(&gate, overlay_page_name((OverlayPage)page), 0.3));
    }
}

#define BRIDGE_TEST(test) cmocka_unit_test_setup_teardown(test, start, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        BRIDGE_TEST(test_imgui_bridge_draws_every_page_and_the_hud),
        BRIDGE_TEST(test_imgui_bridge_leaves_the_middle_of_the_picture_alone),
        BRIDGE_TEST(test_imgui_bridge_parts_hud_and_overlay_in_a_small_window),
        BRIDGE_TEST(test_imgui_bridge_keeps_the_gl_state),
        BRIDGE_TEST(test_imgui_bridge_returns_what_was_clicked),
        BRIDGE_TEST(test_imgui_bridge_wants_keys_only_for_what_was_opened_by_hand),
        BRIDGE_TEST(test_imgui_bridge_wants_the_mouse_only_over_the_overlay),
        BRIDGE_TEST(test_imgui_bridge_returns_after_a_lost_context),
        BRIDGE_TEST(test_imgui_bridge_builds_within_its_budget),
        BRIDGE_TEST(test_imgui_bridge_scales_and_shows_the_help_card),
        BRIDGE_TEST(test_imgui_bridge_fits_the_help_card_into_small_windows),
    };
    return cmocka_run_group_tests(tests, start_group, end_group);
}
