// Purpose: the GPU sink over OpenGL: tile arrays, the frame's passes, fences and the picture.
// Owns: every GL object and the staging slots between start and stop.
// Threads: the main thread with the context current; slot memory as gpu_sink.h says.
// Fails: create, start, prepare and resize return a Result; a frame does not fail, errors are counted.
#pragma once
#include "render/gl_caps.h"
#include "stream/gpu_sink.h"
#include "world/material.h"

#define GL_SINK_VIEW_END_M 65536.0f
#define GL_SINK_PROBE_FRAMES 16 // default distance between two frames that are examined for holes

// Zero means the default that is named.
typedef struct GlSinkDesc {
    GlCaps caps;
    const char *shader_directory; // NULL: the shaders inside the binary; borrowed
    int window_width, window_height;
    int scene_width, scene_height; // as the window
    int tier;                      // of the first frame; DrawScene's tier rules later
    float view_end_m;              // GL_SINK_VIEW_END_M: where the last ring ends, hidden by haze
    int hole_probe_frames;         // GL_SINK_PROBE_FRAMES; negative: never
    bool check_errors;             // read the error flag each frame
    bool linear_output;            // tests: float target without samples or tone curve
    MaterialSource materials;      // of the ground; without one it stays plain
    bool materials_at_once;        // prepare waits for them: for pictures
    void (*swap)(void *object);    // shows the window's back buffer; NULL: nothing is shown
    void *swap_object;
} GlSinkDesc;

typedef struct GlSink GlSink;

// Makes the sink without touching GL; start and prepare of the interface do that. `*out` is owned by the caller.
RESULT_MUST Result gl_sink_create(const GlSinkDesc *desc, GlSink **out, ResultText *text);
// Stops first when needed.
void gl_sink_destroy(GlSink *sink);
GpuSink gl_sink_interface(GlSink *sink);

// New sizes of window and scene (0: as the window); 0 x 0 windows keep the last size. Makes objects: not for every
// frame.
RESULT_MUST Result gl_sink_resize(GlSink *sink, int window_width, int window_height,
                                  int scene_width, int scene_height, ResultText *text);
// What a scene of that size would take, see gpu_sink.h.
GpuSinkNeeds gl_sink_needs(GlSink *sink, int tier, int scene_width, int scene_height);
// The tier of the first frame after the next start; only while stopped.
void gl_sink_set_tier(GlSink *sink, int tier);
// Where the last ring ends: haze is complete before it.
void gl_sink_set_view_end_m(GlSink *sink, float view_end_m);

// The context is gone: forgets every handle without a GL call. `caps` are those of the new context. Slot memory may
// have been the old context's: keep that alive until the jobs that write slots have ended; then call start.
void gl_sink_lost(GlSink *sink, const GlCaps *caps);

// Size of the scene's picture in pixels.
void gl_sink_scene_size(const GlSink *sink, int *out_width, int *out_height);
// Copies the scene's picture (alpha: 255 ground, 0 sky), width * height * 4 bytes, rows from top to bottom. Waits.
void gl_sink_read(GlSink *sink, uint8_t *out);
// The same before the tone curve, as floats; only with linear_output.
void gl_sink_read_linear(GlSink *sink, float *out);
