// Purpose: the viewer: a window, a camera, the engine's tick, and what a person may do meanwhile.
// Owns: everything between its start and its end.
// Threads: the main thread.
// Fails: fly_run returns a Result with a text when it could not start.
#pragma once
#include "base/result.h"
#include "command.h"
#include "saved.h"

typedef struct FlyDesc {
    const CommandWorld *world;
    Settings settings;
    Saved *saved;                // borrowed
    double at_m[3], look_deg[2]; // x, z, above ground; yaw, pitch
    double speed_m_s;            // 0: 100
    bool follow;
    TierFound found;     // by a flight before
    const char *overlay; // page that is open at the start; NULL: none
    const char *shaders; // folder; NULL: those inside the binary
    const char *trace;   // file; NULL: none
    uint64_t ticks;      // ends after so many; 0: never
    bool gl33;
    bool fresh; // keeps no materials on disk
} FlyDesc;

// `*out_settings` and `*out_position` are those of the last moment, to be saved.
RESULT_MUST Result fly_run(const FlyDesc *desc, Settings *out_settings, SavedPosition *out_position,
                           ResultText *text);
