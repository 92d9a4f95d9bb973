// Purpose: the options of every command that draws: the eye, its look, a scene for both, shaders, version of OpenGL.
// Owns: the constant table.
// Threads: any.
// Fails: check says what was wrong and what would be right.
#pragma once
#include "settings.h"

typedef struct PictureOptions {
    double at_m[3], look_deg[2]; // x, z, above ground; yaw, pitch
    int scene;                   // 0: the list of them
    char shaders[OPTION_TEXT_MAX];
    bool gl33;
} PictureOptions;

enum {
    PICTURE_OPTIONS_AT,
    PICTURE_OPTIONS_LOOK,
    PICTURE_OPTIONS_SCENE,
    PICTURE_OPTIONS_SHADERS,
    PICTURE_OPTIONS_GL33, // last: soak takes this one alone
    PICTURE_OPTIONS_COUNT
};

extern const Option picture_options[PICTURE_OPTIONS_COUNT];

// What the ranges of the table cannot say: height above ground and pitch.
RESULT_MUST Result picture_options_check(const PictureOptions *options, ResultText *text);

// What the command line says about the picture; each `given` has one entry per row.
typedef struct PictureWords {
    const char *world; // NULL: left out
    PictureOptions *picture;
    bool *picture_given;
    Settings *settings;
    bool *settings_given;
} PictureWords;

// Fills what was left out from the scene that was named, and marks it as given. False: the list of scenes was asked
// for and is printed.
bool picture_options_scene(PictureWords *words);
