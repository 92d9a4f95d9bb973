#include "render/atmosphere.h"

#include "world/view.h"

#include <assert.h>
#include <math.h>
#include <string.h>

// Per metre; Hillaire 2020, table 1 (Rayleigh, Mie) and Bruneton 2017 (ozone tent, 10-40 km).
static const float rayleigh_scatter[3] = {5.802e-6f, 13.558e-6f, 33.1e-6f};
static const float ozone_absorb[3] = {0.650e-6f, 1.881e-6f, 0.085e-6f};
#define MIE_SCATTER 1.6e-5f // a fair summer day over land: ridges pale from 20 km on
#define MIE_ABSORB 1.6e-6f
#define MIE_G 0.8f
#define OZONE_MIDDLE_M 25000.0f
#define OZONE_HALF_M 15000.0f
#define TOP_M 80000.0f
#define EYE_M 500.0f
#define PI 3.14159265f
#define GROUND_ALBEDO 0.16f
#define DEPTH_STEPS 32
#define MULTIPLE_STEPS 12
#define SKY_STEPS 24
// The key puts sunlit ground into the middle of the tone curve; a power below 1 leaves evenings darker than noon and
// nights darker still.
#define EXPOSURE_KEY 0.561f
#define EXPOSURE_POWER 0.72f
#define PICTURE_ALBEDO 0.12f
#define LOW_SKY_ROWS (ATMOSPHERE_SKY_HEIGHT * 7 / 10) // up to 30 degrees
// The moon takes over where the sun has left the ground, and has all of the night from six degrees on.
#define NIGHT_BEGINS_RAD (-0.026f)
#define NIGHT_RAD (-0.105f)
#define MOON_SHARE                                                                                 \
    0.02f // of the sun's light, as pictures show it: a real one has a twenty-thousandth of that
#define DUSK_RAD (-0.06f)
#define DUSK_WIDTH_RAD 0.15f
#define DUSK_GAIN 1.8f
#define DUSK_EXPOSURE 0.25f
#define MOON_SKY 0.5f // and its sky is kept dark enough for stars
static const float moon_tint[3] = {0.52f, 0.76f, 1.45f};          // as eyes see it: bluish
static const float night_glow[3] = {0.0001f, 0.00017f, 0.00034f}; // of stars and high air

typedef struct Medium {
    float scatter_rayleigh[3];
    float scatter_mie;
    float extinction[3];
} Medium;

static Medium medium_at(float height_m, float haze)
{
    float height = fmaxf(height_m, 0.0f);
    float air = expf(-height / ATMOSPHERE_RAYLEIGH_SCALE_M);
    float dust = expf(-height / ATMOSPHERE_MIE_SCALE_M) * haze;
    float ozone = fmaxf(0.0f, 1.0f - fabsf(height - OZONE_MIDDLE_M) / OZONE_HALF_M);
    Medium medium = {.scatter_mie = MIE_SCATTER * dust};
    for (int c = 0; c < 3; c++) {
        medium.scatter_rayleigh[c] = rayleigh_scatter[c] * air;
        medium.extinction[c] = medium.scatter_rayleigh[c] + (MIE_SCATTER + MIE_ABSORB) * dust +
                               ozone_absorb[c] * ozone;
    }
    return medium;
}

// Height above the ground after `t` metres from `height` along a ray with vertical cosine `up`.
static float height_along(float height_m, float up, float t)
{
    float r = VIEW_EARTH_RADIUS_M + height_m;
    return sqrtf(r * r + t * t + 2.0f * r * up * t) - VIEW_EARTH_RADIUS_M;
}

// Distance to the sphere of `radius` ahead, or a negative number.
static float sphere_ahead(float height_m, float up, float radius, int far)
{
    float r = VIEW_EARTH_RADIUS_M + height_m;
    float b = r * up;
    float inside = b * b - (r - radius) * (r + radius);
    if (inside < 0.0f)
        return -1.0f;
    return -b + (far ? sqrtf(inside) : -sqrtf(inside));
}

static float row_height_m(int row)
{
    float t = (float)row / (ATMOSPHERE_HEIGHT_ROWS - 1);
    return t * t * TOP_M;
}

static float column_up(int column, int columns)
{
    return (float)column / (float)(columns - 1) * 1.25f - 0.25f;
}

