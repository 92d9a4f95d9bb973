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
uniform sampler2D scene_map; // the small picture: finished colours; w: how much of the lights shows
#elif TIER == 1
in vec3 v_light;
#endif

void main()
{
#if TIER == 0
    vec4 small = textureLod(scene_map, vec2(v_small.x, row_of(v_small.y)), 0.0);
    vec3 sky = small.rgb;
#ifdef LIGHTS
    vec3 lights = lights_at(normalize(v_ray)) * small.a;
#if TONE_IN_SHADER
    // Near enough to adding light before the tone curve: what is bright gains little.
    sky = 1.0 - (1.0 - sky) / (1.0 + (1.0 - sky) * lights * 5.9);
#else
    sky += lights;
#endif
#endif
    out_colour = vec4(sky, 0.0);
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
