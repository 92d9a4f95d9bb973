// Sea, lakes and rivers: what lies under it, what it mirrors, and the sun's path on it.

#include "shore.glsl"

const float WAVE_STEEP = 0.033; // slope of a middling train

// Part of a pixel that water covers: the sea where the ground is below it, fresh water from its shore on; `shore`: as
// fresh_shore has it.
float water_cover(float raw_m, vec2 shore, vec3 ray, float distance_m)
{
    float edge_m = distance_m * depth.z / max(-ray.y, 0.05) + 0.05; // a pixel, seen on the water
    return raw_m < 0.0 ? 1.0 : clamp(0.5 + shore.x / edge_m, 0.0, 1.0) * shore.y;
}

// Beds of fresh water fall away evenly from their shores.
float water_deep(float raw_m, float shore_m)
{
    return max(max(-raw_m, 0.16 * shore_m), 0.0);
}

// A parabola for the cosine of turns: nobody sees the difference in a wave.
vec2 swing_of(vec2 turns)
{
    vec2 t = abs(fract(turns) - 0.5) * 4.0 - 1.0;
    return t * (2.0 - abs(t));
}

// Slope of the waves east and south; each train ends where a pixel spans more than a third of it. `footprint_m`: what a
// pixel covers along the ray. `calm`: part of the sea's waves. z: variance of the slope that is too fine to see, which
// widens the glitter.
vec3 wave_slope(vec2 place_m, float footprint_m, float calm)
{
    // Trains alone would make one pattern everywhere: gusts and the waves' own groups raise each in other places. To
    // bend them much would draw swirls as in marble.
    vec2 wide = noise_pair(place_m * (1.0 / 256.0), NOISE_PERIOD / 256 - 1);
    float close = noise_turned(place_m, 7) * clamp(1.5 - footprint_m * (3.0 / 25.6), 0.0, 1.0);
    wide *= clamp(1.5 - footprint_m * (3.0 / 256.0), 0.0, 1.0);
    vec2 gust = calm * WAVE_STEEP * clamp(1.0 + 2.0 * wide.yx + vec2(-2.6, 2.6) * close, 0.0, 2.4);
    vec2 bend = 0.8 * wide.yx + vec2(-0.7, 0.7) * close;
    vec2 slope = vec2(0.0), unseen = vec2(0.0);
    // Two trains at a time; the long ones are the flatter, or one would see nothing but them.
    for (int i = 0; i < WAVES; i += 2) {
        vec4 a = waves[i], b = waves[i + 1];
        vec2 seen = clamp(1.4 - (3.6 * footprint_m) * vec2(a.w, b.w), 0.0, 1.0);
        vec2 steep = (0.6 + 0.18 * float(i)) * gust;
        vec2 phase = vec2(dot(place_m, a.xy) * a.w + a.z, dot(place_m, b.xy) * b.w + b.z);
        vec2 swing = swing_of(phase + bend) * steep * seen;
        slope += a.xy * swing.x + b.xy * swing.y;
        unseen += (1.0 - seen * seen) * steep * steep;
        gust = gust.yx;
    }
    return vec3(slope, 0.0035 + 0.5 * (unseen.x + unseen.y));
}

// Facets too small to see that mirror the sun, in dashes a few pixels wide, each of which flashes as waves pass. About 1
// on average.
float sparkle(vec2 place_m, float distance_m)
{
    float level = log2(max(distance_m * depth.z * 3.5, 0.5));
    float whole = floor(level);
    int k = int(whole); // cells of 2^k metres, from half a metre up
    float cells = k < 0 ? 2.0 : 1.0 / float(1 << k);
    int mask = (k < 0 ? 2 * NOISE_PERIOD : NOISE_PERIOD >> k) - 1;
    vec2 facet = noise_pair(place_m * cells, mask);
#if TIER > 0
    facet = mix(facet, noise_pair(place_m * (0.5 * cells), mask >> 1), level - whole);
#endif
    vec2 flash = swing_of(1.7 * facet + vec2(waves[1].z, waves[3].z));
    float bright = max(0.5 * (flash.x + flash.y), 0.0);
    return 0.5 + 3.7 * bright * bright;
}

