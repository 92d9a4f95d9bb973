#include "fly_input.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

static const FlyInputTuning plain = {1, false};

static void key(FlyInput *input, SDL_Scancode code, bool down, SDL_Keymod mod)
{
    SDL_Event event = {.key = {.type = down ? SDL_KEYDOWN : SDL_KEYUP,
                               .keysym = {.scancode = code, .mod = (Uint16)mod}}};
    fly_input_event(input, &event, false, false);
}

static FlyControls take(FlyInput *input, uint64_t *pressed)
{
    FlyControls controls;
    fly_input_take(input, 0.1, &plain, &controls, pressed);
    return controls;
}

static bool has(uint64_t pressed, FlyKey which)
{
    return (pressed >> which) & 1;
}

static void keys_move_until_released(void **state)
{
    (void)state;
    FlyInput input;
    uint64_t pressed;
    fly_input_start(&input);
    key(&input, SDL_SCANCODE_W, true, KMOD_NONE);
    key(&input, SDL_SCANCODE_A, true, KMOD_NONE);
    key(&input, SDL_SCANCODE_SPACE, true, KMOD_NONE);
    key(&input, SDL_SCANCODE_E, true, KMOD_NONE);
    FlyControls controls = take(&input, &pressed);
    assert_true(controls.forward == 1 && controls.right == -1 && controls.up == 1);
    key(&input, SDL_SCANCODE_SPACE, false, KMOD_NONE);
    assert_true(take(&input, &pressed).up == 1); // E is still down
    key(&input, SDL_SCANCODE_E, false, KMOD_NONE);
    key(&input, SDL_SCANCODE_W, false, KMOD_NONE);
    controls = take(&input, &pressed);
    assert_true(controls.forward == 0 && controls.up == 0 && controls.right == -1);
}

static void a_press_is_reported_once(void **state)
{
    (void)state;
    FlyInput input;
    uint64_t pressed;
    fly_input_start(&input);
    key(&input, SDL_SCANCODE_F2, true, KMOD_NONE);
    take(&input, &pressed);
    assert_true(has(pressed, FLY_KEY_SCREENSHOT));
    SDL_Event again = {
        .key = {.type = SDL_KEYDOWN, .repeat = 1, .keysym = {.scancode = SDL_SCANCODE_F2}}};
    fly_input_event(&input, &again, false, false);
    take(&input, &pressed);
    assert_true(pressed == 0);
}

static void a_held_key_moves_the_sun_on(void **state)
{
    (void)state;
    FlyInput input;
    uint64_t pressed;
    fly_input_start(&input);
    const SDL_Scancode codes[] = {SDL_SCANCODE_PERIOD, SDL_SCANCODE_COMMA, SDL_SCANCODE_F3};
    for (int i = 0; i < 3; i++) {
        SDL_Event again = {
            .key = {.type = SDL_KEYDOWN, .repeat = 1, .keysym = {.scancode = codes[i]}}};
        fly_input_event(&input, &again, false, false);
    }
    take(&input, &pressed);
    assert_true(has(pressed, FLY_KEY_LATER) && has(pressed, FLY_KEY_EARLIER));
    assert_false(has(pressed, FLY_KEY_OVERLAY)); // nothing else is said twice
}

static void the_context_is_dropped_only_with_ctrl(void **state)
{
    (void)state;
    FlyInput input;
    uint64_t pressed;
    fly_input_start(&input);
    key(&input, SDL_SCANCODE_F12, true, KMOD_NONE);
    take(&input, &pressed);
    assert_false(has(pressed, FLY_KEY_LOSE_GPU));
    key(&input, SDL_SCANCODE_F12, true, KMOD_LCTRL);
    take(&input, &pressed);
    assert_true(has(pressed, FLY_KEY_LOSE_GPU));
}

static void keys_typed_into_the_overlay_do_not_fly(void **state)
{
    (void)state;
    FlyInput input;
    uint64_t pressed;
    fly_input_start(&input);
    SDL_Event event = {.key = {.type = SDL_KEYDOWN, .keysym = {.scancode = SDL_SCANCODE_W}}};
    fly_input_event(&input, &event, false, true);
    assert_true(take(&input, &pressed).forward == 0);
}

static void focus_loss_lifts_every_key_and_frees_the_mouse(void **state)
{
    (void)state;
    FlyInput input;
    uint64_t pressed;
    fly_input_start(&input);
    fly_input_capture(&input, true);
    key(&input, SDL_SCANCODE_W, true, KMOD_NONE);
    SDL_Event lost = {.window = {.type = SDL_WINDOWEVENT, .event = SDL_WINDOWEVENT_FOCUS_LOST}};
    fly_input_event(&input, &lost, false, false);
    assert_true(take(&input, &pressed).forward == 0);
    assert_false(input.captured);
}

