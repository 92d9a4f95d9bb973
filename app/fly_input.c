#include "fly_input.h"
#include <assert.h>
#include <math.h>
#include <string.h>

#define MOUSE_RAD_PER_PX 0.0022
#define KEY_LOOK_RAD_PER_S 1.2
#define PAD_LOOK_RAD_PER_S 2.2
#define PAD_DEAD 0.15 // sticks rest up to here

const FlyKeyRow fly_key_table[FLY_KEY_COUNT] = {
#define FLY_KEY_ROW(key, first, second, label, does)                                               \
    [key] = {{(SDL_Scancode)(first), (SDL_Scancode)(second)}, label, does},
    FLY_KEY_LIST(FLY_KEY_ROW)
#undef FLY_KEY_ROW
};

_Static_assert(FLY_KEY_COUNT <= 64, "pressed is a set of 64 bits");

const FlyPadRow fly_pad_table[FLY_PAD_COUNT] = {
    {SDL_CONTROLLER_BUTTON_A, FLY_KEY_FOLLOW, "pad A"},
    {SDL_CONTROLLER_BUTTON_B, FLY_KEY_PAUSE, "pad B"},
    {SDL_CONTROLLER_BUTTON_X, FLY_KEY_SCREENSHOT, "pad X"},
    {SDL_CONTROLLER_BUTTON_Y, FLY_KEY_OVERLAY, "pad Y"},
    {SDL_CONTROLLER_BUTTON_BACK, FLY_KEY_HELP, "pad Back"},
    {SDL_CONTROLLER_BUTTON_START, FLY_KEY_PAUSE, "pad Start"},
    {SDL_CONTROLLER_BUTTON_DPAD_RIGHT, FLY_KEY_NEXT_PAGE, "d-pad right"},
    {SDL_CONTROLLER_BUTTON_DPAD_UP, FLY_KEY_FASTER, "d-pad up"},
    {SDL_CONTROLLER_BUTTON_DPAD_DOWN, FLY_KEY_SLOWER, "d-pad down"},
};

void fly_input_start(FlyInput *input)
{
    assert(input);
    memset(input, 0, sizeof *input);
}

void fly_input_stop(FlyInput *input)
{
    assert(input);
    if (input->pad)
        SDL_GameControllerClose(input->pad);
    input->pad = NULL;
}

void fly_input_capture(FlyInput *input, bool captured)
{
    assert(input);
    if (input->captured == captured)
        return;
    input->captured = captured;
    SDL_SetRelativeMouseMode(captured ? SDL_TRUE : SDL_FALSE);
}

static void release_all(FlyInput *input)
{
    memset(input->held, 0, sizeof input->held);
    input->mouse_x_px = input->mouse_y_px = input->wheel_steps = 0;
    fly_input_capture(input, false);
}

static void press(FlyInput *input, FlyKey key, bool repeat)
{
    if (key == FLY_KEY_FASTER)
        input->wheel_steps += 1;
    else if (key == FLY_KEY_SLOWER)
        input->wheel_steps -= 1;
    else if (!repeat || key == FLY_KEY_EARLIER || key == FLY_KEY_LATER) // held, the sun goes on
        input->pressed |= UINT64_C(1) << key;
}

static void key_event(FlyInput *input, const SDL_KeyboardEvent *event, bool ui_has_keys)
{
    bool ctrl = (event->keysym.mod & KMOD_CTRL) != 0;
    for (int key = 0; key < FLY_KEY_COUNT; key++) {
        for (int which = 0; which < 2; which++) {
            SDL_Scancode code = fly_key_table[key].scancodes[which];
            if (!code || code != event->keysym.scancode)
                continue;
            uint8_t bit = (uint8_t)(1 << which);
            if (event->type == SDL_KEYUP)
                input->held[key] = (uint8_t)(input->held[key] & ~bit);
            if (event->type == SDL_KEYUP || ui_has_keys)
                continue;
            input->held[key] |= bit;
            if (key != FLY_KEY_LOSE_GPU || ctrl)
                press(input, (FlyKey)key, event->repeat != 0);
        }
    }
}

static void pad_button(FlyInput *input, const SDL_ControllerButtonEvent *event)
{
    for (int i = 0; i < FLY_PAD_COUNT; i++) {
        if (fly_pad_table[i].button == (SDL_GameControllerButton)event->button)
            press(input, fly_pad_table[i].key, false);
    }
}

static bool is_our_pad(const FlyInput *input, SDL_JoystickID id)
{
    return input->pad && SDL_JoystickInstanceID(SDL_GameControllerGetJoystick(input->pad)) == id;
}

static void pad_event(FlyInput *input, const SDL_Event *event)
{
    if (event->type == SDL_CONTROLLERDEVICEADDED && !input->pad)
        input->pad = SDL_GameControllerOpen(event->cdevice.which);
    if (event->type == SDL_CONTROLLERDEVICEREMOVED && is_our_pad(input, event->cdevice.which)) {
        SDL_GameControllerClose(input->pad);
        input->pad = NULL;
    }
    if (event->type == SDL_CONTROLLERBUTTONDOWN && is_our_pad(input, event->cbutton.which))
        pad_button(input, &event->cbutton);
}

