// Purpose: a headless GL context for tests, through SDL's offscreen driver.
// Owns: the window and the context behind a GlFixture.
// Threads: the main thread.
// Fails: create says why and returns false; tests then skip.
#pragma once
#include "render/gl_caps.h"

typedef struct GlFixture {
    void *window;
    void *context;
    GlCaps caps;
} GlFixture;

// A context of at least 3.3 core with loaded functions. False, with the reason printed, where there is none.
bool gl_fixture_create(GlFixture *out, int width, int height, bool force_gl33);
void gl_fixture_destroy(GlFixture *fixture);

// Destroys the context and makes another one in the same window, as after a loss.
bool gl_fixture_renew(GlFixture *fixture, bool force_gl33);

// GL function look-up of the current context.
GlProc gl_fixture_proc(const char *name);

// A context of whatever version the driver gives, without loading anything.
bool gl_fixture_create_any(GlFixture *out);
