// Two flat layers of clouds, fixed to the world: heaps below, thin veils high above them. Both are pictures of one map.
uniform sampler2D cloud_map; // rank of the heaps' thickness; its fall towards +x and +z; rank of the veils' thickness

const float HEAPS_DEPTH_M = 420.0;  // from their base to the highest top
const float HEAPS_PATH_M = 1500.0; // a slant ray is followed no farther: the domes are the flatter for it
const int HEAP_STEPS = 16;
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
    float thick = textureLod(cloud_map, heaps_place(at.xz + cloud_shear.xy * above_m), 1.0).r - cloud_shape.x;
    return 1.0 - clamp(thick * 4.0, 0.0, 0.8) * min(above_m * 0.005, cloud_shape.w);
}

// Ray through the heaps: thickness where it meets them, over what the height there asks for, and how high that is.
struct Heap {
    float thick;  // below 0: it misses them
    float high;   // 0 base, 1 highest top
    vec2 fall;    // how much thinner they get towards +x and +z
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

#if TIER > 1
// Heaps are domes on a flat base. From step to step along the ray until one is entered, then the place between; where
// it only comes near, the parabola through three steps says how near.
Heap heaps_meet(vec3 ray, float start_m, float end_m, float depth_m)
{
    float step_m = (end_m - start_m) / float(HEAP_STEPS - 1);
    float coarse = log2(step_m * 512.0 / HEAPS_TILE) + 1.0; // what is finer than a step would be met by chance
    float before = -1.0, last = -1.0, most = -1.0, at_m = start_m;
    for (int i = 0; i < HEAP_STEPS; i++) {
        float t = start_m + step_m * float(i);
        vec2 place = heaps_place(eye.xz + ray.xz * t);
        float lod = max(cloud_lod(HEAPS_TILE / 512.0, t, ray.y), coarse);
        float high = clamp((eye.y + ray.y * t - cloud_light[0].w) / depth_m, 0.0, 1.0);
        float over = heaps_thick(textureLod(cloud_map, place, lod).r) - high * high;
        float bend = 2.0 * last - before - over;
        float peak = i > 1 && last >= max(before, over) ? (over - before) * 0.5 / max(bend, 1e-4) : 0.0;
        float met = last + 0.25 * (over - before) * peak;
        if (most <= 0.0) {
            at_m = met > most ? t + step_m * (peak - 1.0) : at_m;
            at_m = over > 0.0 ? t - (i > 0 ? step_m * over / (over - last) : 0.0) : at_m;
        }
        most = max(most, max(over, i > 0 ? met : over));
        before = last;
        last = over;
    }
    // What the steps were too long for: ragged edges and shades.
    vec2 place = heaps_place(eye.xz + ray.xz * at_m);
    float lod = cloud_lod(HEAPS_TILE / 512.0, at_m, ray.y);
    vec4 map = textureLod(cloud_map, place, lod);
    float fine = heaps_fine(place, lod);
    float high = clamp((eye.y + ray.y * at_m - cloud_light[0].w) / depth_m, 0.0, 1.0);
    return Heap(most + 0.22 * fine, clamp(high + 0.5 * fine, 0.0, 1.0), (map.gb - 0.50196) * 2.0);
}
#else
// As if they were flat: thin edges stand for their flanks.
Heap heaps_meet(vec3 ray, float start_m, float end_m, float depth_m)
{
    float t = ray.y > 0.0 ? start_m : end_m;
    vec2 place = heaps_place(eye.xz + ray.xz * t);
    float lod = cloud_lod(HEAPS_TILE / 512.0, t, ray.y);
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
#endif

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
    float per_up = 1.0 / (abs(ray.y) < 1e-4 ? 1e-4 : ray.y);
    float base_m = (cloud_light[0].w - eye.y) * per_up;
    float depth_m = min(HEAPS_DEPTH_M, HEAPS_PATH_M * abs(ray.y));
    float top_m = base_m + depth_m * per_up;
    float start_m = max(min(base_m, top_m), 0.0), end_m = min(max(base_m, top_m), reach_m);
    if (start_m >= end_m || start_m > CLOUD_FAR_M)
        return vec4(0.0);
    Heap heap = heaps_meet(ray, start_m, end_m, depth_m);
    float near = min(1.25 - 1.25 * start_m / CLOUD_FAR_M, 1.0);
    float hides = clamp(heap.thick * 7.0, 0.0, 1.0);
    hides *= hides * (3.0 - 2.0 * hides) * near * near * clamp((end_m - start_m) * 0.01, 0.0, 1.0);
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
    float thick = textureLod(cloud_map, place, cloud_lod(VEILS_TILE / 512.0, distance_m, ray.y)).a - cloud_shape.y;
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
