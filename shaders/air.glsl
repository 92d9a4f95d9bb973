// Sky and haze from the same table, so that far ground ends in exactly the colour behind it.
uniform sampler2D sky_map;

const float SKY_FLOOR = 0.006; // sine of the lowest elevation that is looked up: just above the horizon

// `turn`: cosine of the azimuth from the sun.
vec3 sky_turned(float turn, float rise)
{
    vec2 at = vec2(sqrt(max(0.5 - 0.5 * turn, 0.0)), sqrt(max(rise, SKY_FLOOR)));
    const vec2 size = vec2(SKY_WIDTH, SKY_HEIGHT);
    return textureLod(sky_map, (at * (size - 1.0) + 0.5) / size, 0.0).rgb;
}

float sun_turn(vec3 ray)
{
    return dot(ray.xz, sun_heading.xy) * inversesqrt(max(dot(ray.xz, ray.xz), 1e-9));
}

vec3 sky_at(vec3 ray)
{
    return sky_turned(sun_turn(ray), ray.y);
}

// Colour of the haze before ground: mountains keep a low sun out of the near air, so that it has the colour of another
// side of the sky; at the view's end it is the sky's own.
vec3 haze_at(vec3 ray, float distance_m)
{
    float far = min(distance_m / (0.9 * place.z), 1.0);
    float lost = bounce_light.w / (bounce_light.w + distance_m) * (1.0 - far);
    float turn = sun_turn(ray);
    return sky_turned(turn - lost * max(turn + 0.2, 0.0), ray.y * far);
}

// Mean density, relative to the eye's height, along a ray that rises by `rise` scale heights.
float layer_mean(float rise)
{
    float k = clamp(rise, -30.0, 80.0);
    return abs(k) < 0.01 ? 1.0 - 0.5 * k : (1.0 - exp(-k)) / k;
}

// What is left of the light after `distance_m` along a path that ends `rise_m` above the eye.
vec3 air_clear(float distance_m, float rise_m)
{
    vec3 depth_all = rayleigh.rgb * layer_mean(rise_m * rayleigh.w) + mie.rgb * layer_mean(rise_m * mie.w) +
                     mist.rgb * layer_mean(rise_m * mist.w);
    return exp(-depth_all * distance_m);
}

// The same for ground: nothing is left before the last ring ends.
vec3 air_through(float distance_m, float rise_m)
{
    float part = clamp((distance_m / place.z - 0.62) * 3.2, 0.0, 1.0);
    float kept = 1.0 - part * part * (3.0 - 2.0 * part);
    // The earth's curve makes far ground lower in the picture, not in the air.
    return air_clear(distance_m, rise_m + distance_m * distance_m * place.w) * kept;
}
