// Purpose: programs from the shaders inside the binary or from a directory, with includes and reload.
// Owns: the GL program behind `handle`.
// Threads: the main thread, with a current context.
// Fails: create returns a Result whose text holds file:line and the compiler's message; a reload that fails keeps
// the last good program.
#pragma once
#include "base/result.h"
#include "render/gl_account.h"
#include <stdbool.h>

#define GL_PROGRAM_FILES_MAX 24
#define GL_PROGRAM_NAME_MAX 48
#define GL_PROGRAM_DEFINES_MAX 4096

// Texture units of the samplers, by their names in the shaders; the maps of a tile in the order of TILE_MAP_LIST.
#define GL_PROGRAM_SAMPLER_LIST(X)                                                                 \
    X(GL_PROGRAM_UNIT_HEIGHTS, "heights_map")                                                      \
    X(GL_PROGRAM_UNIT_SURFACE, "surface_map")                                                      \
    X(GL_PROGRAM_UNIT_TINT, "tint_map")                                                            \
    X(GL_PROGRAM_UNIT_MATTER, "matter_map")                                                        \
    X(GL_PROGRAM_UNIT_SKYLINE_EAST, "skyline_east_map")                                            \
    X(GL_PROGRAM_UNIT_SKYLINE_WEST, "skyline_west_map")                                            \
    X(GL_PROGRAM_UNIT_SKY, "sky_map")                                                              \
    X(GL_PROGRAM_UNIT_CLOUDS, "cloud_map")                                                         \
    X(GL_PROGRAM_UNIT_SCENE, "scene_map")                                                          \
    X(GL_PROGRAM_UNIT_MATERIAL_COLOUR, "material_colour")                                          \
    X(GL_PROGRAM_UNIT_MATERIAL_RELIEF, "material_relief")

typedef enum GlProgramUnit {
#define GL_PROGRAM_ENUM(name, text) name,
    GL_PROGRAM_SAMPLER_LIST(GL_PROGRAM_ENUM)
#undef GL_PROGRAM_ENUM
        GL_PROGRAM_UNIT_COUNT
} GlProgramUnit;

#define GL_PROGRAM_FRAME_BINDING 0 // of the uniform block Frame

typedef struct GlProgramDesc {
    const char *vertex; // file names, static
    const char *fragment;
    const char *defines; // lines of "#define NAME VALUE"; copied
    const char *
        directory; // of shaders on disk; NULL: those inside the binary; borrowed while the program lives
} GlProgramDesc;

typedef struct GlProgram {
    uint32_t handle;
    bool from_directory;
    const char *vertex, *fragment, *directory;
    char defines[GL_PROGRAM_DEFINES_MAX];
    char files[GL_PROGRAM_FILES_MAX][GL_PROGRAM_NAME_MAX]; // that it was made of
    int file_count;
    uint64_t modified_ns; // newest of them when it was made or last tried
} GlProgram;

// Compiles and links. A directory whose shaders are broken is reported to the log, and the embedded ones are used.
RESULT_MUST Result gl_program_create(const GlProgramDesc *desc, GlAccount *account, GlProgram *out,
                                     ResultText *text);
void gl_program_destroy(GlProgram *program);

// Makes the program again when one of its files on disk is newer; true when it was replaced.
bool gl_program_reload(GlProgram *program, GlAccount *account);