// What is left of the sun's light on its way to `height` from a direction with vertical cosine `up`.
static void transmittance_at(float height, float up, float haze, float out[3])
{
    float end = sphere_ahead(height, up, VIEW_EARTH_RADIUS_M + TOP_M, 1);
    float step = fmaxf(end, 0.0f) / DEPTH_STEPS;
    float depth[3] = {0.0f, 0.0f, 0.0f};
    float low = height;
    for (int i = 0; i < DEPTH_STEPS; i++) {
        float at = height_along(height, up, ((float)i + 0.5f) * step);
        low = fminf(low, at);
        Medium medium = medium_at(at, haze);
        for (int c = 0; c < 3; c++)
            depth[c] += medium.extinction[c] * step;
    }
    // The earth's shadow, softened over two kilometres so that the coarse table shows no edge.
    float clear = fminf(fmaxf(1.0f + low / 2000.0f, 0.0f), 1.0f);
    for (int c = 0; c < 3; c++)
        out[c] = expf(-depth[c]) * clear;
}

static void fill_transmittance(Atmosphere *air, float haze)
{
    for (int row = 0; row < ATMOSPHERE_HEIGHT_ROWS; row++) {
        for (int column = 0; column < ATMOSPHERE_SUN_COLUMNS; column++)
            transmittance_at(row_height_m(row), column_up(column, ATMOSPHERE_SUN_COLUMNS), haze,
                             air->transmittance[row][column]);
    }
}

// Bilinear look-up by (height, cosine of the sun's zenith angle) in a table of `columns` columns.
static void look_up(const float *table, int columns, float height_m, float up, float out[3])
{
    float y = sqrtf(fminf(fmaxf(height_m, 0.0f) / TOP_M, 1.0f)) * (ATMOSPHERE_HEIGHT_ROWS - 1);
    float x = fminf(fmaxf((up + 0.25f) / 1.25f, 0.0f), 1.0f) * (float)(columns - 1);
    int row = (int)fminf(y, ATMOSPHERE_HEIGHT_ROWS - 2),
        column = (int)fminf(x, (float)(columns - 2));
    float fy = y - (float)row, fx = x - (float)column;
    const float *a = table + (row * columns + column) * 3;
    const float *b = a + columns * 3;
    for (int c = 0; c < 3; c++) {
        float top = a[c] + (a[c + 3] - a[c]) * fx;
        float bottom = b[c] + (b[c + 3] - b[c]) * fx;
        out[c] = top + (bottom - top) * fy;
    }
}

// A ray through the air: where it starts, where it goes, and what the sun does.
typedef struct Ray {
    float height_m, up;
    float sun_up;     // cosine of the sun's zenith angle at the start
    float sun_cosine; // between the ray and the sun
    float end_m;
    int steps;
} Ray;

// Cosine of the sun's zenith angle after `t` metres: the vertical turns under a long ray.
static float sun_up_along(const Ray *ray, float t, float height_m)
{
    float r = VIEW_EARTH_RADIUS_M + ray->height_m;
    return (r * ray->sun_up + t * ray->sun_cosine) / (VIEW_EARTH_RADIUS_M + height_m);
}

// In-scattered light and what a unit of isotropic light would give, over one ray.
static void march(const Atmosphere *air, const Ray *ray, float haze, int first_order_only,
                  float out[3], float out_unit[3])
{
    float through[3] = {1.0f, 1.0f, 1.0f};
    float c2 = ray->sun_cosine * ray->sun_cosine;
    float phase_r = first_order_only ? 0.25f / PI : 3.0f / (16.0f * PI) * (1.0f + c2);
    float g2 = MIE_G * MIE_G;
    float phase_m =
        first_order_only
            ? 0.25f / PI
            : 3.0f / (8.0f * PI) * (1.0f - g2) * (1.0f + c2) /
                  ((2.0f + g2) * powf(1.0f + g2 - 2.0f * MIE_G * ray->sun_cosine, 1.5f));
    memset(out, 0, 3 * sizeof *out);
    memset(out_unit, 0, 3 * sizeof *out_unit);
    float before = 0.0f;
    for (int i = 0; i < ray->steps; i++) {
        float part = (float)(i + 1) / (float)ray->steps;
        float after = part * part * ray->end_m;
        float step = after - before, t = 0.5f * (before + after);
        before = after;
        float height = height_along(ray->height_m, ray->up, t);
        float sun_up = sun_up_along(ray, t, height);
        Medium medium = medium_at(height, haze);
        float sun[3], more[3] = {0.0f, 0.0f, 0.0f};
        look_up(&air->transmittance[0][0][0], ATMOSPHERE_SUN_COLUMNS, height, sun_up, sun);
        if (!first_order_only)
            look_up(&air->multiple[0][0][0], ATMOSPHERE_SUN_COLUMNS / 4, height, sun_up, more);
        for (int c = 0; c < 3; c++) {
            float all = medium.scatter_rayleigh[c] + medium.scatter_mie;
            float light =
                (medium.scatter_rayleigh[c] * phase_r + medium.scatter_mie * phase_m) * sun[c] +
                all * more[c];
            float kept = expf(-medium.extinction[c] * step);
            float weight = through[c] * (1.0f - kept) / fmaxf(medium.extinction[c], 1e-12f);
            out[c] += light * weight;
            out_unit[c] += all * weight;
            through[c] *= kept;
        }
    }
    for (int c = 0; c < 3; c++)
        out_unit[c] = fminf(out_unit[c], 0.95f);
}

