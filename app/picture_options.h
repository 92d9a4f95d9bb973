// Purpose: the options of every command that draws: the eye, its look, the shaders, the version of OpenGL.
// Owns: the constant table.
// Threads: any.
// Fails: check says what was wrong and what would be right.
#pragma once
#include "option.h"

typedef struct PictureOptions {
    double at_m[3], look_deg[2]; // x, z, above ground; yaw, pitch
    char shaders[OPTION_TEXT_MAX];
    bool gl33;
} PictureOptions;

enum {
    PICTURE_OPTIONS_AT,
    PICTURE_OPTIONS_LOOK,
    PICTURE_OPTIONS_SHADERS,
    PICTURE_OPTIONS_GL33, // last: soak takes this one alone
    PICTURE_OPTIONS_COUNT
};

extern const Option picture_options[PICTURE_OPTIONS_COUNT];

// What the ranges of the table cannot say: height above ground and pitch.
RESULT_MUST Result picture_options_check(const PictureOptions *options, ResultText *text);
