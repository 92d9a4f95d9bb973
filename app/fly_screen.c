#include "fly_screen.h"
#include "base/os_clock.h"
#include "base/os_memory.h"
#include "fly_input.h"
#include "render/imgui_bridge.h"
#include "soak/soak_live.h"
#include "ui/hud.h"
#include "ui/overlay.h"
#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define MESSAGE_NS UINT64_C(4000000000)
#define KNOBS_MAX 32
#define SWITCHES_MAX 24

// What the help card lists between the tables of keys and buttons.
static const HudKey more_keys[] = {
    {"click", "the mouse turns the look"},
    {"pad sticks", "left: fly, right: look"},
    {"pad triggers", "left: down, right: up"},
    {"pad shoulders", "left: slow, right: fast"},
};
#define MORE_KEYS ((int)(sizeof more_keys / sizeof more_keys[0]))
#define CARD_KEYS (FLY_KEY_COUNT + MORE_KEYS + FLY_PAD_COUNT)

// Switches of the overlay after the features.
typedef enum ScreenSwitch {
    SCREEN_SWITCH_WIREFRAME,
    SCREEN_SWITCH_LOD_TINT,
    SCREEN_SWITCH_BOUNDS,
    SCREEN_SWITCH_NORMALS,
    SCREEN_SWITCH_FREEZE,
    SCREEN_SWITCH_COUNT
} ScreenSwitch;

static const char *const switch_labels[SCREEN_SWITCH_COUNT] = {
    "wireframe", "colour by level of detail", "chunk bounds", "colour by normal", "freeze culling"};
static const char *const switch_helps[SCREEN_SWITCH_COUNT] = {"F4", "F5", "F6", "F7", "F8"};
static const char *const feature_helps[ENGINE_FEATURE_COUNT] = {
    "loads ahead of the flight", "narrows loads and uploads when frames suffer",
    "keeps the meshes of all levels of a chunk", "bounds what a frame uploads"};

struct FlyScreen {
    ImguiBridge *bridge;
    Overlay overlay;
    Hud hud;
    SoakLive soak;
    UiInput input;
    // Keys and buttons that went down since the last picture, up again or not: a tap is shorter than a slow frame.
    UiInput tapped;
    HudKey keys[CARD_KEYS];
    bool help_shown;
    char message[256];
    uint64_t message_until_ns;
    OverlayKnob knobs[KNOBS_MAX];
    int knob_rows[KNOBS_MAX]; // of the settings table
    char knob_texts[KNOBS_MAX][16];
    int knob_count;
    OverlaySwitch switches[SWITCHES_MAX];
    int switch_rows[SWITCHES_MAX]; // of the settings table, for those after the view modes
    int switch_count;
    EngineMapCell map[ENGINE_MAP_SIDE * ENGINE_MAP_SIDE];
    OverlaySoakRow soak_rows[LIMIT_COUNT];
};

_Static_assert(sizeof(EngineMapCell) == 3, "the overlay reads the map as three bytes a square");

static void list_keys(HudKey *out)
{
    for (int i = 0; i < FLY_KEY_COUNT; i++)
        *out++ = (HudKey){fly_key_table[i].label, fly_key_table[i].does};
    for (int i = 0; i < MORE_KEYS; i++)
        *out++ = more_keys[i];
    for (int i = 0; i < FLY_PAD_COUNT; i++)
        *out++ = (HudKey){fly_pad_table[i].label, fly_key_table[fly_pad_table[i].key].does};
}

Result fly_screen_create(const Graphics *graphics, FlyScreen **out, ResultText *text)
{
    assert(graphics && out);
    *out = NULL;
    FlyScreen *screen = os_memory_alloc(sizeof *screen, OS_MEMORY_UI);
    if (!screen)
        return result_fail(text, RESULT_OUT_OF_MEMORY, "no memory for the overlay");
    ImguiBridgeDesc desc = {.scale = window_pixel_scale(graphics->window)};
    Result result = imgui_bridge_create(&desc, &screen->bridge, text);
    if (result != RESULT_OK) {
        os_memory_free(screen, sizeof *screen, OS_MEMORY_UI);
        return result;
    }
    list_keys(screen->keys);
    fly_screen_say(screen, "F1 shows the keys");
    *out = screen;
    return RESULT_OK;
}