#define MULTIPLE_DIRECTIONS 16

static void multiple_at(const Atmosphere *air, float height, float sun_up, float haze, float out[3])
{
    float light[3] = {0}, unit[3] = {0};
    for (int i = 0; i < MULTIPLE_DIRECTIONS; i++) {
        // Evenly over the sphere by the golden angle.
        float up = 1.0f - 2.0f * ((float)i + 0.5f) / MULTIPLE_DIRECTIONS;
        float turn = 2.399963f * (float)i;
        float sun_side = sqrtf(fmaxf(0.0f, 1.0f - sun_up * sun_up));
        float cosine = up * sun_up + sqrtf(1.0f - up * up) * cosf(turn) * sun_side;
        float ground = sphere_ahead(height, up, VIEW_EARTH_RADIUS_M, 0);
        float top = sphere_ahead(height, up, VIEW_EARTH_RADIUS_M + TOP_M, 1);
        int hits = up < 0.0f && ground > 0.0f;
        Ray ray = {height, up, sun_up, cosine, hits ? ground : fmaxf(top, 0.0f), MULTIPLE_STEPS};
        float scattered[3], back[3];
        march(air, &ray, haze, 1, scattered, back);
        float sun[3];
        look_up(&air->transmittance[0][0][0], ATMOSPHERE_SUN_COLUMNS, 0.0f, sun_up, sun);
        for (int c = 0; c < 3; c++) {
            float bounce =
                hits ? GROUND_ALBEDO / PI * sun[c] * fmaxf(sun_up, 0.0f) * (1.0f - back[c]) : 0.0f;
            light[c] += (scattered[c] + bounce) / MULTIPLE_DIRECTIONS;
            unit[c] += back[c] / MULTIPLE_DIRECTIONS;
        }
    }
    for (int c = 0; c < 3; c++)
        out[c] = light[c] / (1.0f - unit[c]);
}

static void fill_multiple(Atmosphere *air, float haze)
{
    for (int row = 0; row < ATMOSPHERE_HEIGHT_ROWS; row++) {
        for (int column = 0; column < ATMOSPHERE_SUN_COLUMNS / 4; column++)
            multiple_at(air, row_height_m(row), column_up(column, ATMOSPHERE_SUN_COLUMNS / 4), haze,
                        air->multiple[row][column]);
    }
}

// One direction of the sky: `turn` is the cosine of the azimuth from the light.
static void sky_ray(const Atmosphere *air, float up, float turn, float light_rad, float out[3])
{
    float light_up = sinf(light_rad);
    float cosine = up * light_up + sqrtf(1.0f - up * up) * cosf(light_rad) * turn;
    float end = sphere_ahead(EYE_M, up, VIEW_EARTH_RADIUS_M + TOP_M, 1);
    Ray ray = {EYE_M, up, light_up, cosine, end, SKY_STEPS};
    float unit[3];
    march(air, &ray, air->haze_scale, 0, out, unit);
}

// 0 while the sun lights the ground, 1 when it no longer lights the air above.
static float night_of(float sun_rad)
{
    float t =
        fminf(fmaxf((NIGHT_BEGINS_RAD - sun_rad) / (NIGHT_BEGINS_RAD - NIGHT_RAD), 0.0f), 1.0f);
    return t * t * (3.0f - 2.0f * t);
}

