// Metres from the shore of fresh water, as world/chunk.h writes them, more than 0 in it; y: how much of it is seen;
// z: the same metres in truth. `red`: of the matter; `width`: the tint's alpha; `scale_m`: of the level; `thin_m`: half
// the width that the map can show. Narrower rivers are drawn as wide, but faint: no line falls into dots.
vec3 fresh_shore(float red, float width, float scale_m, float thin_m)
{
    float part = clamp((red * 255.0 - 128.0) / 127.0, -0.98, 0.98);
    float shore_m = scale_m * part / (1.0 - abs(part));
    float half_m = scale_m * width / max(1.0 - width, 0.02);
    float held_m = max(half_m, THIN_RIVER * scale_m); // what the map has of it
    float wide = half_m / thin_m;
    // Chunks leave out what the finer tiers' maps cannot show; the other maps are half as fine.
    float seen = TIER > 1 ? 2.0 * wide - 1.0 : 3.0 * wide - 0.75;
    return vec3(shore_m + max(thin_m - held_m, 0.0), clamp(seen, 0.0, 1.0), shore_m - held_m + half_m);
}

const float GLINT_MOST = 0.6; // of the sun's light

// The sun's path on water whose slopes vary by `variance`; `tilt`: of the facets that mirror it.
float water_glint(float tilt, float variance, float mirror)
{
    float tilt2 = tilt * tilt, rough = 2.0 * variance + 0.0004;
    float lobe = exp((tilt2 - 1.0) / (tilt2 * rough)) / (rough * tilt2 * tilt2);
    float light = lobe * mirror * 0.08 * step(0.0, sun_direction.y);
    return light / (1.0 + light * (1.0 / GLINT_MOST));
}
