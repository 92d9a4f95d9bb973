// Purpose: the light of sun, moon and sky at one moment: a sky-view table, irradiances, exposure and haze.
// Owns: nothing; Atmosphere is a plain value of about 140 KiB.
// Threads: any; pure.
// Fails: never.
#pragma once
#include "world/sun.h"
#include <stdbool.h>

// After Hillaire, "A Scalable and Production Ready Sky and Atmosphere Rendering Technique" (EGSR 2020): transmittance
// and multiple-scattering tables, then single scattering along each direction of the sky.
#define ATMOSPHERE_SKY_WIDTH 48  // azimuth from the sun, by night too: sin(angle / 2) over 0..1
#define ATMOSPHERE_SKY_HEIGHT 48 // sine of the elevation: its square root over 0..1
#define ATMOSPHERE_RAYLEIGH_SCALE_M 8000.0f
#define ATMOSPHERE_MIE_SCALE_M 1200.0f
#define ATMOSPHERE_CLOUDS 2        // layers: heaps and veils
#define ATMOSPHERE_HEAPS_M 2300.0f // height above the sea
#define ATMOSPHERE_VEILS_M 8000.0f

#define ATMOSPHERE_SUN_COLUMNS 64
#define ATMOSPHERE_HEIGHT_ROWS 16

typedef struct Atmosphere {
    float rayleigh_per_m[3]; // extinction at sea level
    float mie_per_m;         // extinction at sea level
    SunSky lights;           // that the picture shows now
    float
        night; // 0: the sun shines on the ground; above: the moon does, 1: nothing is left of the day
    float sun_light
        [3]; // irradiance on a surface that faces the sun, by night the moon; times exposure
    float sky_light[3]; // irradiance from the sky on a level surface, times exposure
    float cloud_light[ATMOSPHERE_CLOUDS]
                     [3]; // irradiance from sun and moon at their heights, times exposure
    float exposure;
    float sky[ATMOSPHERE_SKY_HEIGHT][ATMOSPHERE_SKY_WIDTH][4]; // radiance times exposure
    float transmittance[ATMOSPHERE_HEIGHT_ROWS][ATMOSPHERE_SUN_COLUMNS][3]; // towards the sun
    float multiple[ATMOSPHERE_HEIGHT_ROWS][ATMOSPHERE_SUN_COLUMNS / 4]
                  [3];  // isotropic, of all higher orders
    float haze_scale;   // that the two tables above were made for; 0: none yet
    SunSky next_lights; // being made, row by row
    int next_row;       // ATMOSPHERE_SKY_HEIGHT: none
    float next_sky[ATMOSPHERE_SKY_HEIGHT][ATMOSPHERE_SKY_WIDTH][3];
} Atmosphere;

// Starts a new table for these lights and a haze scale (1: clear day); what is shown stays as it is. Tables that depend
// on the haze only are kept from call to call and cost about 6 ms when it has changed. Start with zeroes.
void atmosphere_begin(Atmosphere *inout, const SunSky *lights, float haze_scale);
// Makes `rows` more of its ATMOSPHERE_SKY_HEIGHT rows, about 60 us each; true when it was the last: the new light is
// shown from now on.
bool atmosphere_step(Atmosphere *inout, int rows);
// Both at once.
void atmosphere_update(Atmosphere *inout, const SunSky *lights, float haze_scale);