static float moon_share(const SunSky *lights)
{
    return MOON_SHARE * lights->moon_lit * night_of(lights->sun_elevation_rad);
}

// The moon's sky is the same on all sides, as its own azimuth is not the table's: it is seen at a right angle.
static void fill_row(Atmosphere *air, int row)
{
    const SunSky *lights = &air->next_lights;
    float v = (float)row / (ATMOSPHERE_SKY_HEIGHT - 1);
    float night = night_of(lights->sun_elevation_rad) * (1.5f - v), share = moon_share(lights),
          moon[3] = {0};
    if (share > 0.0f)
        sky_ray(air, v * v, 0.0f, lights->moon_elevation_rad, moon);
    for (int column = 0; column < ATMOSPHERE_SKY_WIDTH; column++) {
        float u = (float)column / (ATMOSPHERE_SKY_WIDTH - 1);
        float *out = air->next_sky[row][column];
        sky_ray(air, v * v, 1.0f - 2.0f * u * u, lights->sun_elevation_rad, out);
        for (int c = 0; c < 3; c++)
            out[c] += moon[c] * MOON_SKY * share + night * night_glow[c];
    }
}

// Dusk is no darker to the eye than its sky makes it look: ground gets more of the sky's light while the sun is near
// the horizon.
static float dusk_gain(float sun_rad)
{
    float away = (sun_rad - DUSK_RAD) / DUSK_WIDTH_RAD;
    return 1.0f + DUSK_GAIN * expf(-away * away);
}

// Irradiance of a level surface: radiance times cosine over the hemisphere, in the table's own coordinates.
static void sum_sky(Atmosphere *air)
{
    memset(air->sky_light, 0, sizeof air->sky_light);
    float total = 0.0f;
    for (int row = 0; row < ATMOSPHERE_SKY_HEIGHT; row++) {
        float v = ((float)row + 0.5f) / ATMOSPHERE_SKY_HEIGHT;
        for (int column = 0; column < ATMOSPHERE_SKY_WIDTH; column++) {
            float u = ((float)column + 0.5f) / ATMOSPHERE_SKY_WIDTH;
            // d(sine of elevation) = 2 v dv; azimuth = 2 asin(u).
            float weight = v * v * v / sqrtf(1.0f - u * u);
            for (int c = 0; c < 3; c++)
                air->sky_light[c] += air->sky[row][column][c] * weight;
            total += weight;
        }
    }
    for (int c = 0; c < 3; c++)
        air->sky_light[c] *= PI / total * dusk_gain(air->lights.sun_elevation_rad);
}

static float luma_of(const float rgb[3])
{
    return 0.2126f * rgb[0] + 0.7152f * rgb[1] + 0.0722f * rgb[2];
}

// Mean logarithm of what a picture shows: two thirds ground, the rest the sky's lower part.
static float log_average(const Atmosphere *air, float light_up)
{
    float sky = 0.0f;
    for (int row = 0; row < LOW_SKY_ROWS; row++) {
        for (int column = 0; column < ATMOSPHERE_SKY_WIDTH; column++)
            sky += logf(luma_of(air->sky[row][column]) + 1e-6f);
    }
    // Slopes that face a low sun are lit more than level ground.
    float up = fmaxf(light_up, 0.15f);
    float ground = (luma_of(air->sun_light) * up + luma_of(air->sky_light)) * PICTURE_ALBEDO / PI;
    return (2.0f * logf(ground + 1e-6f) + sky / (LOW_SKY_ROWS * ATMOSPHERE_SKY_WIDTH)) / 3.0f;
}

static void expose(Atmosphere *air, float light_up)
{
    air->exposure = EXPOSURE_KEY * expf(-EXPOSURE_POWER * log_average(air, light_up));
    air->exposure *= 1.0f + DUSK_EXPOSURE * (dusk_gain(air->lights.sun_elevation_rad) - 1.0f);
    for (int c = 0; c < 3; c++) {
        air->sun_light[c] *= air->exposure;
        air->sky_light[c] *= air->exposure;
        for (int layer = 0; layer < ATMOSPHERE_CLOUDS; layer++)
            air->cloud_light[layer][c] *= air->exposure;
    }
    float *sky = &air->sky[0][0][0];
    for (int i = 0; i < ATMOSPHERE_SKY_HEIGHT * ATMOSPHERE_SKY_WIDTH * 4; i++)
        sky[i] *= i % 4 == 3 ? 1.0f : air->exposure;
}

