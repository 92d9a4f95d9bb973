// Purpose: places worth a picture, by name: world, eye, look, light and sky of each.
// Owns: the constant table.
// Threads: any.
// Fails: never.
#pragma once

#define SCENE_COUNT 12
// In the table's order, as the choices of an option.
#define SCENE_NAMES                                                                                \
    "alpine-dawn|river-delta|desert-dunes|mesa-country|fjord|rainforest-hills|volcanic-island|"    \
    "steppe|tundra-lakes|coast-cliffs|high-summit|moon-night"

typedef struct Scene {
    const char *name, *text;
    const char *world;
    double at_m[3], look_deg[2]; // x, z, above ground; yaw, pitch
    double fov_deg;
    int minute, day;    // of the day, of the year
    double cloud_cover; // share of the sky
} Scene;

extern const Scene scene_table[SCENE_COUNT];
