#include "frame.glsl"
#include "air.glsl"
#ifdef OVER
#include "clip.glsl"
#endif
#if TIER == 0
#include "clouds.glsl"
out vec3 v_heaps; // as in clouds_lean.glsl
out vec2 v_near;
#endif

// The sky is smooth: at the lower tiers it is looked up at the corners of a grid and blended between them.
#if TIER < 2 && !defined OVER
out vec3 v_light;
#endif
out vec3 v_ray;

#if TIER == 0
// The place is affine in the ray, so that pixels find theirs by one division.
void lean_clouds(vec3 ray)
{
    float above_m = cloud_light[0].w - eye.y;
    float rise = above_m > 0.0 ? ray.y : -ray.y;
    v_heaps = vec3(heaps_place(eye.xz) * rise + ray.xz * (abs(above_m) / HEAPS_TILE), rise);
    float distance_m = abs(above_m) * length(ray) / max(rise, 1e-3);
    float part = clamp(1.25 - 1.25 * distance_m / CLOUD_FAR_M, 0.0, 1.0);
    v_near.x = clamp(1.5 - distance_m / 16000.0, 0.0, 1.0);
    v_near.y = part * part * clamp(abs(above_m) * 0.005, 0.0, 1.0) * cloud_shape.w;
}
#endif

// SKY_COLUMNS x SKY_ROWS quads over the picture, at the far end of the depth range.
// OVER: the heaps as seen from above, as deep as their base lies.
void main()
{
    int quad = gl_VertexID / 6, corner = gl_VertexID % 6;
    int across = quad % SKY_COLUMNS + int(corner == 1 || corner == 2 || corner == 4);
    int up = quad / SKY_COLUMNS + int(corner == 2 || corner == 4 || corner == 5);
    vec2 ndc = vec2(across, up) * (2.0 / vec2(SKY_COLUMNS, SKY_ROWS)) - 1.0;
    v_ray = ray_forward.xyz + ray_right.xyz * ndc.x + ray_up.xyz * ndc.y;
#if TIER < 2 && !defined OVER
    v_light = sky_at(normalize(v_ray));
#endif
#if TIER == 0
    lean_clouds(v_ray);
#ifndef OVER
    vec4 veils = veils_seen(normalize(v_ray));
    v_light += (veils.rgb - v_light) * (veils.a * cloud_shape.w);
#endif
#endif
    gl_Position = vec4(ndc, CLIP_CONTROL == 1 ? 0.0 : -1.0, 1.0);
#ifdef OVER
    vec4 base = to_clip(v_ray * ((cloud_light[0].w - eye.y) / min(v_ray.y, -0.01)));
    gl_Position.z = base.z / base.w;
#endif
}