// Three single wavelengths make long paths too red: each colour of a screen is a wide band.
static void widen_bands(float rgb[3])
{
    rgb[1] += 0.12f * (rgb[0] - rgb[1]);
    rgb[2] += 0.04f * (rgb[0] - rgb[2]);
}

// High clouds keep the sun for a while after the ground has lost it.
static void light_clouds(Atmosphere *air)
{
    static const float heights_m[ATMOSPHERE_CLOUDS] = {ATMOSPHERE_HEAPS_M, ATMOSPHERE_VEILS_M};
    const SunSky *lights = &air->lights;
    float share = moon_share(lights);
    for (int layer = 0; layer < ATMOSPHERE_CLOUDS; layer++) {
        float *out = air->cloud_light[layer], moon[3];
        look_up(&air->transmittance[0][0][0], ATMOSPHERE_SUN_COLUMNS, heights_m[layer],
                sinf(lights->sun_elevation_rad), out);
        look_up(&air->transmittance[0][0][0], ATMOSPHERE_SUN_COLUMNS, heights_m[layer],
                sinf(lights->moon_elevation_rad), moon);
        widen_bands(out);
        for (int c = 0; c < 3; c++)
            out[c] += moon[c] * moon_tint[c] * share * MOON_SKY;
    }
}

static void show(Atmosphere *air)
{
    const SunSky *lights = &air->next_lights;
    air->lights = *lights;
    air->night = night_of(lights->sun_elevation_rad);
    for (int row = 0; row < ATMOSPHERE_SKY_HEIGHT; row++) {
        for (int column = 0; column < ATMOSPHERE_SKY_WIDTH; column++) {
            memcpy(air->sky[row][column], air->next_sky[row][column], 3 * sizeof(float));
            widen_bands(air->sky[row][column]);
            air->sky[row][column][3] = 1.0f;
        }
    }
    bool by_night = air->night > 0.0f;
    float light_up = sinf(by_night ? lights->moon_elevation_rad : lights->sun_elevation_rad);
    look_up(&air->transmittance[0][0][0], ATMOSPHERE_SUN_COLUMNS, EYE_M, light_up, air->sun_light);
    widen_bands(air->sun_light);
    for (int c = 0; c < 3 && by_night; c++)
        air->sun_light[c] *= moon_tint[c] * moon_share(lights);
    light_clouds(air);
    sum_sky(air);
    expose(air, light_up);
    assert(isfinite(air->exposure) && air->exposure > 0.0f);
}

void atmosphere_begin(Atmosphere *inout, const SunSky *lights, float haze_scale)
{
    assert(inout != NULL && isfinite(lights->sun_elevation_rad) &&
           isfinite(lights->moon_elevation_rad));
    float haze = fminf(fmaxf(haze_scale, 0.05f), 20.0f);
    if (inout->haze_scale != haze) {
        fill_transmittance(inout, haze);
        fill_multiple(inout, haze);
        inout->haze_scale = haze;
    }
    for (int c = 0; c < 3; c++)
        inout->rayleigh_per_m[c] = rayleigh_scatter[c];
    inout->mie_per_m = (MIE_SCATTER + MIE_ABSORB) * haze;
    inout->next_lights = *lights;
    inout->next_row = 0;
}

bool atmosphere_step(Atmosphere *inout, int rows)
{
    if (inout->next_row == ATMOSPHERE_SKY_HEIGHT)
        return false;
    int end = inout->next_row + rows < ATMOSPHERE_SKY_HEIGHT ? inout->next_row + rows
                                                             : ATMOSPHERE_SKY_HEIGHT;
    while (inout->next_row < end)
        fill_row(inout, inout->next_row++);
    if (end < ATMOSPHERE_SKY_HEIGHT)
        return false;
    show(inout);
    return true;
}

void atmosphere_update(Atmosphere *inout, const SunSky *lights, float haze_scale)
{
    atmosphere_begin(inout, lights, haze_scale);
    (void)atmosphere_step(inout, ATMOSPHERE_SKY_HEIGHT);
}
