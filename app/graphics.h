// Purpose: a window with the GL sink in it, sized alike, and what happens when the context is lost.
// Owns: the window and the sink, from open to close.
// Threads: the main thread.
// Fails: open and lose return a Result with a text.
#pragma once
#include "engine.h"
#include "render/gl_sink.h"
#include "terrain/material_set.h"
#include "window.h"

typedef struct GraphicsDesc {
    WindowDesc window;
    double scale;        // of the scene against the window; 0: 1
    bool scale_follows;  // 0 is automatic, as in graphics_follow
    int tier;            // -1: by the renderer
    const char *shaders; // folder of shaders; NULL: those inside the binary
    bool no_hole_probe;
    bool check_errors;      // each frame
    bool hidden;            // nothing is shown: present does not swap
    bool cached;            // materials of the ground are kept below $XDG_CACHE_HOME
    bool materials_at_once; // no frame is drawn without them
} GraphicsDesc;

typedef struct Graphics {
    Window *window;
    GlSink *sink;
    MaterialSet *materials;
    GlCaps caps;
    GpuSink gpu;
    int tier;                  // in force
    int width, height;         // of the window in pixels
    double scale, scale_asked; // asked: below 0 where it is to be found anew
    bool is_reduced;           // the ceiling had no room for what was asked
    bool gl33;
} Graphics;

// `*out` must stay where it is until graphics_close.
RESULT_MUST Result graphics_open(const GraphicsDesc *desc, Graphics *out, ResultText *text);
void graphics_close(Graphics *graphics);

// Follows the window's size; true when it changed. Objects are made anew, so only then. A picture that the engine's
// ceiling has no room for gets a smaller scale than what is asked for; 0: automatic.
bool graphics_follow(Graphics *graphics, const Engine *engine, double scale);

float graphics_aspect(const Graphics *graphics);

// The tier that a renderer gets when nobody chose one and nothing is measured: 0 where the CPU draws, else 2.
int graphics_tier(const GlCaps *caps);
// Another tier, while no engine stands on the sink.
void graphics_set_tier(Graphics *graphics, int tier);

// Begins `*engine` anew at config->tier on the same sink; features that are switched off stay off. Where that tier
// cannot be had `*engine` stays at the last one, begun anew if need be: graphics->tier says which one it became.
// Fails with `*engine` NULL.
RESULT_MUST Result graphics_change_tier(Graphics *graphics, const EngineConfig *config,
                                        const Source *source, Engine **engine, ResultText *text);

// Throws the context away and makes a new one; the engine brings everything back.
RESULT_MUST Result graphics_lose(Graphics *graphics, Engine *engine, ResultText *text);
