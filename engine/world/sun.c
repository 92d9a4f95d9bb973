#include "world/sun.h"

#include <assert.h>
#include <math.h>

#define PI 3.14159265358979
#define DEG (PI / 180.0)
#define AXIS_TILT_RAD (23.44 * DEG)
#define DAY_RAD (2.0 * PI / 365.24) // the earth's mean way along its path
#define MONTH_DAYS 29.53
#define FULL_MOON_DAY 264.0

// Longitude along the sun's path, from the spring equinox; the second term is the path's ellipse.
static double sun_longitude(int day)
{
    double noon = day + 0.5;
    return DAY_RAD * (noon + 10.0) + 1.914 * DEG * sin(DAY_RAD * (noon - 2.0)) - 0.5 * PI;
}

static double right_ascension(double longitude)
{
    return atan2(cos(AXIS_TILT_RAD) * sin(longitude), cos(longitude));
}

// `hour`: angle past the south.
static void stand(double longitude, double hour, double latitude, float *azimuth_rad,
                  float *elevation_rad)
{
    double sine = sin(AXIS_TILT_RAD) * sin(longitude), cosine = sqrt(1.0 - sine * sine);
    double up = sin(latitude) * sine + cos(latitude) * cosine * cos(hour);
    double north = cos(latitude) * sine - sin(latitude) * cosine * cos(hour);
    double azimuth = atan2(-cosine * sin(hour), north);
    *azimuth_rad = (float)(azimuth < 0.0 ? azimuth + 2.0 * PI : azimuth);
    *elevation_rad = (float)asin(fmin(fmax(up, -1.0), 1.0));
}

SunSky sun_sky(int minute, int day, float latitude_rad)
{
    assert(minute >= 0 && minute < SUN_DAY_MINUTES && day >= 0 && day < SUN_YEAR_DAYS);
    SunSky out;
    double sun = sun_longitude(day);
    double apart = PI + 2.0 * PI * (day - FULL_MOON_DAY) / MONTH_DAYS;
    double hour = 2.0 * PI * minute / SUN_DAY_MINUTES - PI;
    double moon_hour = hour + right_ascension(sun) - right_ascension(sun + apart);
    double latitude = (double)latitude_rad;
    stand(sun, hour, latitude, &out.sun_azimuth_rad, &out.sun_elevation_rad);
    stand(sun + apart, moon_hour, latitude, &out.moon_azimuth_rad, &out.moon_elevation_rad);
    out.moon_lit = (float)(0.5 - 0.5 * cos(apart));
    return out;
}
