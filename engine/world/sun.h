// Purpose: where sun and moon stand at a time of day and a date.
// Owns: nothing.
// Threads: any; pure.
// Fails: never.
#pragma once

#define SUN_DAY_MINUTES 1440
#define SUN_YEAR_DAYS 365 // there is no leap year: a date has no year

// Made-up worlds have no poles or equator, so one latitude does for all of them: here every hour has its own light.
#define SUN_LATITUDE_RAD 0.7853982f // 45 degrees north

// Azimuths clockwise from north, elevations from -pi/2 to pi/2.
typedef struct SunSky {
    float sun_azimuth_rad, sun_elevation_rad;
    float moon_azimuth_rad, moon_elevation_rad;
    float moon_lit; // share of its disc: 0 new, 1 full
} SunSky;

// `minute` of the day after midnight, solar time: at noon the sun stands highest. `day` of the year: 0 is January 1.
// Within 0.5 degrees of an almanac; the moon keeps to the sun's path and is full on September 22.
SunSky sun_sky(int minute, int day, float latitude_rad);
