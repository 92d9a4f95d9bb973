// Purpose: what a person does with mouse and keys this frame, as plain values that the program fills.
// Owns: nothing.
// Threads: the main thread.
// Fails: never.
#pragma once
#include <stdbool.h>

#define UI_INPUT_TEXT_MAX 32

#define UI_INPUT_BUTTONS 3

// Keys that text fields know; held state each frame. Tab is the program's: it would open a field for typing.
#define UI_INPUT_KEY_LIST(X)                                                                       \
    X(UI_INPUT_KEY_LEFT)                                                                           \
    X(UI_INPUT_KEY_RIGHT)                                                                          \
    X(UI_INPUT_KEY_UP)                                                                             \
    X(UI_INPUT_KEY_DOWN)                                                                           \
    X(UI_INPUT_KEY_HOME)                                                                           \
    X(UI_INPUT_KEY_END)                                                                            \
    X(UI_INPUT_KEY_DELETE)                                                                         \
    X(UI_INPUT_KEY_BACKSPACE)                                                                      \
    X(UI_INPUT_KEY_ENTER)                                                                          \
    X(UI_INPUT_KEY_ESCAPE)

typedef enum UiInputKey {
#define UI_INPUT_ENUM(name) name,
    UI_INPUT_KEY_LIST(UI_INPUT_ENUM)
#undef UI_INPUT_ENUM
        UI_INPUT_KEY_COUNT
} UiInputKey;

typedef struct UiInput {
    float width_px, height_px; // of the drawable
    float dt_s;                // wall time since the last frame
    bool mouse_active;         // false while the mouse turns the look: it then points nowhere
    float mouse_x_px, mouse_y_px;
    bool mouse_buttons[UI_INPUT_BUTTONS]; // left, right, middle
    float wheel_steps;                    // up is positive
    bool keys[UI_INPUT_KEY_COUNT];
    bool ctrl, shift, alt;
    char text[UI_INPUT_TEXT_MAX]; // UTF-8 typed this frame, zero-ended
} UiInput;
