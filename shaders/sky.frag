#include "frame.glsl"
#include "air.glsl"
#include "output.glsl"

in vec2 v_ndc;

void main()
{
    vec3 ray = normalize(ray_forward.xyz + ray_right.xyz * v_ndc.x + ray_up.xyz * v_ndc.y);
    vec3 light = sky_at(ray);
    float sun = dot(ray, sun_direction.xyz);
    float edge = 1.0 - sun_direction.w;
    light += sun_light.rgb * 40.0 * clamp((sun - sun_direction.w) / (edge * 0.35) + 0.5, 0.0, 1.0) *
             step(0.0, ray.y);
    put(light, 0.0);
}