void fly_screen_destroy(FlyScreen *screen)
{
    if (!screen)
        return;
    imgui_bridge_destroy(screen->bridge);
    os_memory_free(screen, sizeof *screen, OS_MEMORY_UI);
}

static void key_event(FlyScreen *screen, const SDL_KeyboardEvent *event)
{
    static const SDL_Scancode codes[UI_INPUT_KEY_COUNT] = {
        [UI_INPUT_KEY_LEFT] = SDL_SCANCODE_LEFT,
        [UI_INPUT_KEY_RIGHT] = SDL_SCANCODE_RIGHT,
        [UI_INPUT_KEY_UP] = SDL_SCANCODE_UP,
        [UI_INPUT_KEY_DOWN] = SDL_SCANCODE_DOWN,
        [UI_INPUT_KEY_HOME] = SDL_SCANCODE_HOME,
        [UI_INPUT_KEY_END] = SDL_SCANCODE_END,
        [UI_INPUT_KEY_DELETE] = SDL_SCANCODE_DELETE,
        [UI_INPUT_KEY_BACKSPACE] = SDL_SCANCODE_BACKSPACE,
        [UI_INPUT_KEY_ENTER] = SDL_SCANCODE_RETURN,
        [UI_INPUT_KEY_ESCAPE] = SDL_SCANCODE_ESCAPE,
    };
    UiInput *input = &screen->input;
    bool down = event->type == SDL_KEYDOWN;
    for (int i = 0; i < UI_INPUT_KEY_COUNT; i++) {
        if (codes[i] != event->keysym.scancode)
            continue;
        input->keys[i] = down;
        screen->tapped.keys[i] |= down;
    }
    input->ctrl = (event->keysym.mod & KMOD_CTRL) != 0;
    input->shift = (event->keysym.mod & KMOD_SHIFT) != 0;
    input->alt = (event->keysym.mod & KMOD_ALT) != 0;
}

static void button_event(FlyScreen *screen, const SDL_MouseButtonEvent *event)
{
    static const int order[] = {
        [SDL_BUTTON_LEFT] = 0, [SDL_BUTTON_MIDDLE] = 2, [SDL_BUTTON_RIGHT] = 1};
    if (event->button < SDL_BUTTON_LEFT || event->button > SDL_BUTTON_RIGHT)
        return;
    bool down = event->type == SDL_MOUSEBUTTONDOWN;
    screen->input.mouse_buttons[order[event->button]] = down;
    screen->tapped.mouse_buttons[order[event->button]] |= down;
}

static void text_event(UiInput *input, const SDL_TextInputEvent *event)
{
    size_t used = strlen(input->text), length = strlen(event->text);
    if (used + length < sizeof input->text)
        memcpy(input->text + used, event->text, length + 1);
}

void fly_screen_event(FlyScreen *screen, const SDL_Event *event)
{
    assert(screen && event);
    UiInput *input = &screen->input;
    switch (event->type) {
    case SDL_KEYDOWN:
    case SDL_KEYUP:
        key_event(screen, &event->key);
        break;
    case SDL_TEXTINPUT:
        text_event(input, &event->text);
        break;
    case SDL_MOUSEMOTION:
        input->mouse_x_px = (float)event->motion.x;
        input->mouse_y_px = (float)event->motion.y;
        break;
    case SDL_MOUSEBUTTONDOWN:
    case SDL_MOUSEBUTTONUP:
        button_event(screen, &event->button);
        break;
    case SDL_MOUSEWHEEL:
        input->wheel_steps += event->wheel.preciseY;
        break;
    case SDL_WINDOWEVENT:
        if (event->window.event == SDL_WINDOWEVENT_FOCUS_LOST)
            *input = screen->tapped = (UiInput){0};
        break;
    default:
        break;
    }
}

bool fly_screen_has_mouse(const FlyScreen *screen)
{
    return screen->overlay.shown && imgui_bridge_wants_mouse(screen->bridge);
}

