// The heaps of a software frame: one plain fetch a pixel, as flat as they get; the rest is blended between the corners
// of the sky's grid.
in vec3 v_heaps; // place on the map times the third, which is 0 at the horizon
in vec2 v_near;  // 0: too far for pixels to tell one heap from another; how much is hidden at most

// Colour, and how much of what lies behind is hidden.
vec4 heaps_lean()
{
    vec4 map = textureLod(cloud_map, v_heaps.xy / max(v_heaps.z, 1e-6), 0.0);
    float thick = (map.r - cloud_shape.x) * cloud_shear.z;
    float shade = dot(map.gb - 0.50196, sun_direction.xz) * 2.6 + 0.7;
    float open = max(1.0 - max(thick, 0.0) * cloud_shear.w, 0.3);
    float hides = cloud_shape.z + (clamp(thick * 7.0, 0.0, 1.0) - cloud_shape.z) * v_near.x;
    return vec4(cloud_dark.rgb + cloud_light[0].rgb * (max(shade, 0.15) * open), hides * v_near.y);
}
