// Purpose: turns SDL's keyboard, mouse and gamepad events into FlyControls and pressed keys; holds their tables.
// Owns: the opened gamepad.
// Threads: the main thread.
// Fails: never; without a gamepad its axes rest.
#pragma once
#include "fly_camera.h"
#include <SDL.h>
#include <stdint.h>

// X(key, first scancode, second scancode, label, what it does); the help card prints this list.
#define FLY_KEY_LIST(X)                                                                            \
    X(FLY_KEY_FORWARD, SDL_SCANCODE_W, 0, "W", "forward")                                          \
    X(FLY_KEY_BACK, SDL_SCANCODE_S, 0, "S", "back")                                                \
    X(FLY_KEY_LEFT, SDL_SCANCODE_A, 0, "A", "left")                                                \
    X(FLY_KEY_RIGHT, SDL_SCANCODE_D, 0, "D", "right")                                              \
    X(FLY_KEY_UP, SDL_SCANCODE_SPACE, SDL_SCANCODE_E, "Space, E", "up")                            \
    X(FLY_KEY_DOWN, SDL_SCANCODE_C, SDL_SCANCODE_Q, "C, Q", "down")                                \
    X(FLY_KEY_LOOK_LEFT, SDL_SCANCODE_LEFT, 0, "Left arrow", "look left")                          \
    X(FLY_KEY_LOOK_RIGHT, SDL_SCANCODE_RIGHT, 0, "Right arrow", "look right")                      \
    X(FLY_KEY_LOOK_UP, SDL_SCANCODE_UP, 0, "Up arrow", "look up")                                  \
    X(FLY_KEY_LOOK_DOWN, SDL_SCANCODE_DOWN, 0, "Down arrow", "look down")                          \
    X(FLY_KEY_BOOST, SDL_SCANCODE_LSHIFT, SDL_SCANCODE_RSHIFT, "Shift", "four times as fast")      \
    X(FLY_KEY_SLOW, SDL_SCANCODE_LCTRL, SDL_SCANCODE_RCTRL, "Ctrl", "a quarter as fast")           \
    X(FLY_KEY_FASTER, SDL_SCANCODE_EQUALS, SDL_SCANCODE_KP_PLUS, "+, wheel up",                    \
      "raise the speed, up to 1,000 m/s")                                                          \
    X(FLY_KEY_SLOWER, SDL_SCANCODE_MINUS, SDL_SCANCODE_KP_MINUS, "-, wheel down",                  \
      "lower the speed, down to walking pace")                                                     \
    X(FLY_KEY_FOLLOW, SDL_SCANCODE_G, 0, "G", "keep the height above ground")                      \
    X(FLY_KEY_PAUSE, SDL_SCANCODE_P, 0, "P", "pause")                                              \
    X(FLY_KEY_TIME_SLOWER, SDL_SCANCODE_LEFTBRACKET, 0, "[", "slow time down")                     \
    X(FLY_KEY_TIME_FASTER, SDL_SCANCODE_RIGHTBRACKET, 0, "]", "speed time up")                     \
    X(FLY_KEY_EARLIER, SDL_SCANCODE_COMMA, 0, ",", "15 minutes earlier in the day")                \
    X(FLY_KEY_LATER, SDL_SCANCODE_PERIOD, 0, ".", "15 minutes later in the day")                   \
    X(FLY_KEY_HELP, SDL_SCANCODE_F1, 0, "F1", "this card")                                         \
    X(FLY_KEY_SCREENSHOT, SDL_SCANCODE_F2, 0, "F2", "save a picture")                              \
    X(FLY_KEY_OVERLAY, SDL_SCANCODE_F3, 0, "F3", "debug overlay")                                  \
    X(FLY_KEY_NEXT_PAGE, SDL_SCANCODE_TAB, 0, "Tab", "next page of the overlay")                   \
    X(FLY_KEY_WIREFRAME, SDL_SCANCODE_F4, 0, "F4", "wireframe")                                    \
    X(FLY_KEY_LOD_TINT, SDL_SCANCODE_F5, 0, "F5", "colour by level of detail")                     \
    X(FLY_KEY_BOUNDS, SDL_SCANCODE_F6, 0, "F6", "chunk bounds")                                    \
    X(FLY_KEY_NORMALS, SDL_SCANCODE_F7, 0, "F7", "colour by normal")                               \
    X(FLY_KEY_FREEZE, SDL_SCANCODE_F8, 0, "F8", "freeze culling")                                  \
    X(FLY_KEY_FULLSCREEN, SDL_SCANCODE_F11, 0, "F11", "fullscreen")                                \
    X(FLY_KEY_LOSE_GPU, SDL_SCANCODE_F12, 0, "Ctrl+F12", "drop the graphics context (debug)")      \
    X(FLY_KEY_ESCAPE, SDL_SCANCODE_ESCAPE, 0, "Esc", "free the mouse, then quit")

typedef enum FlyKey {
#define FLY_KEY_ENUM(key, first, second, label, does) key,
    FLY_KEY_LIST(FLY_KEY_ENUM)
#undef FLY_KEY_ENUM
        FLY_KEY_COUNT
} FlyKey;

typedef struct FlyKeyRow {
    SDL_Scancode scancodes[2];
    const char *label, *does;
} FlyKeyRow;

extern const FlyKeyRow fly_key_table[FLY_KEY_COUNT];

// A gamepad's button that stands for a key; the help card prints these too.
typedef struct FlyPadRow {
    SDL_GameControllerButton button;
    FlyKey key;
    const char *label;
} FlyPadRow;

#define FLY_PAD_COUNT 9

extern const FlyPadRow fly_pad_table[FLY_PAD_COUNT];

typedef struct FlyInput {
    uint8_t held[FLY_KEY_COUNT]; // bit 0 and 1: first and second scancode
    uint64_t
        pressed; // bits of keys that went down since the last take, or move the sun and are held
    double mouse_x_px, mouse_y_px, wheel_steps;
    bool captured; // the mouse turns the look
    SDL_GameController *pad;
} FlyInput;

// What of the settings matters here.
typedef struct FlyInputTuning {
    double sensitivity;
    bool invert_y;
} FlyInputTuning;

void fly_input_start(FlyInput *input);
void fly_input_stop(FlyInput *input);

// `ui_has_mouse`: the overlay is under the pointer, so a click is not ours; `ui_has_keys`: it is being typed into.
void fly_input_event(FlyInput *input, const SDL_Event *event, bool ui_has_mouse, bool ui_has_keys);

// Controls of a frame that took `dt_s` of real time; clears what has been taken.
void fly_input_take(FlyInput *input, double dt_s, const FlyInputTuning *tuning, FlyControls *out,
                    uint64_t *out_pressed);

void fly_input_capture(FlyInput *input, bool captured);
