// Two flat layers of clouds, fixed to the world: heaps below, thin veils high above them. Both are pictures of one map.
uniform sampler2D cloud_map; // rank of the heaps' thickness; its fall towards +x and +z; rank of the veils' thickness

const float CLOUD_FAR_M = 60000.0; // clouds have faded into the haze by here
const float HEAPS_TALL_M = 700.0;
const float HEAPS_ASIDE_MAX_M = TIER == 0 ? 2400.0 : 5000.0; // of a ray in them: flatter ones see them lower
const float HEAPS_STEP_M = TIER == 0 ? 400.0 : TIER == 1 ? 380.0 : 330.0;
const float HEAPS_STEPS_MIN = TIER == 0 ? 2.5 : 4.0;
const float HEAPS_STEP_LOD = TIER == 0 ? -0.7 : 0.1; // mips over the steps'; below 0 edges are combs, but tier 0 rounds
const float HEAPS_SLANT_LOD = TIER == 0 ? 0.0 : 0.35; // of the fine map, for each halving of a ray's rise
const vec2 HEAPS_LEAN = vec2(0.007, 0.004); // of the fine map from base to top: no edge stands straight
const float HEAPS_DENSE = 0.04; // share of the light that gets through below which a heap counts as opaque

vec2 heaps_place(vec2 at)
{
    return at * (1.0 / HEAPS_TILE) + cloud_place.xy;
}

// Mip for a layer `distance_m` away, seen at a slant: between what the pixel's long side asks for and its short one.
float cloud_lod(float texel_m, float distance_m, float up)
{
    float pixel_m = max(distance_m, 1.0) * depth.z;
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

// Thin cloud is brightest before the sun: 1 there, soon 0 about it.
float towards_sun(vec3 ray)
{
    float cosine = max(dot(ray, sun_direction.xyz), 0.0);
    cosine *= cosine;
    cosine *= cosine;
    return cosine * cosine;
}

// What a place within a heap, `high` above its base (0 .. 1), sends to the eye of the light of sun and sky: its own mass
// shades it from above and on the side away from the sun. `fall`: half of how much thinner it gets towards +x, +z.
vec2 heaps_lit(float thick, float high, vec2 fall, float before_sun)
{
    float shade = clamp(0.75 + 2.2 * dot(fall, sun_direction.xz), 0.15, 1.25);
    float open = clamp(1.0 - 1.5 * (thick - high), 0.0, 1.0);
    open = 0.15 + 0.85 * open * open;
    float edge = before_sun * clamp(1.0 - 4.0 * thick, 0.0, 1.0);
    return vec2(shade * open + 0.9 * edge, 0.6 + 0.8 * open);
}

// How thick a heap must be to stand that high: the inverse of its height.
float heaps_top(float high)
{
    return (0.4 + 0.5 * high) * high;
}

// Share of light that gets from one sample, so deep within a heap (below 0: outside), to one `step_m` on: between them
// the depth runs straight, so that a heap's surface is met where it lies and not at the next sample.
float heaps_pass(float was, float now, float step_m)
{
    float inside = max(was, 0.0) + max(now, 0.0);
    return exp2(-0.025 * step_m * inside * inside / (abs(was) + abs(now) + 1e-4));
}

// Colour of the heaps along a unit ray that ends after `reach_m`, and how much of what lies behind they hide: they stand
// on their base, as tall as they are thick, and the ray goes through them in steps, the more the flatter it is.
vec4 heaps_seen(vec3 ray, float reach_m)
{
    float distance_m = (cloud_light[0].w - eye.y) / (abs(ray.y) < 1e-4 ? 1e-4 : ray.y);
    if (distance_m < 0.0 || distance_m > min(reach_m, CLOUD_FAR_M))
        return vec4(0.0);
    vec2 place = heaps_place(eye.xz + ray.xz * distance_m);
    float lod = cloud_lod(HEAPS_TILE / 512.0, distance_m, ray.y);
    float fine_lod = lod - HEAPS_SLANT_LOD * log2(max(abs(ray.y), 0.02));
    float fine = heaps_fine(place, fine_lod), first = fine;
    float before_sun = towards_sun(ray);
    float aside_m = min(HEAPS_TALL_M / max(abs(ray.y), 1e-3), HEAPS_ASIDE_MAX_M);
    aside_m = ray.y < 0.0 ? clamp(distance_m, 1.0, aside_m) : aside_m;
    vec2 along = ray.xz * (sign(ray.y) * aside_m / HEAPS_TILE);
    float steps = max(HEAPS_STEPS_MIN, aside_m / HEAPS_STEP_M);
    // What is much finer than the steps would stand in floors. Steps and lod change evenly: a jump would be seen as an edge.
    lod = max(lod, log2(aside_m / steps * (512.0 / HEAPS_TILE)) + HEAPS_STEP_LOD);
    vec2 lit = vec2(0.0);
    float through = 1.0;
    vec4 was = vec4(0.0); // fall, height, depth
    for (float i = 0.0; i < steps + 1.0 - first && through > HEAPS_DENSE; i += 1.0) {
        float high = clamp((i + first) / steps, 0.0, 1.0);
        high = ray.y > 0.0 ? high : 1.0 - high;
        vec4 map = textureLod(cloud_map, place + along * high, lod);
        vec4 now = vec4(map.gb, high, heaps_thick(map.r) - heaps_top(high));
#if TIER > 0
        // The fine map where the ray is: where the ray met the base the map lies flat, and would be seen as streaks.
        if (abs(now.w) < 0.16)
            fine = heaps_fine(place + (along + HEAPS_LEAN) * high, fine_lod);
#endif
        now.w += 0.25 * fine;
        bool at_entry = i == 0.0; // of the layer
        float passes = at_entry ? 1.0 - smoothstep(0.0, 0.3, now.w)
                                : heaps_pass(was.w, now.w, aside_m * abs(high - was.z));
        if (passes < 1.0) {
            float enters = was.w < 0.0 ? was.w / (was.w - now.w) : 0.0, leaves = now.w < 0.0 ? was.w / (was.w - now.w) : 1.0;
            vec4 seen = at_entry ? now : mix(was, now, 0.5 * (enters + leaves)); // the middle of what lies within
            float thick = max(seen.w, 0.0) + heaps_top(seen.z);
            lit += heaps_lit(thick, seen.z, seen.xy - 0.50196, before_sun) * (through * (1.0 - passes));
        }
        through *= passes;
        was = now;
    }
    float near = min(1.25 - 1.25 * distance_m / CLOUD_FAR_M, 1.0);
    float hides = 1.0 - through;
    lit /= max(hides, 1e-4);
    hides = min(hides / (1.0 - HEAPS_DENSE), 1.0); // no star shines through what was not looked through
    // Edge-on they would be blades, as little of their height is looked through; ground within them is met softly.
    float edge_on = clamp(abs(ray.y) * 60.0 - 0.5, 0.0, 1.0);
    hides *= near * near * edge_on * clamp((reach_m - distance_m) / (0.4 * aside_m), 0.0, 1.0);
    return vec4(cloud_light[0].rgb * lit.x + cloud_dark.rgb * lit.y, hides);
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