static void the_mouse_turns_only_when_captured(void **state)
{
    (void)state;
    FlyInput input;
    uint64_t pressed;
    fly_input_start(&input);
    SDL_Event motion = {.motion = {.type = SDL_MOUSEMOTION, .xrel = 100, .yrel = 50}};
    fly_input_event(&input, &motion, false, false);
    assert_true(take(&input, &pressed).turn_rad == 0);
    SDL_Event click = {.button = {.type = SDL_MOUSEBUTTONDOWN, .button = SDL_BUTTON_LEFT}};
    fly_input_event(&input, &click, true, false);
    assert_false(input.captured);
    fly_input_event(&input, &click, false, false);
    assert_true(input.captured);
    fly_input_event(&input, &motion, false, false);
    FlyControls controls = take(&input, &pressed);
    assert_true(controls.turn_rad > 0.1 && controls.tilt_rad < -0.05);
    fly_input_event(&input, &motion, false, false);
    FlyControls inverted;
    fly_input_take(&input, 0.1, &(FlyInputTuning){2, true}, &inverted, &pressed);
    assert_true(fabs(inverted.turn_rad - 2 * controls.turn_rad) < 1e-9);
    assert_true(fabs(inverted.tilt_rad + 2 * controls.tilt_rad) < 1e-9);
    fly_input_stop(&input);
}

static void wheel_and_keys_step_the_speed(void **state)
{
    (void)state;
    FlyInput input;
    uint64_t pressed;
    fly_input_start(&input);
    SDL_Event wheel = {.wheel = {.type = SDL_MOUSEWHEEL, .y = 2, .preciseY = 2}};
    fly_input_event(&input, &wheel, false, false);
    key(&input, SDL_SCANCODE_MINUS, true, KMOD_NONE);
    assert_true(take(&input, &pressed).speed_steps == 1);
    fly_input_event(&input, &wheel, true, false);
    assert_true(take(&input, &pressed).speed_steps == 0);
}

static void pump(FlyInput *input)
{
    SDL_Event event;
    SDL_JoystickUpdate();
    while (SDL_PollEvent(&event))
        fly_input_event(input, &event, false, false);
}

static void a_gamepad_flies(void **state)
{
    (void)state;
    FlyInput input;
    uint64_t pressed;
    fly_input_start(&input);
    int device = SDL_JoystickAttachVirtual(SDL_JOYSTICK_TYPE_GAMECONTROLLER,
                                           SDL_CONTROLLER_AXIS_MAX, SDL_CONTROLLER_BUTTON_MAX, 0);
    assert_true(device >= 0);
    pump(&input);
    assert_non_null(input.pad);
    SDL_Joystick *stick = SDL_GameControllerGetJoystick(input.pad);
    SDL_JoystickSetVirtualAxis(stick, SDL_CONTROLLER_AXIS_LEFTY, -32768);
    SDL_JoystickSetVirtualAxis(stick, SDL_CONTROLLER_AXIS_LEFTX, 3000); // inside the dead zone
    SDL_JoystickSetVirtualAxis(stick, SDL_CONTROLLER_AXIS_RIGHTX, 32767);
    SDL_JoystickSetVirtualAxis(stick, SDL_CONTROLLER_AXIS_TRIGGERRIGHT, 32767);
    SDL_JoystickSetVirtualButton(stick, SDL_CONTROLLER_BUTTON_A, 1);
    SDL_JoystickSetVirtualButton(stick, SDL_CONTROLLER_BUTTON_RIGHTSHOULDER, 1);
    pump(&input);
    FlyControls controls = take(&input, &pressed);
    assert_true(controls.forward > 0.99 && controls.right == 0);
    assert_true(controls.turn_rad > 0.2 && controls.up > 0.9);
    assert_true(controls.boost && !controls.slow);
    assert_true(has(pressed, FLY_KEY_FOLLOW));
    SDL_JoystickDetachVirtual(device);
    pump(&input);
    assert_null(input.pad);
    assert_true(take(&input, &pressed).forward == 0);
    fly_input_stop(&input);
}

static void every_key_is_named_and_used_once(void **state)
{
    (void)state;
    for (int i = 0; i < FLY_KEY_COUNT; i++) {
        assert_true(fly_key_table[i].label[0] && fly_key_table[i].does[0]);
        assert_true(fly_key_table[i].scancodes[0] != 0);
        for (int j = 0; j < i; j++) {
            for (int k = 0; k < 4; k++) {
                SDL_Scancode a = fly_key_table[i].scancodes[k / 2];
                assert_true(a == 0 || a != fly_key_table[j].scancodes[k % 2]);
            }
        }
    }
}

static int start_sdl(void **state)
{
    (void)state;
    return SDL_Init(SDL_INIT_VIDEO | SDL_INIT_GAMECONTROLLER);
}

static int stop_sdl(void **state)
{
    (void)state;
    SDL_Quit();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_move_until_released),
        cmocka_unit_test(a_press_is_reported_once),
        cmocka_unit_test(a_held_key_moves_the_sun_on),
        cmocka_unit_test(the_context_is_dropped_only_with_ctrl),
        cmocka_unit_test(keys_typed_into_the_overlay_do_not_fly),
        cmocka_unit_test(focus_loss_lifts_every_key_and_frees_the_mouse),
        cmocka_unit_test(the_mouse_turns_only_when_captured),
        cmocka_unit_test(wheel_and_keys_step_the_speed),
        cmocka_unit_test(a_gamepad_flies),
        cmocka_unit_test(every_key_is_named_and_used_once),
    };
    SDL_setenv("SDL_VIDEODRIVER", "offscreen", 1);
    return cmocka_run_group_tests(tests, start_sdl, stop_sdl);
}
