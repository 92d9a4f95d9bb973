// Land of the software tier: one fetch a pixel, for the normal; the rest comes from the vertices.
// RINGS: beyond 2 km, where no grain is left to see.
#include "frame.glsl"
#include "noise.glsl"
#include "output.glsl"
#include "ground.glsl"
#include "skyline.glsl"

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
    put(reflected * lean_light(normal, maps.b, sun_share(v_over) * v_sun) + v_haze, 1.0);
}
