// Purpose: scenes that need each program of the passes once, drawn before a flight's frames do.
// Owns: nothing.
// Threads: any.
// Fails: never.
#pragma once
#include "stream/draw_list.h"

#define WARM_UP_ROUNDS 8
#define WARM_UP_FIRST 3 // of them: a first picture by day, but for water and the sun in it

typedef struct WarmUp {
    DrawInstance tiles[LOD_GRID_COUNT];
    DrawList list; // borrows the tiles
    ViewFrame frame;
    DrawScene scene;
} WarmUp;

// `round`: from 0; no tiles, or one of each grid that has layers.
void warm_up_round(int round, const uint32_t layer_counts[LOD_GRID_COUNT], int tier, WarmUp *out);
