// Purpose: settings, last position and tier found between two flights: read at the start, saved by a thread of its own.
// Owns: the files' places, what they held, and the saving thread between start and stop.
// Threads: the main thread; post never waits for the disk.
// Fails: reading and writing only warn: a flight does not end over its settings.
#pragma once
#include "ini_file.h"
#include "settings.h"
#include "tier_probe.h"

typedef struct SavedPosition {
    char world[OPTION_TEXT_MAX]; // "": none was saved
    double x_m, z_m, agl_m;
    double yaw_deg, pitch_deg;
    double speed_m_s;
    bool follow;
    TierFound found;
} SavedPosition;

extern const Option saved_position_table[];
extern const int saved_position_count;

typedef struct Saved Saved;

// Reads $XDG_CONFIG_HOME/arete/arete.ini and $XDG_STATE_HOME/arete/position.ini. With `fresh` both are neither read
// nor written. NULL only when memory is short.
Saved *saved_create(bool fresh, Settings *out_settings, SavedPosition *out_position);

// Begins to save: `start` are the settings after the command line. What differs from them later was changed in
// flight and is kept; what only the command line said is not.
void saved_start(Saved *saved, const Settings *start);

// Hands over what to save; skipped when nothing changed or the last save still runs.
void saved_post(Saved *saved, const Settings *live, const SavedPosition *position);

// Saves a last time and ends the thread.
void saved_destroy(Saved *saved, const Settings *live, const SavedPosition *position);
