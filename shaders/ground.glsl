// Colour and light of the ground.

// Share of a pattern that a pixel still resolves: 1 near, 0 where a cell is smaller than two pixels.
float resolves(float cell_m, float distance_m)
{
    return clamp(1.7 - distance_m * depth.z * 2.2 / cell_m, 0.0, 1.0);
}

// Landform, patches and grain at once: four octaves of noise, each gone before it could shimmer.
// x: luminance -1..1; y: slow part, for hue.
vec2 ground_grain(vec2 place_m, float distance_m)
{
    float slow = noise_straight(place_m, 7) + 0.6 * noise_turned(place_m, 7) * resolves(25.6, distance_m);
    float patches = noise_straight(place_m, 12) * resolves(4.0, distance_m);
    float grain = noise_turned(place_m, 12) * resolves(0.8, distance_m);
#if TIER > 0
    patches += 0.7 * noise_turned(place_m, 9) * resolves(6.4, distance_m);
#endif
#if TIER > 1
    slow += 0.5 * noise_turned(place_m, 5);
    grain += 0.8 * noise_straight(place_m, 15) * resolves(0.5, distance_m) +
             0.6 * noise_turned(place_m, 14) * resolves(0.2, distance_m);
#endif
    return vec2(0.6 * slow + 0.7 * patches + 0.8 * grain, slow);
}

// `rocky` 0..1: how far the ground is bare; bare ground is the rougher one.
vec3 ground_albedo(vec3 tint, float rocky, vec2 grain)
{
    vec3 hue = vec3(1.0 + 0.10 * grain.y, 1.0, 1.0 - 0.14 * grain.y);
    return tint * hue * (1.0 + grain.x * (0.42 + 0.45 * rocky));
}

vec3 ground_light(vec3 albedo, vec3 normal, float sky_visibility)
{
    float sun = max(dot(normal, sun_direction.xyz), 0.0);
    float sky = (0.5 + 0.5 * normal.y) * sky_visibility;
    float bounce = (0.5 - 0.5 * normal.y) + 0.35 * (1.0 - sky_visibility) + 0.06;
    vec3 light = sun_light.rgb * sun + sky_light.rgb * sky + bounce_light.rgb * (0.6 + albedo * 3.0) * bounce;
    return albedo * light * 0.31830989;
}