bool fly_screen_has_keys(const FlyScreen *screen)
{
    return screen->overlay.shown && imgui_bridge_wants_keyboard(screen->bridge);
}

void fly_screen_toggle_help(FlyScreen *screen)
{
    screen->help_shown = !screen->help_shown;
}

void fly_screen_toggle_overlay(FlyScreen *screen)
{
    overlay_toggle(&screen->overlay);
}

void fly_screen_next_page(FlyScreen *screen)
{
    if (screen->overlay.shown)
        overlay_next_page(&screen->overlay, 1);
}

bool fly_screen_open(FlyScreen *screen, const char *page)
{
    assert(screen && page);
    for (int i = 0; i < OVERLAY_PAGE_COUNT; i++) {
        if (strcmp(overlay_page_name((OverlayPage)i), page) == 0) {
            overlay_open(&screen->overlay, (OverlayPage)i);
            return true;
        }
    }
    return false;
}

bool fly_screen_overlay_shown(const FlyScreen *screen)
{
    return screen->overlay.shown;
}

void fly_screen_say(FlyScreen *screen, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(screen->message, sizeof screen->message, format, list);
    va_end(list);
    screen->message_until_ns = os_clock_now_ns() + MESSAGE_NS;
}

bool fly_screen_moves(const FlyScreen *screen)
{
    return screen->overlay.shown || screen->soak.running || screen->message[0];
}

static void build_hud(FlyScreen *screen, const FlyScreenInput *input)
{
    const FlyCamera *camera = input->camera;
    const double *v = camera->velocity_m_s;
    if (os_clock_now_ns() > screen->message_until_ns)
        screen->message[0] = 0;
    HudInput hud = {
        .position_m = {camera->position_m[0], camera->position_m[1], camera->position_m[2]},
        .agl_m = input->agl_m,
        .speed_m_s = sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]),
        .heading_rad = camera->yaw_rad,
        .fps = input->fps,
        .fps_cap = input->settings->fps_cap,
        .world = input->world,
        .attribution = input->attribution,
        .message = screen->message[0] ? screen->message : NULL,
        .time_scale = input->time_scale,
        .follow_ground = camera->follow,
        .show_help = screen->help_shown,
        .keys = screen->keys,
        .key_count = CARD_KEYS};
    hud_build(&hud, &screen->hud);
}

static void list_knobs(FlyScreen *screen, const Settings *settings)
{
    screen->knob_count = 0;
    for (int i = 0; i < settings_count && screen->knob_count < KNOBS_MAX; i++) {
        const Option *option = &settings_table[i];
        bool clock = option->type == OPTION_TIME || option->type == OPTION_DATE;
        bool whole = option->type == OPTION_INT || clock;
        if (!option->live || !(whole || option->type == OPTION_REAL))
            continue;
        double value = option_number(option, settings);
        bool automatic = option->unset && value < option->low;
        char *shown = screen->knob_texts[screen->knob_count];
        if (automatic)
            snprintf(shown, sizeof screen->knob_texts[0], "automatic");
        else
            option_format(option, settings, shown, sizeof screen->knob_texts[0]);
        screen->knob_rows[screen->knob_count] = i;
        screen->knobs[screen->knob_count++] =
            (OverlayKnob){.label = option->name,
                          .unit = option->unit,
                          .help = option->help,
                          .low = (float)option->low,
                          .high = (float)option->high,
                          .value = (float)value,
                          .shown = clock || automatic ? shown : NULL,
                          .whole = whole};
    }
}

static bool mode_on(const FlyModes *modes, ScreenSwitch which)
{
    switch (which) {
    case SCREEN_SWITCH_WIREFRAME:
        return modes->wireframe;
    case SCREEN_SWITCH_LOD_TINT:
        return modes->mode == DRAW_MODE_LOD_TINT;
    case SCREEN_SWITCH_BOUNDS:
        return modes->chunk_bounds;
    case SCREEN_SWITCH_NORMALS:
        return modes->mode == DRAW_MODE_NORMALS;
    case SCREEN_SWITCH_FREEZE:
        return modes->freeze_culling;
    case SCREEN_SWITCH_COUNT:
        break;
    }
    return false;
}

