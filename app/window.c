#include "window.h"
#include "base/log.h"
#include "base/os_memory.h"
#include <SDL.h>
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define PARTS (SDL_INIT_VIDEO | SDL_INIT_EVENTS | SDL_INIT_GAMECONTROLLER)
#define INSTEAD "`arete soak` and `arete shot` run without a display"

struct Window {
    SDL_Window *handle;
    SDL_GLContext context;
    bool offscreen, vsync, gl33, debug;
};

static bool starts_without_screen(const char *driver)
{
    return !driver || strcmp(driver, "offscreen") == 0 || strcmp(driver, "dummy") == 0;
}

// SDL falls back to drivers without a screen by itself; nobody would see that window.
static Result start_video(bool offscreen, ResultText *text)
{
    const char *asked = getenv("SDL_VIDEODRIVER");
    if (offscreen)
        SDL_SetHint(SDL_HINT_VIDEODRIVER, "offscreen");
    if (offscreen)
        SDL_setenv("SDL_VIDEODRIVER", "offscreen", 1);
    // A gamepad must work while the window has no keyboard focus on some desktops' screensavers: not wanted.
    SDL_SetHint(SDL_HINT_JOYSTICK_ALLOW_BACKGROUND_EVENTS, "0");
    SDL_SetHint(SDL_HINT_VIDEO_X11_NET_WM_BYPASS_COMPOSITOR, "0");
    if (SDL_InitSubSystem(PARTS) != 0)
        return result_fail(text, RESULT_UNSUPPORTED, "no display: %.200s; " INSTEAD,
                           SDL_GetError());
    if (!offscreen && !(asked && *asked) && starts_without_screen(SDL_GetCurrentVideoDriver())) {
        SDL_QuitSubSystem(PARTS);
        return result_fail(text, RESULT_UNSUPPORTED, "no display is set up here; " INSTEAD);
    }
    return RESULT_OK;
}

static bool try_context(Window *window, int major, int minor)
{
    SDL_GL_SetAttribute(SDL_GL_CONTEXT_MAJOR_VERSION, major);
    SDL_GL_SetAttribute(SDL_GL_CONTEXT_MINOR_VERSION, minor);
    SDL_GL_SetAttribute(SDL_GL_CONTEXT_PROFILE_MASK, SDL_GL_CONTEXT_PROFILE_CORE);
    SDL_GL_SetAttribute(SDL_GL_CONTEXT_FLAGS, window->debug ? SDL_GL_CONTEXT_DEBUG_FLAG : 0);
    window->context = SDL_GL_CreateContext(window->handle);
    return window->context != NULL;
}

static Result make_context(Window *window, ResultText *text)
{
    char first[128] = "";
    bool made = !window->gl33 && try_context(window, 4, 5);
    if (!made) {
        snprintf(first, sizeof first, "%s", SDL_GetError());
        made = try_context(window, 3, 3);
    }
    if (!made)
        return result_fail(
            text, RESULT_UNSUPPORTED,
            "no OpenGL 3.3 here (%.120s); a newer graphics driver or Mesa's llvmpipe has it, and "
            "`arete soak --gpu none` runs without",
            SDL_GetError());
    if (first[0] && !window->gl33)
        log_info("OpenGL 4.5 is not to be had (%s); 3.3 is used", first);
    window_set_vsync(window, window->vsync);
    return RESULT_OK;
}

static void ask_framebuffer(void)
{
    SDL_GL_SetAttribute(SDL_GL_RED_SIZE, 8);
    SDL_GL_SetAttribute(SDL_GL_GREEN_SIZE, 8);
    SDL_GL_SetAttribute(SDL_GL_BLUE_SIZE, 8);
    SDL_GL_SetAttribute(SDL_GL_DEPTH_SIZE, 0);
    SDL_GL_SetAttribute(SDL_GL_DOUBLEBUFFER, 1);
}

static Result make_window(Window *window, const WindowDesc *desc, ResultText *text)
{
    uint32_t flags = SDL_WINDOW_OPENGL | SDL_WINDOW_RESIZABLE | SDL_WINDOW_ALLOW_HIGHDPI;
    if (desc->fullscreen && !desc->offscreen)
        flags |= SDL_WINDOW_FULLSCREEN_DESKTOP;
    ask_framebuffer();
    window->handle = SDL_CreateWindow(desc->title, SDL_WINDOWPOS_CENTERED, SDL_WINDOWPOS_CENTERED,
                                      desc->width, desc->height, flags);
    if (!window->handle)
        return result_fail(
            text, RESULT_UNSUPPORTED,
            "no window with OpenGL: %.200s; a graphics driver with OpenGL 3.3 is needed, and "
            "`arete soak --gpu none` runs without",
            SDL_GetError());
    if (!desc->offscreen)
        SDL_SetWindowMinimumSize(window->handle, 160, 90);
    return make_context(window, text);
}

