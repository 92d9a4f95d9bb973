#include "gl_fixture.h"

#include <SDL2/SDL.h>
#include <string.h>

GlProc gl_fixture_proc(const char *name)
{
    // ISO C has no conversion from object to function pointer; POSIX has.
    GlProc proc;
    void *address = SDL_GL_GetProcAddress(name);
    memcpy(&proc, &address, sizeof proc);
    return proc;
}

static bool open_window(GlFixture *out, int width, int height)
{
    memset(out, 0, sizeof *out);
    SDL_SetHint(SDL_HINT_VIDEODRIVER, "offscreen");
    if (SDL_InitSubSystem(SDL_INIT_VIDEO) != 0) {
        fprintf(stderr, "skipped: no headless GL here: %s\n", SDL_GetError());
        return false;
    }
    out->window =
        SDL_CreateWindow("test", 0, 0, width, height, SDL_WINDOW_OPENGL | SDL_WINDOW_HIDDEN);
    if (out->window == NULL)
        fprintf(stderr, "skipped: no window for GL: %s\n", SDL_GetError());
    return out->window != NULL;
}

static bool open_context(GlFixture *fixture)
{
    fixture->context = SDL_GL_CreateContext(fixture->window);
    if (fixture->context == NULL)
        fprintf(stderr, "skipped: no GL context: %s\n", SDL_GetError());
    return fixture->context != NULL;
}

static bool load(GlFixture *fixture, bool force_gl33)
{
    ResultText text = {0};
    if (gl_caps_load(gl_fixture_proc, force_gl33, &fixture->caps, &text) == RESULT_OK)
        return true;
    fprintf(stderr, "skipped: %s\n", text.text);
    return false;
}

bool gl_fixture_create(GlFixture *out, int width, int height, bool force_gl33)
{
    SDL_GL_SetAttribute(SDL_GL_CONTEXT_PROFILE_MASK, SDL_GL_CONTEXT_PROFILE_CORE);
    SDL_GL_SetAttribute(SDL_GL_CONTEXT_MAJOR_VERSION, GL_CAPS_MAJOR_MIN);
    SDL_GL_SetAttribute(SDL_GL_CONTEXT_MINOR_VERSION, GL_CAPS_MINOR_MIN);
    SDL_GL_SetAttribute(SDL_GL_CONTEXT_FLAGS, SDL_GL_CONTEXT_DEBUG_FLAG);
    return open_window(out, width, height) && open_context(out) && load(out, force_gl33);
}

bool gl_fixture_create_any(GlFixture *out)
{
    return open_window(out, 64, 64) && open_context(out);
}

void gl_fixture_destroy(GlFixture *fixture)
{
    if (fixture->context != NULL)
        SDL_GL_DeleteContext(fixture->context);
    if (fixture->window != NULL)
        SDL_DestroyWindow(fixture->window);
    SDL_QuitSubSystem(SDL_INIT_VIDEO);
    memset(fixture, 0, sizeof *fixture);
}

bool gl_fixture_renew(GlFixture *fixture, bool force_gl33)
{
    SDL_GL_DeleteContext(fixture->context);
    return open_context(fixture) && load(fixture, force_gl33);
}
