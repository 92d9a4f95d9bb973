// Land of the software tier: one fetch a pixel, for the normal; the rest comes from the vertices.
// RINGS: beyond 2 km, where no grain is left to see and lakes are lit at the vertices. WET: there is water in the tile.
#include "frame.glsl"
#ifdef WET
#include "air.glsl"
#endif
#include "noise.glsl"
#include "output.glsl"
#include "ground.glsl"
#include "skyline.glsl"
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
#ifdef RINGS
in vec4 v_lake;
#else
in float v_woods;
#endif
#ifdef WET
in vec3 v_ray, v_through;
in float v_raw_m, v_shore_m;
#endif

uniform sampler2DArray surface_map; // normal x and z, sky visibility

void main()
{
    // The mesh of this tier is no finer than these texels: the mip only follows the morph.
    vec3 maps = textureLod(surface_map, vec3(v_maps.xy, v_tile.x), v_mip).rgb;
    vec2 side = maps.rg * 2.0 - 1.0;
    vec3 normal = vec3(side.x, sqrt(max(1.0 - dot(side, side), 0.0)), side.y);
    vec3 reflected = v_reflect.rgb;
#ifndef RINGS
    float fine = grain_lean(v_place, 1.0 / gl_FragCoord.w);
    // Either open or trees: the vertices only say how much of each.
    reflected *= (v_reflect.w + 0.45 * fine) * (1.0 - 0.5 * clamp(v_woods - 2.4 * fine, 0.0, 1.0));
#endif
    float sun = sun_share(v_over) * v_sun;
    vec3 light = reflected * lean_light(normal, maps.b, sun);
#ifdef WET
    float distance_m = length(v_ray);
    vec3 ray = v_ray / distance_m;
    float covered = water_cover(v_raw_m, v_shore_m, ray, distance_m);
    if (covered > 0.0) {
        vec3 floor_albedo = reflected * 3.1415927 / max(v_through, 0.02);
        float fresh = v_raw_m < 0.0 ? 0.0 : 1.0;
        float deep_m = water_deep(v_raw_m, v_shore_m);
        vec3 water = water_light(floor_albedo, deep_m, ray, v_place, distance_m, fresh, sun);
        light = mix(light, water * v_through, covered);
    }
#endif
#ifdef RINGS
    light += (v_lake.rgb - light) * clamp(v_lake.w, 0.0, 1.0);
#endif
    put(light + v_haze, 1.0);
}
