// Colour and light of the ground.

// Share of a pattern that a pixel still resolves: 1 near, 0 where a cell is smaller than two pixels.
float resolves(float cell_m, float distance_m)
{
    return clamp(1.7 - distance_m * depth.z * 2.2 / cell_m, 0.0, 1.0);
}

// The landform's own variation. About -1 .. 1.
float grain_slow(vec2 place_m, float distance_m)
{
    float slow = noise_straight(place_m, 7) + 0.6 * noise_turned(place_m, 7) * resolves(25.6, distance_m);
#if TIER > 1
    slow += 0.5 * noise_turned(place_m, 5);
#endif
    return slow;
}

// The same at vertices `cell_m` apart: what they are too far apart for is left out.
float vertex_grain(vec2 place_m, float cell_m)
{
#ifdef RINGS
    return noise_straight(place_m, 5) * clamp(1.6 - cell_m * (4.0 / 512.0), 0.0, 1.0);
#else
    return noise_straight(place_m, 7) + 0.6 * noise_turned(place_m, 7) * clamp(1.6 - cell_m * (2.2 / 25.6), 0.0, 1.0);
#endif
}

// The same for software frames: 4 m and either 0.8 m or, from 150 m on, 6.4 m, which do not meet. About -1 .. 1.
float grain_lean(vec2 place_m, float distance_m)
{
    bool near = distance_m < 150.0;
    float share = near ? 1.8 - 0.012 * distance_m : 0.006 * distance_m - 0.9;
    vec2 turned = vec2(3.0 * place_m.x - 4.0 * place_m.y, 4.0 * place_m.x + 3.0 * place_m.y);
    float other = noise_value(turned * (near ? 0.25 : 0.03125), near ? NOISE_PERIOD / 4 - 1 : NOISE_PERIOD / 32 - 1);
    return noise_straight(place_m, 12) * resolves(4.0, distance_m) +
           other * min(share, 1.2) * resolves(6.4, distance_m);
}

// Patches and grain, each gone before it could shimmer. About -1 .. 1.
float grain_fine(vec2 place_m, float distance_m)
{
    float fine = 0.9 * noise_straight(place_m, 12) * resolves(4.0, distance_m) +
                 noise_turned(place_m, 12) * resolves(0.8, distance_m);
#if TIER > 0
    fine += 0.7 * noise_turned(place_m, 9) * resolves(6.4, distance_m);
#endif
#if TIER > 1
    fine += 0.8 * noise_straight(place_m, 15) * resolves(0.5, distance_m) +
            0.6 * noise_turned(place_m, 14) * resolves(0.2, distance_m);
#endif
    return fine;
}

// Soil and plants vary in hue with the slow part.
vec3 tinted(vec3 albedo, float slow)
{
    return albedo * vec3(1.0 + 0.10 * slow, 1.0, 1.0 - 0.14 * slow);
}

// `sun_share`: of the sun that reaches the ground.
vec3 ground_light(vec3 albedo, vec3 normal, float sky_visibility, float sun_share)
{
    float sun = max(dot(normal, sun_direction.xyz), 0.0) * sun_share;
    float sky = (0.5 + 0.5 * normal.y) * sky_visibility;
    float bounce = (0.5 - 0.5 * normal.y) + 0.35 * (1.0 - sky_visibility) + 0.06;
    vec3 light = sun_light.rgb * sun + sky_light.rgb * sky + bounce_light.rgb * (0.6 + albedo * 3.0) * bounce;
    return albedo * light * 0.31830989;
}

// The same light on ground of middling albedo, for software frames.
vec3 lean_light(vec3 normal, float sky_visibility, float sun_share)
{
    float sun = max(dot(normal, sun_direction.xyz), 0.0) * sun_share;
    float sky = (0.5 + 0.5 * normal.y) * sky_visibility;
    float bounce = 0.91 - 0.5 * normal.y - 0.35 * sky_visibility;
    return sun_light.rgb * sun + sky_light.rgb * sky + bounce_light.rgb * bounce;
}
