// The heaps of a software frame from above: one plain fetch, as flat as they get.

// Place on the map times the third, which is 0 at the horizon: affine in the ray, so that it can be blended between
// vertices.
vec3 heaps_where(vec3 ray)
{
    float above_m = eye.y - cloud_light[0].w;
    return vec3(ray.xz * (above_m / HEAPS_TILE) - heaps_place(eye.xz) * ray.y, -ray.y);
}

// x: 0 where one heap cannot be told from another any more; y: how much is hidden at most.
vec2 heaps_near(vec3 ray)
{
    float above_m = eye.y - cloud_light[0].w;
    float distance_m = above_m * length(ray) / max(-ray.y, 1e-3);
    float part = clamp(1.25 - 1.25 * distance_m / CLOUD_FAR_M, 0.0, 1.0);
    return vec2(clamp(1.5 - distance_m / 16000.0, 0.0, 1.0), part * part * clamp(above_m * 0.005, 0.0, 1.0));
}

// Colour, and how much of what lies behind is hidden.
vec4 heaps_lean(vec3 where, vec2 near)
{
    vec4 map = textureLod(cloud_map, where.xy / max(where.z, 1e-6), 0.0);
    float shade = dot(map.gb - 0.50196, sun_direction.xz) * 2.6 + 0.7;
    float hides = cloud_shape.z + (clamp(heaps_thick(map.r) * 4.0, 0.0, 1.0) - cloud_shape.z) * near.x;
    return vec4(cloud_dark.rgb + cloud_light[0].rgb * max(shade, 0.15), hides * near.y);
}
