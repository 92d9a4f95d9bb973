// Purpose: one SDL window, or an invisible one for headless runs, with an OpenGL context of 4.5 or 3.3 core.
// Owns: SDL's video and gamepad parts, the window and its context.
// Threads: the main thread.
// Fails: create and recreate return a Result with a text that says what could be done instead.
#pragma once
#include "base/result.h"
#include <stdbool.h>

typedef struct Window Window;

typedef struct WindowDesc {
    const char *title;
    int width, height; // points of the desktop; pixels where offscreen
    bool fullscreen, vsync;
    bool offscreen; // SDL's driver of that name: needs no display
    bool gl33;      // ask for 3.3 only
    bool debug;     // ask for a debug context
} WindowDesc;

// `*out` is owned by the caller. At most one window lives at a time.
RESULT_MUST Result window_create(const WindowDesc *desc, Window **out, ResultText *text);
void window_destroy(Window *window);

// Size of the drawable in pixels.
void window_size(const Window *window, int *out_width, int *out_height);
// Pixels per point of the desktop, for the size of letters: 1 on plain screens, 2 on fine ones.
float window_pixel_scale(const Window *window);
bool window_minimised(const Window *window);
bool window_is_offscreen(const Window *window);

void window_swap(Window *window);
void window_set_vsync(Window *window, bool vsync);
void window_set_fullscreen(Window *window, bool fullscreen);
bool window_fullscreen(const Window *window);
void window_set_title(Window *window, const char *title);
// Frames per second of the screen that shows the window; 60 when unknown.
int window_refresh_hz(const Window *window);

// Destroys the context and makes a new one, as after a GPU reset: every GL object is gone.
RESULT_MUST Result window_recreate_context(Window *window, ResultText *text);

// Address of a GL function, for the loader; NULL when there is none.
typedef void (*WindowProc)(void);
WindowProc window_gl_address(const char *name);
