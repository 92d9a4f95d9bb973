// Purpose: loads the GL functions and says what this context can do beyond 3.3 core.
// Owns: nothing; GlCaps is a plain value. The function pointers belong to the generated loader.
// Threads: the main thread, with a current context.
// Fails: load returns RESULT_UNSUPPORTED with what was found and what is needed.
#pragma once
#include "base/result.h"
#include "render/gl_account.h"
#include <stdbool.h>

#define GL_CAPS_NAME_MAX 128
#define GL_CAPS_MAJOR_MIN 3
#define GL_CAPS_MINOR_MIN 3

typedef void (*GlProc)(void);
// Address of a GL function in the current context, NULL when there is none.
typedef GlProc (*GlGetProc)(const char *name);

typedef struct GlCaps {
    int major, minor;
    bool base_instance;  // instance attributes stay where they point
    bool clip_control;   // reversed-Z in [0, 1]; else logarithmic depth
    bool buffer_storage; // persistent, coherent staging; else heap slots
    bool khr_debug;
    bool is_software;     // llvmpipe, softpipe, swrast
    float anisotropy_max; // 0: not there
    int samples_max;
    int layers_max;
    char renderer[GL_CAPS_NAME_MAX];
    char version[GL_CAPS_NAME_MAX];
} GlCaps;

// Loads every function through `get_proc`. With `force_gl33` each feature beyond 3.3 is reported as absent.
RESULT_MUST Result gl_caps_load(GlGetProc get_proc, bool force_gl33, GlCaps *out, ResultText *text);

// Sends the driver's messages of medium and high severity to the log, where KHR_debug is there; high ones and
// errors are counted in `account` (borrowed until the context goes).
void gl_caps_watch(const GlCaps *caps, GlAccount *account);

// Reads and clears the error flag; counts what it found.
void gl_caps_check_errors(GlAccount *account);