static void set_mode(FlyModes *modes, ScreenSwitch which, bool on)
{
    switch (which) {
    case SCREEN_SWITCH_WIREFRAME:
        modes->wireframe = on;
        break;
    case SCREEN_SWITCH_LOD_TINT:
        modes->mode = on ? DRAW_MODE_LOD_TINT : DRAW_MODE_SHADED;
        break;
    case SCREEN_SWITCH_BOUNDS:
        modes->chunk_bounds = on;
        break;
    case SCREEN_SWITCH_NORMALS:
        modes->mode = on ? DRAW_MODE_NORMALS : DRAW_MODE_SHADED;
        break;
    case SCREEN_SWITCH_FREEZE:
        modes->freeze_culling = on;
        break;
    case SCREEN_SWITCH_COUNT:
        break;
    }
}

static void list_switches(FlyScreen *screen, const FlyScreenInput *input)
{
    int count = 0;
    uint32_t off = engine_config(input->engine)->features_off;
    for (int i = 0; i < ENGINE_FEATURE_COUNT; i++)
        screen->switches[count++] = (OverlaySwitch){engine_feature_name((EngineFeature)i),
                                                    feature_helps[i], !((off >> i) & 1)};
    for (int i = 0; i < SCREEN_SWITCH_COUNT; i++)
        screen->switches[count++] = (OverlaySwitch){switch_labels[i], switch_helps[i],
                                                    mode_on(input->modes, (ScreenSwitch)i)};
    for (int i = 0; i < settings_count && count < SWITCHES_MAX; i++) {
        const Option *option = &settings_table[i];
        if (!option->live || option->type != OPTION_BOOL)
            continue;
        screen->switch_rows[count] = i;
        screen->switches[count++] = (OverlaySwitch){option->name, option->help,
                                                    option_number(option, input->settings) != 0};
    }
    screen->switch_count = count;
}

static int list_soak_rows(FlyScreen *screen)
{
    const Verdict *verdict = &screen->soak.verdict;
    if (!screen->soak.done)
        return 0;
    for (int i = 0; i < verdict->count; i++) {
        const VerdictRow *row = &verdict->rows[i];
        const Limit *limit = limit_get(row->id);
        screen->soak_rows[i] = (OverlaySoakRow){.name = limit->name,
                                                .unit = limit->unit,
                                                .sign = limit_sign(limit->compare),
                                                .reason = row->reason,
                                                .value = row->value,
                                                .bound = row->bound,
                                                .applies = row->applies,
                                                .pass = row->pass};
    }
    return verdict->count;
}

static OverlaySoakState soak_state(const SoakLive *soak)
{
    if (soak->running)
        return OVERLAY_SOAK_RUNNING;
    if (!soak->done)
        return OVERLAY_SOAK_NONE;
    return soak->verdict.pass ? OVERLAY_SOAK_PASS : OVERLAY_SOAK_FAIL;
}

static void build_overlay(FlyScreen *screen, const FlyScreenInput *input)
{
    static const OverlayButton buttons[] = {
        {"soak from here", "judges the next 1024 frames of this flight by the limits of a soak"}};
    if (!screen->overlay.shown)
        return;
    const EngineConfig *config = engine_config(input->engine);
    OverlayInput overlay = {.frame_capacity = ENGINE_FRAMES_KEPT,
                            .run = engine_run(input->engine),
                            .ram_ceiling_bytes = config->ram_ceiling_bytes,
                            .vram_ceiling_bytes = config->vram_ceiling_bytes,
                            .map = &screen->map[0].data_state,
                            .map_side = ENGINE_MAP_SIDE,
                            .knobs = screen->knobs,
                            .switches = screen->switches,
                            .buttons = buttons,
                            .button_count = 1,
                            .soak_rows = screen->soak_rows,
                            .soak_state = soak_state(&screen->soak),
                            .soak_progress = soak_live_progress(&screen->soak)};
    overlay.frames = engine_frames(input->engine, &overlay.frame_first, &overlay.frame_count);
    if (screen->overlay.current == OVERLAY_PAGE_MAP)
        engine_map(input->engine, screen->map);
    if (screen->overlay.current == OVERLAY_PAGE_KNOBS) {
        list_knobs(screen, input->settings);
        list_switches(screen, input);
    }
    overlay.knob_count = screen->knob_count;
    overlay.switch_count = screen->switch_count;
    overlay.soak_row_count = list_soak_rows(screen);
    overlay_build(&screen->overlay, &overlay);
}

