// The debug views: level tint, normals, and the crack probe, whose back faces are red.
#include "frame.glsl"
#include "output.glsl"

in vec4 v_maps;
flat in vec2 v_tile;

uniform sampler2DArray surface_map;

const int MODE_LOD_TINT = 1;

vec3 level_colour(int level)
{
    vec3 hue = vec3(0.9, 0.25, 0.1);
    hue = (level & 3) == 1 ? vec3(0.85, 0.75, 0.1) : hue;
    hue = (level & 3) == 2 ? vec3(0.15, 0.7, 0.2) : hue;
    hue = (level & 3) == 3 ? vec3(0.15, 0.4, 0.9) : hue;
    return level < 4 ? hue : 0.35 + 0.4 * hue;
}

void main()
{
    if (mode.y != 0) {
        // Neither colour can be taken for the magenta of a crack.
        out_colour = gl_FrontFacing ? vec4(0.0, 1.0, 0.0, 1.0) : vec4(1.0, 0.0, 0.0, 1.0);
        return;
    }
    vec4 surface = texture(surface_map, vec3(v_maps.xy, v_tile.x));
    vec2 side = surface.rg * 2.0 - 1.0;
    vec3 normal = vec3(side.x, sqrt(max(1.0 - dot(side, side), 0.0)), side.y);
    if (mode.x == MODE_LOD_TINT) {
        float shade = 0.25 + 0.75 * max(dot(normal, sun_direction.xyz), 0.0);
        put(level_colour(int(v_tile.y)) * shade * 0.4, 1.0);
    } else {
        out_colour = vec4(0.5 + 0.5 * normal.xzy, 1.0);
    }
}
