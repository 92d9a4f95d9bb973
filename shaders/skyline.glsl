// Shadow of the land, near and far, from how high it stands against the sky towards the light.
uniform sampler2DArray skyline_east_map; // sines in north, north-east, east, south-east
uniform sampler2DArray skyline_west_map; // the other four

// How far the light stands over the skyline, as a difference of sines; `tile`: coordinates 0 .. 1 in it.
float sun_over(vec2 tile, float layer, float lod)
{
    float texel = 1.0 / float(textureSize(skyline_east_map, 0).x);
    vec3 at = vec3(tile * (1.0 - 4.0 * texel) + 1.5 * texel, layer);
    float sine = dot(textureLod(skyline_east_map, at, lod), skyline_east) +
                 dot(textureLod(skyline_west_map, at, lod), skyline_west);
    return sun_direction.y - sine;
}

// Share of the light that comes over the skyline. A shadow's edge takes 1.5 degrees, 3 where only vertices know it: a
// sharper one would show the triangles.
float sun_share(float over)
{
#if TIER == 0
    const float soft = 0.024; // sine of half of it
#else
    const float soft = 0.0131;
#endif
    return smoothstep(-soft, soft, over);
}
