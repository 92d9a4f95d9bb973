// Purpose: what is drawn over the scene: figures, help card, messages, the debug overlay and what one changes on it.
// Owns: the overlay's pages, the live soak and the ImGui bridge.
// Threads: the main thread.
// Fails: create returns a Result; drawing never fails.
#pragma once
#include "engine.h"
#include "fly_camera.h"
#include "graphics.h"
#include "settings.h"
#include "ui/ui_input.h"
#include <SDL.h>

typedef struct FlyScreen FlyScreen;

// How the scene is shown; keys and the overlay's switches change it.
typedef struct FlyModes {
    DrawMode mode;
    bool wireframe, chunk_bounds, freeze_culling;
} FlyModes;

// Of one frame; borrowed while drawing.
typedef struct FlyScreenInput {
    Engine *engine;
    const Graphics *graphics;
    const FlyCamera *camera;
    Settings *settings; // knobs change them
    FlyModes *modes;    // switches change them
    const char *world;
    const char *attribution;
    double agl_m, fps;
    double time_scale; // 0: paused
    double dt_s;       // real time since the last frame
} FlyScreenInput;

RESULT_MUST Result fly_screen_create(const Graphics *graphics, FlyScreen **out, ResultText *text);
void fly_screen_destroy(FlyScreen *screen);

// Feeds one event.
void fly_screen_event(FlyScreen *screen, const SDL_Event *event);
bool fly_screen_has_mouse(const FlyScreen *screen);
bool fly_screen_has_keys(const FlyScreen *screen);

void fly_screen_toggle_help(FlyScreen *screen);
void fly_screen_toggle_overlay(FlyScreen *screen);
void fly_screen_next_page(FlyScreen *screen);
// False for an unknown name.
bool fly_screen_open(FlyScreen *screen, const char *page);
bool fly_screen_overlay_shown(const FlyScreen *screen);

// Shows a line for some seconds.
void fly_screen_say(FlyScreen *screen, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
// True while something on it moves by itself: the overlay, or a message that will vanish.
bool fly_screen_moves(const FlyScreen *screen);

// Draws into the window's framebuffer; the tick's row "ui".
void fly_screen_draw(FlyScreen *screen, const FlyScreenInput *input, bool mouse_captured);

// A soak of the flight runs: the engine may not be exchanged under it.
bool fly_screen_soaks(const FlyScreen *screen);
// After each tick: feeds the live soak.
void fly_screen_after_tick(FlyScreen *screen, const Engine *engine);

// After graphics_lose: forgets the objects of the old context.
RESULT_MUST Result fly_screen_restore_gpu(FlyScreen *screen, ResultText *text);
