// Purpose: the light of sun and sky for one sun position: a sky-view table, irradiances, exposure and haze.
// Owns: nothing; Atmosphere is a plain value of about 100 KiB.
// Threads: any; pure.
// Fails: never.
#pragma once

// After Hillaire, "A Scalable and Production Ready Sky and Atmosphere Rendering Technique" (EGSR 2020): transmittance
// and multiple-scattering tables, then single scattering along each direction of the sky.
#define ATMOSPHERE_SKY_WIDTH 48  // azimuth from the sun: sin(angle / 2) over 0..1
#define ATMOSPHERE_SKY_HEIGHT 48 // sine of the elevation: its square root over 0..1
#define ATMOSPHERE_RAYLEIGH_SCALE_M 8000.0f
#define ATMOSPHERE_MIE_SCALE_M 1200.0f

#define ATMOSPHERE_SUN_COLUMNS 64
#define ATMOSPHERE_HEIGHT_ROWS 16

typedef struct Atmosphere {
    float rayleigh_per_m[3]; // extinction at sea level
    float mie_per_m;         // extinction at sea level
    float sun_light[3];      // irradiance on a surface that faces the sun, times exposure
    float sky_light[3];      // irradiance from the sky on a level surface, times exposure
    float exposure;
    float sky[ATMOSPHERE_SKY_HEIGHT][ATMOSPHERE_SKY_WIDTH][4]; // radiance times exposure
    float transmittance[ATMOSPHERE_HEIGHT_ROWS][ATMOSPHERE_SUN_COLUMNS][3]; // towards the sun
    float multiple[ATMOSPHERE_HEIGHT_ROWS][ATMOSPHERE_SUN_COLUMNS / 4]
                  [3]; // isotropic, of all higher orders
    float haze_scale;  // that the two tables above were made for; 0: none yet
} Atmosphere;

// Fills `inout` for a sun elevation (-pi/2 .. pi/2) and a haze scale (1: clear day). Tables that depend on the haze
// only are kept from call to call; start with zeroes. About 3 ms, so only when the sun has moved.
void atmosphere_update(Atmosphere *inout, float sun_elevation_rad, float haze_scale);
