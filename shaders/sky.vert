// SKY_COLUMNS x SKY_ROWS quads over the picture, at the far end of the depth range.
// OVER: the heaps as seen from above, as deep as their base lies.
#include "frame.glsl"
#include "air.glsl"
#ifdef OVER
#include "clip.glsl"
#endif
#if TIER == 0 && defined OVER
#include "clouds.glsl"
#include "clouds_lean.glsl"
out vec3 v_where;
out vec2 v_near;
#elif TIER == 0
#include "sky_rows.glsl"
out vec2 v_small; // in the small picture; y: as row_squared() has it
#endif

out vec3 v_ray;
#if TIER == 1 && !defined OVER
out vec3 v_light; // the sky is smooth: looked up at the corners and blended between them
#endif

void main()
{
    int quad = gl_VertexID / 6, corner = gl_VertexID % 6;
    int across = quad % SKY_COLUMNS + int(corner == 1 || corner == 2 || corner == 4);
    int up = quad / SKY_COLUMNS + int(corner == 2 || corner == 4 || corner == 5);
    vec2 ndc = vec2(across, up) * (2.0 / vec2(SKY_COLUMNS, SKY_ROWS)) - 1.0;
    v_ray = ray_forward.xyz + ray_right.xyz * ndc.x + ray_up.xyz * ndc.y;
#if TIER == 1 && !defined OVER
    v_light = sky_at(normalize(v_ray));
#endif
#if TIER == 0 && defined OVER
    v_where = heaps_where(v_ray);
    v_near = heaps_near(v_ray);
#elif TIER == 0
    v_small = vec2(ndc.x * 0.5 + 0.5, row_squared(ndc.y));
#endif
    gl_Position = vec4(ndc, CLIP_CONTROL == 1 ? 0.0 : -1.0, 1.0);
#ifdef OVER
    vec4 base = to_clip(v_ray * ((cloud_light[0].w - eye.y) / min(v_ray.y, -0.01)));
    gl_Position.z = base.z / base.w;
#endif
}
