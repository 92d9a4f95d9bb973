// Purpose: everything a person may set, in one table that drives the command line, help, the saved file and knobs.
// Owns: the constant table.
// Threads: the main thread.
// Fails: never; values are checked where they are parsed (option.h).
#pragma once
#include "engine.h"
#include "option.h"

typedef struct Settings {
    uint64_t seed; // of the world where no word names one
    double snow_line_m;
    int view_chunks, prefetch_chunks;
    int loads, throttled_loads;
    double throttle_ms;
    int queue, results;
    int upload_kib;
    double upload_ms;
    int upload_count;
    int ram_mib, vram_mib;
    int threads; // 0: automatic

    int tier;       // 0: automatic, else tier + 1
    double quality; // 0: automatic
    double scale;   // 0: automatic
    double fov_deg;
    double haze;
    double cloud_cover;
    int minute; // of the day
    int day;    // of the year

    int width, height;
    bool fullscreen, vsync;
    int fps_cap; // 0: none

    double sensitivity;
    bool invert_y;
    double time_scale;
} Settings;

extern const Option settings_table[];
extern const int settings_count;

void settings_defaults(Settings *out);

// The engine's part; the start position is left at zero. `tier_auto` stands in where the tier is automatic.
EngineConfig settings_engine(const Settings *settings, int tier_auto);

// Makes room for the quality knob's highest value, so that it can be raised in flight, where GPU memory has it.
void settings_leave_room(EngineConfig *config);

// The picture's part: tier, sun, haze.
void settings_scene(const Settings *settings, int tier_auto, DrawScene *out);
