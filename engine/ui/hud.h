// Purpose: the flyer's figures and the help card as plain lines of text.
// Owns: its fixed arrays, inline; the help card's texts are borrowed.
// Threads: the main thread.
// Fails: never; a text that is too long is cut.
#pragma once
#include "ui/ui_page.h"

#define HUD_LINES_MAX 10
#define HUD_TEXT_MAX 64

typedef struct HudKey {
    const char *key, *does; // "W", "forward"
} HudKey;

typedef struct HudInput {
    double position_m[3]; // y above sea
    double agl_m;         // above ground
    double speed_m_s;
    double heading_rad; // 0 is north, clockwise
    double fps;
    double fps_cap;          // 0: none
    const char *world;       // "seed:42"
    const char *attribution; // "" or NULL: none
    const char *message;     // a short notice, as "picture saved"; NULL: none
    double time_scale;       // 1: as it is; 0 while paused
    bool follow_ground;
    bool show_help;
    const HudKey *keys; // of the help card
    int key_count;
} HudInput;

typedef struct HudLine {
    const char *label;
    char text[HUD_TEXT_MAX];
    UiTone tone;
} HudLine;

typedef struct Hud {
    HudLine lines[HUD_LINES_MAX];
    int line_count;
    char message[HUD_TEXT_MAX * 2]; // "" when there is none
    char attribution[HUD_TEXT_MAX * 2];
    const HudKey *keys; // NULL while the help card is hidden
    int key_count;
} Hud;

void hud_build(const HudInput *input, Hud *out);

// The nearest of the 16 points of the compass: "N", "NNE" ...
const char *hud_compass(double heading_rad);
