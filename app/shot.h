// Purpose: one picture of a world from a fixed place, taken after everything in view has arrived.
// Owns: nothing; the pixels go to the caller.
// Threads: the main thread.
// Fails: with a Result: the view is over the ceilings, or it did not arrive in time.
#pragma once
#include "engine.h"
#include "graphics.h"
#include "settings.h"

#define SHOT_TIMEOUT_S 60

typedef struct ShotDesc {
    EngineConfig config; // start_m is set from the place
    const Source *source;
    double x_m, z_m, agl_m;
    double yaw_deg, pitch_deg;
    double fov_deg; // 0: 60
    DrawScene scene;
    double timeout_s; // 0: SHOT_TIMEOUT_S
} ShotDesc;

// Ticks until the engine has settled and the ranges have grown, then reads the scene's picture: width * height * 4
// bytes, rows from the top, into `rgba`, as large as gl_sink_scene_size says.
RESULT_MUST Result shot_take(const ShotDesc *desc, Graphics *graphics, uint8_t *rgba,
                             ResultText *text);

// What a picture shows. The settings' tier may be automatic; the note's is the one in force.
typedef struct ShotNote {
    const char *world;
    double x_m, y_m, z_m, agl_m, yaw_deg, pitch_deg;
    const Settings *settings;
    int tier;
    bool gl33;
} ShotNote;

// The command that takes the picture again. It gives numbers even where a scene's name did: a name may move.
void shot_command_line(const ShotNote *note, int width, int height, char *out, size_t bytes);

// A picture file with that command in its text chunks. `rgba` is packed to three bytes in place.
RESULT_MUST Result shot_write(const char *path, uint8_t *rgba, int width, int height,
                              const ShotNote *note, ResultText *text);