Result window_create(const WindowDesc *desc, Window **out, ResultText *text)
{
    assert(desc && out && desc->width > 0 && desc->height > 0);
    *out = NULL;
    Result result = start_video(desc->offscreen, text);
    if (result != RESULT_OK)
        return result;
    Window *window = os_memory_alloc(sizeof *window, OS_MEMORY_APP);
    if (!window) {
        SDL_QuitSubSystem(PARTS);
        return result_fail(text, RESULT_OUT_OF_MEMORY, "no memory for the window");
    }
    *window = (Window){.offscreen = starts_without_screen(SDL_GetCurrentVideoDriver()),
                       .vsync = desc->vsync && !desc->offscreen,
                       .gl33 = desc->gl33,
                       .debug = desc->debug};
    result = make_window(window, desc, text);
    if (result != RESULT_OK) {
        window_destroy(window);
        return result;
    }
    *out = window;
    return RESULT_OK;
}

void window_destroy(Window *window)
{
    if (!window)
        return;
    if (window->context)
        SDL_GL_DeleteContext(window->context);
    if (window->handle)
        SDL_DestroyWindow(window->handle);
    os_memory_free(window, sizeof *window, OS_MEMORY_APP);
    SDL_QuitSubSystem(PARTS);
}

void window_size(const Window *window, int *out_width, int *out_height)
{
    assert(window && out_width && out_height);
    SDL_GL_GetDrawableSize(window->handle, out_width, out_height);
    *out_width = *out_width > 0 ? *out_width : 1;
    *out_height = *out_height > 0 ? *out_height : 1;
}

float window_pixel_scale(const Window *window)
{
    int points = 0, pixels = 0, unused = 0;
    SDL_GetWindowSize(window->handle, &points, &unused);
    SDL_GL_GetDrawableSize(window->handle, &pixels, &unused);
    return points > 0 && pixels > points ? (float)pixels / (float)points : 1.0f;
}

bool window_minimised(const Window *window)
{
    uint32_t flags = SDL_GetWindowFlags(window->handle);
    return !window->offscreen && (flags & (SDL_WINDOW_MINIMIZED | SDL_WINDOW_HIDDEN)) != 0;
}

bool window_is_offscreen(const Window *window)
{
    return window->offscreen;
}

void window_swap(Window *window)
{
    assert(window && window->context);
    SDL_GL_SwapWindow(window->handle);
}

void window_set_vsync(Window *window, bool vsync)
{
    assert(window);
    window->vsync = vsync;
    if (SDL_GL_SetSwapInterval(vsync ? 1 : 0) != 0 && vsync && !window->offscreen)
        log_info("vsync is not to be had here: %s", SDL_GetError());
}

void window_set_fullscreen(Window *window, bool fullscreen)
{
    assert(window);
    if (SDL_SetWindowFullscreen(window->handle, fullscreen ? SDL_WINDOW_FULLSCREEN_DESKTOP : 0))
        log_warn("fullscreen: %s", SDL_GetError());
}

bool window_fullscreen(const Window *window)
{
    return (SDL_GetWindowFlags(window->handle) & SDL_WINDOW_FULLSCREEN_DESKTOP) != 0;
}

void window_set_title(Window *window, const char *title)
{
    assert(window && title);
    SDL_SetWindowTitle(window->handle, title);
}

int window_refresh_hz(const Window *window)
{
    SDL_DisplayMode mode = {0};
    int display = SDL_GetWindowDisplayIndex(window->handle);
    if (display < 0 || SDL_GetCurrentDisplayMode(display, &mode) != 0 || mode.refresh_rate <= 0)
        return 60;
    return mode.refresh_rate;
}

Result window_recreate_context(Window *window, ResultText *text)
{
    assert(window && window->context);
    SDL_GL_MakeCurrent(window->handle, NULL);
    SDL_GL_DeleteContext(window->context);
    window->context = NULL;
    return make_context(window, text);
}

WindowProc window_gl_address(const char *name)
{
    // ISO C has no cast from an object's pointer to a function's.
    void *address = SDL_GL_GetProcAddress(name);
    WindowProc out = NULL;
    memcpy(&out, &address, sizeof out);
    return out;
}
