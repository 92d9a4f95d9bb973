// The sky where no ground stands before it. LIGHTS: sun or moon may be in the picture, or stars are out.
// A software frame has it ready from sky_small.frag.
#include "frame.glsl"
#include "air.glsl"
#include "noise.glsl"
#include "clouds.glsl"
#include "lights.glsl"
#include "output.glsl"
#include "sky_rows.glsl"

in vec3 v_ray;
#if TIER == 0
in vec2 v_small;
uniform sampler2D scene_map; // what the small picture holds; w: how much of the lights shows
#elif TIER == 1
in vec3 v_light;
#endif

void main()
{
#if TIER == 0
    vec4 small = textureLod(scene_map, vec2(v_small.x, row_of(v_small.y)), 0.0);
#ifdef LIGHTS
    put_smooth(small.rgb + lights_at(normalize(v_ray)) * small.a, 0.0);
#else
    put_finished(small.rgb, 0.0);
#endif
#else
    vec3 ray = normalize(v_ray);
#if TIER == 1
    vec3 sky = v_light;
#else
    vec3 sky = sky_at(ray);
#endif
    vec3 light = sky;
#ifdef LIGHTS
    light += lights_at(ray);
#endif
    if (cloud_shape.w > 0.0)
        light = clouds_over(light, sky, ray);
    put_smooth(light, 0.0);
#endif
}