void fly_input_event(FlyInput *input, const SDL_Event *event, bool ui_has_mouse, bool ui_has_keys)
{
    assert(input && event);
    switch (event->type) {
    case SDL_KEYDOWN:
    case SDL_KEYUP:
        key_event(input, &event->key, ui_has_keys);
        break;
    case SDL_MOUSEMOTION:
        if (input->captured) {
            input->mouse_x_px += event->motion.xrel;
            input->mouse_y_px += event->motion.yrel;
        }
        break;
    case SDL_MOUSEWHEEL:
        if (!ui_has_mouse)
            input->wheel_steps += (double)event->wheel.preciseY;
        break;
    case SDL_MOUSEBUTTONDOWN:
        if (event->button.button == SDL_BUTTON_LEFT && !ui_has_mouse)
            fly_input_capture(input, true);
        break;
    case SDL_WINDOWEVENT:
        if (event->window.event == SDL_WINDOWEVENT_FOCUS_LOST)
            release_all(input);
        break;
    default:
        pad_event(input, event);
    }
}

// -1 to 1 outside the dead zone.
static double pad_axis(const FlyInput *input, SDL_GameControllerAxis axis)
{
    if (!input->pad)
        return 0;
    double value = fmax(SDL_GameControllerGetAxis(input->pad, axis) / 32767.0, -1);
    double beyond = (fabs(value) - PAD_DEAD) / (1 - PAD_DEAD);
    return beyond > 0 ? copysign(beyond, value) : 0;
}

static bool pad_down(const FlyInput *input, SDL_GameControllerButton button)
{
    return input->pad && SDL_GameControllerGetButton(input->pad, button);
}

static double key_axis(const FlyInput *input, FlyKey plus, FlyKey minus)
{
    return (input->held[plus] ? 1.0 : 0.0) - (input->held[minus] ? 1.0 : 0.0);
}

static double unit(double value)
{
    return fmin(fmax(value, -1), 1);
}

// Squared with its sign: fine near the middle.
static double curve(double value)
{
    return value * fabs(value);
}

void fly_input_take(FlyInput *input, double dt_s, const FlyInputTuning *tuning, FlyControls *out,
                    uint64_t *out_pressed)
{
    assert(input && tuning && out && out_pressed);
    assert(dt_s >= 0);
    double stick_x = curve(pad_axis(input, SDL_CONTROLLER_AXIS_RIGHTX));
    double stick_y = curve(pad_axis(input, SDL_CONTROLLER_AXIS_RIGHTY));
    double turn = (key_axis(input, FLY_KEY_LOOK_RIGHT, FLY_KEY_LOOK_LEFT) * KEY_LOOK_RAD_PER_S +
                   stick_x * PAD_LOOK_RAD_PER_S * tuning->sensitivity) *
                      dt_s +
                  input->mouse_x_px * MOUSE_RAD_PER_PX * tuning->sensitivity;
    // Keys never turn over: an arrow up looks up.
    double tilt = (-stick_y * PAD_LOOK_RAD_PER_S * dt_s - input->mouse_y_px * MOUSE_RAD_PER_PX) *
                  tuning->sensitivity * (tuning->invert_y ? -1 : 1);
    tilt += key_axis(input, FLY_KEY_LOOK_UP, FLY_KEY_LOOK_DOWN) * KEY_LOOK_RAD_PER_S * dt_s;
    *out = (FlyControls){
        .forward = unit(key_axis(input, FLY_KEY_FORWARD, FLY_KEY_BACK) -
                        pad_axis(input, SDL_CONTROLLER_AXIS_LEFTY)),
        .right = unit(key_axis(input, FLY_KEY_RIGHT, FLY_KEY_LEFT) +
                      pad_axis(input, SDL_CONTROLLER_AXIS_LEFTX)),
        .up = unit(key_axis(input, FLY_KEY_UP, FLY_KEY_DOWN) +
                   pad_axis(input, SDL_CONTROLLER_AXIS_TRIGGERRIGHT) -
                   pad_axis(input, SDL_CONTROLLER_AXIS_TRIGGERLEFT)),
        .turn_rad = turn,
        .tilt_rad = tilt,
        .speed_steps = input->wheel_steps,
        .boost = input->held[FLY_KEY_BOOST] || pad_down(input, SDL_CONTROLLER_BUTTON_RIGHTSHOULDER),
        .slow = input->held[FLY_KEY_SLOW] || pad_down(input, SDL_CONTROLLER_BUTTON_LEFTSHOULDER),
    };
    *out_pressed = input->pressed;
    input->pressed = 0;
    input->mouse_x_px = input->mouse_y_px = input->wheel_steps = 0;
}