// `floor_albedo`: of the bed; `deep_m`: depth under the surface; `ray`: unit vector from the eye; `kind`: x: 1 for
// lakes and rivers, which are calmer and less clear, 0 for the sea; y: sine of how high land stands about fresh water;
// `sun_share`: of the sun that reaches the water.
vec3 water_light(vec3 floor_albedo, float deep_m, vec3 ray, vec2 place_m, float distance_m, vec2 kind, float sun_share)
{
    float fresh = kind.x;
    float footprint_m = distance_m * depth.z / max(-ray.y, 0.01);
    vec3 wave = wave_slope(place_m, footprint_m, 1.0 - 0.75 * fresh);
    wave.z += 0.001 * fresh; // ripples, finer than these waves
    vec3 normal = normalize(vec3(-wave.x, 1.0, -wave.y));
    float facing = max(-dot(ray, normal), 0.02);
    float miss = 1.0 - facing;
    float miss2 = miss * miss;
    // Rough water mirrors less than flat water at grazing angles.
    float mirror = 0.02 + 0.98 * miss2 * miss2 * miss / (1.0 + 26.0 * sqrt(wave.z) * miss2);
    vec3 extinction = mix(vec3(0.45, 0.09, 0.06), vec3(0.75, 0.36, 0.42), fresh);
    vec3 kept = exp(-extinction * (deep_m * (1.0 + 0.6 / (facing + 0.35))));
    float sun_high = max(sun_direction.y, 0.0) * sun_share;
    vec3 light = (sun_light.rgb * sun_high + sky_light.rgb) * 0.31830989;
    vec3 scatter = mix(vec3(0.006, 0.026, 0.034), vec3(0.010, 0.027, 0.024), fresh); // albedo of deep water
    vec3 inside = light * (floor_albedo * kept + scatter * (1.0 - kept));

    vec3 back = reflect(ray, normal);
    back.y = abs(back.y) + 0.35 * sqrt(wave.z);
    back = normalize(back);
    vec3 above = sky_at(back);
    vec3 land = (0.25 * sun_light.rgb + sky_light.rgb) * 0.04; // dark land, a quarter of it in the sun
    above += (land - above) * (fresh * clamp((1.3 * kind.y - 0.1 - back.y) * 3.0, 0.0, 0.5));
    vec3 middle = normalize(sun_direction.xyz - ray);
    float glint = water_glint(dot(middle, normal), wave.z, mirror);
    // The larger a pixel, the more facets it holds and the less it differs; those of fresh water are finer still.
    float many = 1.0 + 0.1 * footprint_m * distance_m * depth.z;
    float apart = clamp(0.6 * footprint_m - 0.3, 0.0, 1.0) * (1.0 - fresh) / many;
    if (glint * apart > 0.004) {
        float flash = 1.0 + apart * (sparkle(place_m, distance_m) - 1.0);
        glint *= flash / (1.0 + glint * (flash - 1.0) * (1.0 / GLINT_MOST)); // white has no flecks
    }
    glint *= sun_share * (1.0 - 0.7 * fresh);
    // Foam and breaking ripples along the shore.
    float ripple = noise_turned(place_m + abs(waves[0].z + 0.5) * 6.0, 12) + 0.5; // to and fro
    float foam = clamp(1.0 - deep_m / (0.25 + 0.9 * ripple), 0.0, 1.0) * clamp(2.0 - distance_m / 900.0, 0.0, 1.0);
    foam *= 0.45 * (1.0 - fresh);
    return inside * (1.0 - mirror) + above * mirror + sun_light.rgb * glint + light * foam;
}
