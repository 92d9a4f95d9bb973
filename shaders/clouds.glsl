// Two flat layers of clouds, fixed to the world: heaps below, thin veils high above them. Both are pictures of one map.
uniform sampler2D cloud_map; // rank of the heaps' thickness; its fall towards +x and +z; rank of the veils' thickness

const float CLOUD_FAR_M = 60000.0; // clouds have faded into the haze by here

vec2 heaps_place(vec2 at)
{
    return at * (1.0 / HEAPS_TILE) + cloud_place.xy;
}

// Mip for a layer `distance_m` away, seen at a slant: between what the pixel's long side asks for and its short one.
float cloud_lod(float texel_m, float distance_m, float up)
{
    float pixel_m = distance_m * depth.z;
    return log2(pixel_m * inversesqrt(max(abs(up), 0.02)) / texel_m);
}

// Share of the light from sun or moon that the heaps let through. `at`: from the anchor, height above the sea.
float cloud_shadow(vec3 at)
{
    float above_m = max(cloud_light[0].w - at.y, 0.0);
    vec2 place = heaps_place(at.xz + cloud_shear.xy * above_m);
    float thick = textureLod(cloud_map, place, TIER == 0 ? 0.0 : 1.0).r - cloud_shape.x;
    return 1.0 - clamp(thick * 4.0, 0.0, 0.8) * min(above_m * 0.005, cloud_shape.w);
}

struct Heap {
    float thick; // below 0: the ray misses them
    float high;  // of what is seen of it: 0 its base, 1 its top
    vec2 fall;   // how much thinner they get towards +x and +z
};

// 0 at the edge of a heap, 1 at its thickest.
float heaps_thick(float rank)
{
    return (rank - cloud_shape.x) * cloud_shear.z;
}

// The same map again, five times as fine and turned by the 3-4-5 triangle, so that it still repeats. -0.5 .. 0.5.
float heaps_fine(vec2 place, float lod)
{
    vec2 turned = vec2(3.0 * place.x - 4.0 * place.y, 4.0 * place.x + 3.0 * place.y);
    return textureLod(cloud_map, turned, lod + 2.3).r - 0.5;
}

// Where a ray meets them after `distance_m`: they are flat, and thin edges stand for their flanks.
Heap heaps_meet(vec3 ray, float distance_m)
{
    vec2 place = heaps_place(eye.xz + ray.xz * distance_m);
    float lod = cloud_lod(HEAPS_TILE / 512.0, distance_m, ray.y);
    vec4 map = textureLod(cloud_map, place, lod);
    float thick = heaps_thick(map.r);
    float high = ray.y > 0.0 ? clamp(0.8 - thick * 2.0, 0.0, 1.0) : clamp(0.4 + thick, 0.0, 1.0);
#if TIER > 0
    float fine = heaps_fine(place, lod);
    thick += 0.22 * fine;
    high = clamp(high + 0.5 * fine, 0.0, 1.0);
#endif
    return Heap(thick, high, (map.gb - 0.50196) * 2.0);
}

// Thin cloud is brightest before the sun: 1 there, soon 0 about it.
float towards_sun(vec3 ray)
{
    float cosine = max(dot(ray, sun_direction.xyz), 0.0);
    cosine *= cosine;
    cosine *= cosine;
    return cosine * cosine;
}

// What a heap sends to the eye.
vec3 heaps_light(Heap heap, vec3 ray)
{
    float shade = clamp(0.7 + 1.3 * dot(heap.fall, sun_direction.xz), 0.15, 1.3);
    float edge = towards_sun(ray) * clamp(1.0 - 4.0 * heap.thick, 0.0, 1.0);
    float open = 0.3 + 0.7 * heap.high * (2.0 - heap.high);
    return cloud_light[0].rgb * (shade * open + 0.9 * edge) + cloud_dark.rgb * (0.6 + 0.8 * open);
}

// Colour of the heaps along a unit ray that ends after `reach_m`, and how much of what lies behind they hide.
vec4 heaps_seen(vec3 ray, float reach_m)
{
    float distance_m = (cloud_light[0].w - eye.y) / (abs(ray.y) < 1e-4 ? 1e-4 : ray.y);
    if (distance_m < 0.0 || distance_m > min(reach_m, CLOUD_FAR_M))
        return vec4(0.0);
    Heap heap = heaps_meet(ray, distance_m);
    float near = min(1.25 - 1.25 * distance_m / CLOUD_FAR_M, 1.0);
    float hides = clamp(heap.thick * 7.0, 0.0, 1.0);
    hides *= hides * (3.0 - 2.0 * hides) * near * near * clamp((reach_m - distance_m) * 0.01, 0.0, 1.0);
    return vec4(heaps_light(heap, ray), hides);
}

// The same of the veils.
vec4 veils_seen(vec3 ray)
{
    float above_m = cloud_light[1].w - eye.y;
    float distance_m = above_m / (abs(ray.y) < 1e-4 ? 1e-4 : ray.y);
    if (distance_m < 0.0 || distance_m > 2.0 * CLOUD_FAR_M)
        return vec4(0.0);
    vec2 place = (eye.xz + ray.xz * distance_m) * (1.0 / VEILS_TILE) + cloud_place.zw;
    float lod = cloud_lod(VEILS_TILE / 512.0, distance_m, ray.y);
#if TIER == 0
    lod += 1.0; // the small picture's pixels
#endif
    float thick = textureLod(cloud_map, place, lod).a - cloud_shape.y;
    float near = clamp(1.0 - distance_m / (2.0 * CLOUD_FAR_M), 0.0, 1.0);
    float hides = clamp(thick * (0.4 + thick), 0.0, 0.45) * near * near;
    return vec4(cloud_light[1].rgb * (0.7 + 0.9 * towards_sun(ray)) + cloud_dark.rgb, hides);
}

// Lays the heaps over what is behind them, whose haze has the colour `sky`.
vec3 heaps_over(vec3 behind, vec3 sky, vec3 ray, float reach_m)
{
    vec4 heaps = heaps_seen(ray, reach_m);
#if TIER > 1
    float above_m = cloud_light[0].w - eye.y;
    heaps.rgb = sky + (heaps.rgb - sky) * air_clear(abs(above_m) / max(abs(ray.y), 0.02), above_m);
#endif
    return behind + (heaps.rgb - behind) * heaps.a;
}

vec3 clouds_over(vec3 behind, vec3 sky, vec3 ray)
{
    vec4 veils = veils_seen(ray);
    return heaps_over(behind + (veils.rgb - behind) * veils.a, sky, ray, 1e9);
}

// True where a ray that ends `rise_m` above the eye may meet the heaps.
bool heaps_between(float rise_m)
{
    float above_m = cloud_light[0].w - eye.y;
    return cloud_shape.w > 0.0 && min(above_m, above_m - rise_m) < 0.0;
}
