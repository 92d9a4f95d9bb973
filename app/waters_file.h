// Purpose: writes the rivers and lakes of a rectangle as GeoJSON (RFC 7946), whole or not at all.
// Owns: nothing.
// Threads: the main thread.
// Fails: with a Result and a text; the file then holds what it held before.
//
// Positions are x (east), -z (north, as maps have it) and the level, in metres to the centimetre. A river is a line
// string that runs downstream, with its order and, of each position, width_m and shore_m: metres into the water, not
// above 0 where the spacing is too wide to show it, so that the level is the ground's. A lake is a polygon with its
// level_m. `down` is the id of the feature that takes the water; null at the sea, the rectangle's side or nowhere.
#pragma once
#include "heights.h"
#include "terrain/waters.h"

typedef struct WatersFile {
    const char *world; // "seed:42"
    const WatersDesc *rectangle;
    const Waters *waters;
    int rivers, lakes; // filled in by waters_file_write; those of a single place are left out
} WatersFile;

// The samples that hold a rectangle, of the level that heights_create would read.
RESULT_MUST Result waters_file_rectangle(const HeightsDesc *desc, WatersDesc *out,
                                         ResultText *text);

RESULT_MUST Result waters_file_write(const char *path, WatersFile *file, ResultText *text);
