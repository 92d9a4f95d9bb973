// Purpose: heights of the land far around, 8 m to 512 m apart, in tiles that are kept: neighbours share them.
// Owns: the tiles, from create. A tile that is there or not changes no bit, only the time that reading takes.
// Threads: any at once; who wants a tile that another is making reads its other tiles first, then waits for it.
// Fails: create and read return a Result.
#pragma once
#include "base/arena.h"
#include "base/result.h"

#define VISTA_LEVEL_MIN 2 // 8 m; every level doubles it
#define VISTA_LEVEL_MAX 8
#define VISTA_SIDE 64                                             // samples of a tile
#define VISTA_WINDOWS_MAX (VISTA_LEVEL_MAX - VISTA_LEVEL_MIN + 1) // one of each level

typedef struct Vista Vista;

typedef struct VistaDesc {
    // Heights in metres of VISTA_SIDE rows of VISTA_SIDE from sample (x, z) of `level` on.
    Result (*fill)(const void *object, int level, int64_t x, int64_t z, Arena *scratch,
                   float *out_m);
    const void *object; // borrowed
} VistaDesc;

// `side` x `side` samples from (x, z) on, rows of `pitch`.
typedef struct VistaWindow {
    int level;
    int64_t x, z;
    int side, pitch;
    float *heights_m;
} VistaWindow;

RESULT_MUST Result vista_create(const VistaDesc *desc, Vista **out);
void vista_destroy(Vista *vista);

// Fills `count` windows; what it takes of `scratch` is given back.
RESULT_MUST Result vista_read(Vista *vista, const VistaWindow *windows, int count, Arena *scratch);
