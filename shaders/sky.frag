// SUN: the disc is in the picture.
#include "frame.glsl"
#include "air.glsl"
#include "output.glsl"

in vec3 v_ray;
#if TIER < 2
in vec3 v_light;
#endif

void main()
{
#if TIER < 2
    vec3 light = v_light;
#else
    vec3 light = sky_at(normalize(v_ray));
#endif
#ifdef SUN
    vec3 ray = normalize(v_ray);
    float edge = 1.0 - sun_direction.w;
    float disc = (dot(ray, sun_direction.xyz) - sun_direction.w) / (edge * 0.35) + 0.5;
    light += sun_light.rgb * 40.0 * clamp(disc, 0.0, 1.0) * step(0.0, ray.y);
#endif
    put_smooth(light, 0.0);
}
