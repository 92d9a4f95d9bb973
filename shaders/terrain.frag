// WET: the tile has fresh water, or reaches below sea level.
#include "frame.glsl"
#include "air.glsl"
#include "noise.glsl"
#include "output.glsl"
#include "ground.glsl"
#include "skyline.glsl"
#include "clouds.glsl"
#if TIER > 0
#include "squares.glsl"
#include "slopes.glsl"
#include "material.glsl"
#endif
#ifdef WET
#include "water.glsl"
#endif

in vec4 v_maps;
in float v_mip;
in vec3 v_ray;
in vec2 v_place;
in float v_raw_m;
#ifdef WET
in float v_thin_m;
#endif
flat in vec2 v_tile;
#if TIER == 0
in float v_over;
#else
in vec2 v_skyline;
flat in float v_tint_per_m;
#endif
#if TIER < 2
in vec3 v_through;
in vec3 v_haze;
#endif

uniform sampler2DArray surface_map; // normal x and z, sky visibility
uniform sampler2DArray tint_map;    // sqrt of the albedo, width of fresh water
#if TIER > 0 || defined WET
uniform sampler2DArray matter_map; // fresh water, shares of stone, woods, snow
#endif

// The mip that a pixel asks for, but no finer than the morph: a coarser level's map takes over without a jump.
float map_lod(vec2 texel)
{
    vec2 across = dFdx(texel), down = dFdy(texel);
    return max(0.5 * log2(max(max(dot(across, across), dot(down, down)), 1e-8)), v_mip);
}

#if TIER > 0
// Cosine of the slope where squares begin to hang.
#define CLIFF 0.86
#define NEAR_END_M 600.0

Place place_here(vec3 normal, vec3 ray, float distance_m)
{
    vec3 at = vec3(v_place.x, v_raw_m, v_place.y);
    float seen_m = distance_m * inversesqrt(max(-dot(normal, ray), 0.25));
    vec3 laid = at;
#if TIER == 1
    if (distance_m < NEAR_END_M)
        laid += 6.0 * vec2(noise_turned(at.xz, 7), noise_turned(at.zx + 37.0, 7)).xyy;
#endif
    float near = 1.0 - smoothstep(250.0, NEAR_END_M, distance_m), far = 1.0 - smoothstep(300.0, 1400.0, distance_m);
    float wall = clamp((CLIFF - normal.y) * 8.0, 0.0, 1.0);
    return Place(at, laid, dFdx(at), dFdy(at), normal, ray, distance_m, seen_m, near, far,
                 0.25 + 0.5 * clamp(distance_m * 0.01, 0.0, 1.0), wall);
}
#endif

void main()
{
    float distance_m = length(v_ray);
    vec3 ray = v_ray / max(distance_m, 1.0);
    vec4 maps = textureLod(surface_map, vec3(v_maps.xy, v_tile.x), map_lod(v_maps.xy * vec2(textureSize(surface_map, 0).xy)));
    float thin_mip = map_lod(v_maps.zw * vec2(textureSize(tint_map, 0).xy));
    vec2 side = maps.rg * 2.0 - 1.0;
    vec3 normal = vec3(side.x, sqrt(max(1.0 - dot(side, side), 0.0)), side.y);
    float slow = grain_slow(v_place, distance_m);
#if TIER > 0
    Place here = place_here(normal, ray, distance_m);
    vec3 torn = stray(v_place, distance_m);
    vec3 at = vec3(v_maps.zw + torn.xy * v_tint_per_m, v_tile.x);
    vec4 root = textureLod(tint_map, at, thin_mip);
    vec4 matter = textureLod(matter_map, at, thin_mip);
    vec2 laid = bare_of(matter);
    Crag crag = crag_at(here);
    if (crag.there > 0.0) {
        float wide_mip = log2(24.0 * v_tint_per_m * float(textureSize(matter_map, 0).x));
        laid = crag_bare(crag, laid, bare_of(textureLod(matter_map, at, max(wide_mip, thin_mip))));
    }
    Ground ground = ground_material(root.rgb * root.rgb, matter, laid, here, crag, torn.z, slow);
    float grain = 0.6 * slow + 0.4 * grain_fine(v_place, distance_m) + 0.5 * torn.z;
    grain *= (1.0 - 0.7 * blown(root.rgb * root.rgb)) * (1.0 - 0.7 * ground.crowns);
    vec3 albedo = tinted(root.rgb * root.rgb, slow) * ground.tone * (1.0 + 0.35 * grain);
    float sky_visibility = maps.b * ground.open;
    // What turns away from the eye hides behind what does not: before the sun crowns show their dark sides.
    normal = normalize(ground.normal - ray * max(dot(ground.normal, ray), 0.0));
#else
    vec4 root = textureLod(tint_map, vec3(v_maps.zw, v_tile.x), thin_mip);
    float grain = 0.6 * slow + 0.9 * grain_fine(v_place, distance_m);
    // Bare ground is the rougher one.
    float rocky = clamp((1.0 - normal.y) * 5.0 - 1.2 + grain * 0.5, 0.0, 1.0);
    vec3 albedo = tinted(root.rgb * root.rgb, slow) * (1.0 + grain * (0.42 + 0.45 * rocky));
    float sky_visibility = maps.b;
#endif
#ifdef WET
    // The shore is wet up to a line that the grain makes ragged.
    float red = textureLod(matter_map, vec3(v_maps.zw, v_tile.x), v_mip).r;
    vec3 shore = fresh_shore(red, root.a, level_shape[int(v_tile.y)].w, v_thin_m);
    float rough = min(grain, 1.9); // the sea wets nothing above DRAW_SHORE_M
    float wet = clamp(max((1.1 + rough - v_raw_m) * 1.5, (1.0 + shore.x * 0.4 + rough) * shore.y), 0.0, 1.0);
    albedo *= 1.0 - 0.45 * wet;
#endif
#if TIER == 0
    float over = v_over;
#else
    float over = sun_over(v_skyline, v_tile.x, map_lod(v_skyline * vec2(textureSize(skyline_east_map, 0).xy)));
#endif
    float sun = sun_share(over) * cloud_shadow(v_ray + eye.xyz);
#if TIER > 0
    vec3 light = ground_light(albedo, normal, sky_visibility, sun * ground.sun);
#else
    vec3 light = ground_light(albedo, normal, sky_visibility, sun);
#endif
#ifdef WET
    float covered = water_cover(v_raw_m, shore.xy, ray, distance_m);
    if (covered > 0.0) {
        vec2 kind = vec2(v_raw_m < 0.0 ? 0.0 : 1.0, sqrt(max(1.0 - maps.b, 0.0)));
        float deep_m = water_deep(v_raw_m, shore.z);
        vec3 water = water_light(albedo, deep_m, ray, v_place, distance_m, kind, sun);
        light = mix(light, water, covered);
    }
#endif
#if TIER < 2
    light = light * v_through + v_haze;
#else
    vec3 through = depth.w > 0.0 ? air_through(distance_m, v_ray.y) : vec3(1.0);
    light = light * through + haze_at(ray, distance_m) * (1.0 - through);
    if (heaps_between(v_ray.y))
        light = heaps_over(light, sky_at(ray), ray, distance_m);
#endif
    put(light, 1.0);
}
