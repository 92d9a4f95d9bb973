#include "frame.glsl"
#include "air.glsl"

// The sky is smooth: at the lower tiers it is looked up at the corners of a grid and blended between them.
#if TIER < 2
out vec3 v_light;
#endif
out vec3 v_ray;

// SKY_COLUMNS x SKY_ROWS quads over the picture, at the far end of the depth range.
void main()
{
    int quad = gl_VertexID / 6, corner = gl_VertexID % 6;
    int across = quad % SKY_COLUMNS + int(corner == 1 || corner == 2 || corner == 4);
    int up = quad / SKY_COLUMNS + int(corner == 2 || corner == 4 || corner == 5);
    vec2 ndc = vec2(across, up) * (2.0 / vec2(SKY_COLUMNS, SKY_ROWS)) - 1.0;
    v_ray = ray_forward.xyz + ray_right.xyz * ndc.x + ray_up.xyz * ndc.y;
#if TIER < 2
    v_light = sky_at(normalize(v_ray));
#endif
    gl_Position = vec4(ndc, CLIP_CONTROL == 1 ? 0.0 : -1.0, 1.0);
}