static void apply_switch(FlyScreen *screen, const FlyScreenInput *input, int id, bool on)
{
    int mode = id - ENGINE_FEATURE_COUNT;
    if (id < ENGINE_FEATURE_COUNT)
        engine_set_feature(input->engine, (EngineFeature)id, on);
    else if (mode < SCREEN_SWITCH_COUNT)
        set_mode(input->modes, (ScreenSwitch)mode, on);
    else
        option_set_number(&settings_table[screen->switch_rows[id]], input->settings, on);
}

static void apply(FlyScreen *screen, const FlyScreenInput *input, const UiAction *action)
{
    switch (action->kind) {
    case UI_ACTION_PAGE:
        overlay_open(&screen->overlay, (OverlayPage)action->id);
        break;
    case UI_ACTION_KNOB:
        assert(action->id >= 0 && action->id < screen->knob_count);
        option_set_number(&settings_table[screen->knob_rows[action->id]], input->settings,
                          (double)action->number);
        break;
    case UI_ACTION_SWITCH:
        assert(action->id >= 0 && action->id < screen->switch_count);
        apply_switch(screen, input, action->id, action->number != 0);
        break;
    case UI_ACTION_BUTTON:
        soak_live_begin(&screen->soak, input->engine, 0, input->graphics->caps.renderer);
        overlay_open(&screen->overlay, OVERLAY_PAGE_SOAK);
        break;
    }
}

// What the frame's events left behind, in pixels; what lasts only one frame is cleared.
static UiInput take_input(FlyScreen *screen, const FlyScreenInput *input, bool mouse_captured)
{
    UiInput out = screen->input;
    float scale = window_pixel_scale(input->graphics->window);
    out.width_px = (float)input->graphics->width;
    out.height_px = (float)input->graphics->height;
    out.dt_s = (float)fmax(input->dt_s, 1e-4);
    out.mouse_active = !mouse_captured;
    out.mouse_x_px *= scale;
    out.mouse_y_px *= scale;
    for (int i = 0; i < UI_INPUT_KEY_COUNT; i++)
        out.keys[i] |= screen->tapped.keys[i];
    for (int i = 0; i < UI_INPUT_BUTTONS; i++)
        out.mouse_buttons[i] |= screen->tapped.mouse_buttons[i];
    screen->tapped = (UiInput){0};
    if (mouse_captured)
        memset(out.mouse_buttons, 0, sizeof out.mouse_buttons);
    screen->input.wheel_steps = 0;
    screen->input.text[0] = 0;
    return out;
}

void fly_screen_draw(FlyScreen *screen, const FlyScreenInput *input, bool mouse_captured)
{
    assert(screen && input && input->engine && input->settings && input->modes);
    UiActions actions = {0};
    build_hud(screen, input);
    build_overlay(screen, input);
    UiInput ui = take_input(screen, input, mouse_captured);
    imgui_bridge_begin(screen->bridge, &ui);
    imgui_bridge_draw_hud(screen->bridge, &screen->hud);
    if (screen->overlay.shown)
        imgui_bridge_draw_overlay(screen->bridge, &screen->overlay.page, &actions);
    imgui_bridge_end(screen->bridge);
    for (int i = 0; i < actions.count; i++)
        apply(screen, input, &actions.items[i]);
}

bool fly_screen_soaks(const FlyScreen *screen)
{
    return screen->soak.running;
}

void fly_screen_after_tick(FlyScreen *screen, const Engine *engine)
{
    if (soak_live_add(&screen->soak, engine))
        fly_screen_say(screen, "soak: %s", screen->soak.verdict.pass ? "pass" : "a limit broke");
}

Result fly_screen_restore_gpu(FlyScreen *screen, ResultText *text)
{
    return imgui_bridge_context_lost(screen->bridge, text);
}
