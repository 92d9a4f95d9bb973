// Purpose: counts pixels that should show ground and show none: the hole_pixels of the verdict.
// Owns: a pixel buffer of one picture.
// Threads: the main thread, with a current context; the count itself is pure.
// Fails: never.
#pragma once
#include "render/gl_account.h"
#include "render/scene_target.h"
#include "world/view.h"

typedef struct HoleProbe {
    uint32_t buffer;
    size_t bytes;
    int width, height;
    int state;       // HoleProbeState
    float slope_min; // of the picture being read
    ViewFrame frame; // that it shows
    int64_t result;  // of the last picture examined; -1: none
} HoleProbe;

typedef enum HoleProbeState { HOLE_PROBE_IDLE, HOLE_PROBE_DRAWN, HOLE_PROBE_READ } HoleProbeState;

size_t hole_probe_bytes(int width, int height); // that create takes on the GPU
void hole_probe_create(HoleProbe *out, int width, int height, GlAccount *account);
void hole_probe_destroy(HoleProbe *probe, GlAccount *account);

// Marks the frame just drawn as one to examine; `slope_min` as hole_probe_slope gives it.
void hole_probe_mark(HoleProbe *probe, const ViewFrame *frame, float slope_min);
// Called when the marked frame is known to be finished: starts the read, then, a frame later, counts.
void hole_probe_step(HoleProbe *probe, const SceneTarget *target);

// Tangent of the angle below the horizon at which a ray must meet ground: (eye - lowest + the earth's drop) / reach.
float hole_probe_slope(double eye_m, float lowest_m, float reach_m);

// Counts in `rgba`, rows from bottom to top, alpha 0 = no terrain. A pixel counts when its ray is steeper than
// `slope_min` downward, or, for |pitch| < 20 degrees, when terrain stands above it in its column.
int64_t hole_probe_count(const uint8_t *rgba, int width, int height, const ViewFrame *frame,
                         float slope_min);
