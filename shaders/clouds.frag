// The heaps from above, over finished ground, for tiers whose vertices lie too far apart to carry them.
#include "frame.glsl"
#include "air.glsl"
#include "clouds.glsl"
#include "output.glsl"
#if TIER == 0
#include "clouds_lean.glsl"
#endif

in vec3 v_ray;
#if TIER == 0
in vec3 v_where;
in vec2 v_near;
#endif

void main()
{
#if TIER == 0
    vec4 heaps = heaps_lean(v_where, v_near);
#else
    vec4 heaps = heaps_seen(normalize(v_ray), 1e9);
#endif
    put(heaps.rgb, heaps.a);
}
