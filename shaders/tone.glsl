// AgX, after the polynomial fit by B. Wrensch (iolite-engine.com/blog_posts/minimal_agx_implementation): linear light
// in, display-ready values out. Bright things lose their colour instead of clipping.
vec3 tone(vec3 light)
{
    const mat3 inset = mat3(0.842479062253094, 0.0423282422610123, 0.0423756549057051,
                            0.0784335999999992, 0.878468636469772, 0.0784336,
                            0.0792237451477643, 0.0791661274605434, 0.879142973793104);
    const mat3 outset = mat3(1.19687900512017, -0.0528968517574562, -0.0529716355144438,
                             -0.0980208811401368, 1.15190312990417, -0.0980434501171241,
                             -0.0990297440797205, -0.0989611768448433, 1.15107367264116);
    const float low = -12.47393, high = 4.026069;
    vec3 x = clamp((log2(max(inset * light, 1e-8)) - low) / (high - low), 0.0, 1.0);
    vec3 x2 = x * x;
    vec3 x4 = x2 * x2;
    vec3 y = 15.5 * x4 * x2 - 40.14 * x4 * x + 31.96 * x4 - 6.868 * x2 * x + 0.4298 * x2 + 0.1191 * x - 0.00232;
    y *= 0.86 + 0.14 * y * (3.0 - 2.0 * y); // a little more contrast than the base curve
    float grey = dot(y, vec3(0.2126, 0.7152, 0.0722));
    y = grey + (y - grey) * 1.28;
    return outset * y;
}

// The same curve on greys within 0.01 of 1, at a fifth of the work, for software frames; colours keep a little more of
// themselves in the lights.
vec3 tone_cheap(vec3 light)
{
    vec3 s = light / (light + 0.17);
    vec3 y = s * (1.5268 + s * (s * 1.1766 - 1.6951));
    float grey = dot(y, vec3(0.2126, 0.7152, 0.0722));
    return grey + (y - grey) * 1.12;
}

// Half a step of noise hides the bands of 8 bits.
vec3 dither(vec3 colour, vec2 pixel)
{
    float grain = fract(52.9829189 * fract(dot(pixel, vec2(0.06711056, 0.00583715))));
    return colour + (grain - 0.5) / 255.0;
}
