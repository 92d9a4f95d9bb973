// The whole sky of a software frame, for a small picture of it, with the tone curve already; alpha: how much of the
// lights shows through the clouds.
#include "frame.glsl"
#include "air.glsl"
#include "clouds.glsl"
#include "sky_rows.glsl"
#include "output.glsl"

in vec2 v_small;

void main()
{
    float height = height_of_row(v_small.y);
    vec3 ray = normalize(ray_forward.xyz + ray_right.xyz * v_small.x + ray_up.xyz * height);
    vec3 light = sky_at(ray);
    vec4 veils = veils_seen(ray);
    veils.a *= cloud_shape.w;
    light += (veils.rgb - light) * veils.a;
    vec4 heaps = heaps_seen(ray, 1e9);
    heaps.a *= cloud_shape.w;
    light += (heaps.rgb - light) * heaps.a;
    put_smooth(light, (1.0 - veils.a) * (1.0 - heaps.a));
}
