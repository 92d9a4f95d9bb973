// A deep lake whose waves are too small to see; `sun`: the share of it that reaches the lake.
vec3 lake_light(vec3 ray, float sun)
{
    float miss = 1.0 - max(-ray.y, 0.02), miss2 = miss * miss;
    float mirror = 0.02 + 0.98 * miss2 * miss2 * miss / (1.0 + 1.8 * miss2);
    vec3 light = (sun_light.rgb * (max(sun_direction.y, 0.0) * sun) + sky_light.rgb) * 0.31830989;
    vec3 above = sky_at(normalize(vec3(ray.x, abs(ray.y) + 0.025, ray.z)));
    return light * vec3(0.010, 0.027, 0.024) * (1.0 - mirror) + above * mirror +
           sun_light.rgb * (0.3 * sun * water_glint(normalize(sun_direction.xyz - ray).y, 0.0045, mirror));
}
