// The heaps of a software frame: one plain fetch, as flat as they get.

// Place on the map times the third, which is 0 at the horizon: affine in the ray, so that it can be blended between
// vertices.
vec3 heaps_where(vec3 ray)
{
    float above_m = cloud_light[0].w - eye.y;
    float rise = above_m > 0.0 ? ray.y : -ray.y;
    return vec3(heaps_place(eye.xz) * rise + ray.xz * (abs(above_m) / HEAPS_TILE), rise);
}

// x: 0 where one heap cannot be told from another any more; y: how much is hidden at most.
vec2 heaps_near(vec3 ray)
{
    float above_m = cloud_light[0].w - eye.y;
    float distance_m = abs(above_m) * length(ray) / max(above_m > 0.0 ? ray.y : -ray.y, 1e-3);
    float part = clamp(1.25 - 1.25 * distance_m / CLOUD_FAR_M, 0.0, 1.0);
    return vec2(clamp(1.5 - distance_m / 16000.0, 0.0, 1.0),
                part * part * clamp(abs(above_m) * 0.005, 0.0, 1.0) * cloud_shape.w);
}

// Colour, and how much of what lies behind is hidden.
vec4 heaps_lean(vec3 where, vec2 near)
{
    vec4 map = textureLod(cloud_map, where.xy / max(where.z, 1e-6), 0.0);
    float thick = (map.r - cloud_shape.x) * cloud_shear.z;
    float shade = dot(map.gb - 0.50196, sun_direction.xz) * 2.6 + 0.7;
    float open = max(1.0 - max(thick, 0.0) * cloud_shear.w, 0.3);
    float hides = cloud_shape.z + (clamp(thick * 7.0, 0.0, 1.0) - cloud_shape.z) * near.x;
    return vec4(cloud_dark.rgb + cloud_light[0].rgb * (max(shade, 0.15) * open), hides * near.y);
}
