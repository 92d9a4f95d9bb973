// Metres from the shore of fresh water, as world/chunk.h writes them; more than 0 in it. `red`: of the matter;
// `scale_m`: of the level.
float fresh_shore(float red, float scale_m)
{
    float part = clamp((red * 255.0 - 128.0) / 127.0, -0.98, 0.98);
    return scale_m * part / (1.0 - abs(part));
}

// The sun's path on water whose slopes vary by `variance`; `tilt`: of the facets that mirror it.
float water_glint(float tilt, float variance, float mirror)
{
    float tilt2 = tilt * tilt, rough = 2.0 * variance + 0.0004;
    float lobe = exp((tilt2 - 1.0) / (tilt2 * rough)) / (rough * tilt2 * tilt2);
    return min(lobe * mirror * 0.08 * step(0.0, sun_direction.y), 6.0);
}

#ifdef RINGS
// A deep lake seen from afar, when its waves are too small to see; `sun`: the share of it that reaches the lake.
vec3 lake_light(vec3 ray, float sun)
{
    float miss = 1.0 - max(-ray.y, 0.02), miss2 = miss * miss;
    float mirror = 0.02 + 0.98 * miss2 * miss2 * miss / (1.0 + 1.8 * miss2);
    vec3 light = (sun_light.rgb * (max(sun_direction.y, 0.0) * sun) + sky_light.rgb) * 0.31830989;
    vec3 above = sky_at(normalize(vec3(ray.x, abs(ray.y) + 0.025, ray.z)));
    return light * vec3(0.010, 0.027, 0.024) * (1.0 - mirror) + above * mirror +
           sun_light.rgb * (0.3 * sun * water_glint(normalize(sun_direction.xyz - ray).y, 0.0045, mirror));
}
#endif
