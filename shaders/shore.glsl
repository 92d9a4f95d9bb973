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
