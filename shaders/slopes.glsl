// What steep ground looks like: steps, beds, streaks. Wants squares.glsl before it.

// Cosine of the slope from which on no stones lie and beds stand out.
#define SHEER 0.70

// Sheep and frost tread steep grass into steps, a metre one above the other. -1 .. 1.
float terraces(Place place, float slope, float torn)
{
    float trodden = clamp(slope * 5.0 - 1.6, 0.0, 1.0) * resolves(2.2, place.seen_m * max(slope, 0.5));
    if (trodden <= 0.0)
        return 0.0;
    float step = abs(fract(place.at.y * 0.9 + 1.4 * noise_turned(place.at.xz, 9) + 0.2 * torn) - 0.5) * 4.0 - 1.0;
    return step * trodden;
}

// Noise along a line, -0.5 .. 0.5.
float bed(float p, uint kind)
{
    float cell = floor(p), f = p - cell;
    uint c = uint(int(cell));
    return mix(unit(lattice(c, kind)), unit(lattice(c + 1u, kind)), f * f * (3.0 - 2.0 * f));
}

// Beds of a cliff: banks of 18 m and 5 m and thin beds in them, light where hard rock stands out and dark where soft
// rock lies back; they dip a little from place to place. About -1 .. 1.
float strata(Place place, float torn)
{
    float rise_m = place.seen_m * max(1.0 - place.normal.y, 0.2); // of a pixel
    float up = place.at.y + 5.0 * noise_straight(place.at.xz, 5) + 0.25 * torn;
    float bank = bed(up * 0.21, 2u) * resolves(4.8, rise_m);
    float thin = bed(up * 1.1, 3u) * resolves(0.9, rise_m);
    return 0.8 * clamp(1.8 * bed(up * 0.055, 1u) + 2.4 * bank, -1.0, 1.0) + thin * (0.9 + 1.2 * bank);
}

// Water runs down walls of stone and leaves dark streaks, and pale ones of lime: light that is left.
float streaks(Place place, float stone, float torn)
{
    // They run down along x or z; where a wall turns from the one to the other there are none.
    float turn = clamp(abs(abs(place.normal.x) - abs(place.normal.z)) * 8.0, 0.0, 1.0);
    float share = stone * turn * clamp((0.75 - place.normal.y) * 6.0, 0.0, 1.0) * resolves(6.0, place.seen_m);
    if (share <= 0.0)
        return 1.0;
    float along = abs(place.normal.x) > abs(place.normal.z) ? place.at.z : place.at.x;
    vec2 run = noise_pair(vec2(0.25 * along + 0.4 * torn, 0.02 * place.at.y), NOISE_PERIOD / 4 - 1);
    float fine = noise_value(vec2(0.5 * along, 0.05 * place.at.y + 0.6 * torn), NOISE_PERIOD / 2 - 1);
    return 1.0 - share * (0.65 * clamp(4.0 * run.x + 1.2 * fine, 0.0, 1.0) - 0.15 * clamp(4.0 * run.y, 0.0, 1.0));
}
