// Land of the software tier: two fetches a pixel, for normal and albedo; shadow, air and trees come from the vertices.
// RINGS: beyond 2 km, where no grain is left to see. FRESH: there is fresh water in the tile, which is lit at the
// vertices; its shore is found for each pixel. WET: there is sea as well.
#include "frame.glsl"
#ifdef WET
#include "air.glsl"
#endif
#include "noise.glsl"
#include "output.glsl"
#include "ground.glsl"
#include "skyline.glsl"
#ifdef FRESH
#include "shore.glsl"
#endif
#ifdef WET
#include "water.glsl"
#endif

in vec4 v_maps;
in float v_mip;
in vec2 v_place;
flat in vec2 v_tile;
in vec4 v_reflect;
in vec3 v_haze;
in float v_over;
in float v_sun;
#ifndef RINGS
in float v_woods;
#endif
#ifdef FRESH
in vec4 v_lake;
in float v_thin_m;
#endif
#ifdef WET
in vec3 v_ray, v_through;
in float v_raw_m;
#endif

uniform sampler2DArray surface_map; // normal x and z, sky visibility
uniform sampler2DArray tint_map;    // sqrt of the albedo, width of fresh water
#ifdef FRESH
uniform sampler2DArray matter_map;

// The part of a pixel that fresh water covers, over light from a bed that the water soon hides.
vec3 lake_over(vec3 light, float width)
{
    float red = textureLod(matter_map, vec3(v_maps.zw, v_tile.x), v_mip).r;
    vec3 shore = fresh_shore(red, width, level_shape[int(v_tile.y)].w, v_thin_m);
    float shallow = clamp(1.0 - 0.08 * max(shore.z, 0.0), 0.0, 1.0);
    vec3 water = v_lake.rgb + light * (0.5 * shallow * shallow);
    return light + (water - light) * (clamp(0.5 + shore.x * v_lake.w, 0.0, 1.0) * shore.y);
}
#endif

// Texels are coarse, and snow ends where it ends: what it has more of than they say.
float snow_edge(float blue, float fine)
{
    float snow = clamp(1.7 * blue - 0.55, 0.0, 1.0); // nothing else is so blue
    float torn = max(fine, -0.6);
    return 0.5 * (clamp((3.0 + 1.6 * torn) * snow - 1.0 - 0.4 * torn, 0.0, 1.0) - snow);
}

void main()
{
    // The mesh of this tier is no finer than these texels: the mip only follows the morph.
    vec3 maps = textureLod(surface_map, vec3(v_maps.xy, v_tile.x), v_mip).rgb;
    vec2 side = maps.rg * 2.0 - 1.0;
    vec3 normal = vec3(side.x, sqrt(max(1.0 - dot(side, side), 0.0)), side.y);
    vec4 root = textureLod(tint_map, vec3(v_maps.zw, v_tile.x), v_mip);
    vec3 albedo = root.rgb * root.rgb;
#ifdef RINGS
    const float fine = 0.0;
#else
    float fine = grain_lean(v_place, 1.0 / gl_FragCoord.w);
#endif
    albedo += snow_edge(albedo.b, fine);
    vec3 reflected = tinted(albedo, v_reflect.w) * v_reflect.rgb;
#ifndef RINGS
    // The brighter, the smoother: sand, and snow.
    fine *= max(1.15 - 2.5 * albedo.r, 0.25);
    // Either open or trees: the vertices only say how much of each.
    reflected *= (1.0 + 0.48 * fine) * (1.0 - 0.5 * clamp(v_woods - 2.4 * fine, 0.0, 1.0));
#endif
    float sun = sun_share(v_over) * v_sun;
    vec3 light = reflected * lean_light(normal, maps.b, sun);
#ifdef FRESH
    light = lake_over(light, root.a);
#endif
#ifdef WET
    if (v_raw_m < 0.0) {
        float distance_m = length(v_ray);
        vec3 floor_albedo = reflected * 3.1415927 / max(v_through, 0.02);
        light = water_light(floor_albedo, -v_raw_m, v_ray / distance_m, v_place, distance_m, vec2(0.0), sun) * v_through;
    }
#endif
    put(light + v_haze, 1.0);
}
