// What steep ground looks like: ribs and runnels, steps, beds, streaks. Wants squares.glsl before it.

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

// Ribs and runnels down a slope.
struct Crag {
    float rise;  // below 0 in runnels, above it on ribs, at most 1.8
    float there; // share of them that slope and distance leave
    vec2 bend;   // of the ground
};

// How steep the sides of ribs are, over the 6 of a wave.
#define CRAG_DEEP 0.07

// Waves across the fall line, each cell's shifted as it likes, so that they fork. `p` in cells, `side` the fall line's
// normal, of unit length; `sharp`: cells over which a flank turns, inverse. x: -1 .. 1; yz: its slope per cell.
vec3 ribs(vec2 p, int mask, vec2 side, float sharp)
{
    vec2 cell = floor(p), f = p - cell, w = f * f * (3.0 - 2.0 * f);
    vec3 sum = vec3(0.0);
    for (int i = 0; i < 4; i++) {
        ivec2 corner = ivec2(i & 1, i >> 1), c = (ivec2(cell) + corner) & mask;
        float at = fract(1.5 * dot(f - vec2(corner), side) + unit(lattice(uint(c.x), uint(c.y)))) - 0.5;
        vec2 share = mix(1.0 - w, w, vec2(corner));
        float flank = sign(at) * min(sharp * min(abs(at), 0.5 - abs(at)), 1.0);
        sum += share.x * share.y * vec3(4.0 * abs(at) - 1.0, flank * 6.0 * side);
    }
    return sum;
}

// Water and ice wear steep ground into ribs of 85 m, 34 m and 8 m, the small ones down the sides of the large.
Crag crag_at(Place place)
{
    vec2 fall = place.normal.xz / max(place.normal.y, 0.1);
    float steep = clamp(length(fall) * 2.5 - 1.0, 0.0, 1.0);
    float wide = steep * resolves(40.0, place.seen_m), middle = steep * resolves(16.0, place.seen_m);
    Crag crag = Crag(0.0, wide, vec2(0.0));
    if (wide <= 0.0)
        return crag;
    vec2 side = normalize(vec2(-fall.y, fall.x));
    float per_pixel = 0.5 / (place.seen_m * depth.z); // a flank is never sharper than a pixel can show
    vec3 wave = ribs(place.at.xz * (128.0 / float(NOISE_PERIOD)), 127, side, clamp(85.0 * per_pixel, 4.0, 16.0));
    crag.rise = 0.9 * wide * wave.x;
    crag.bend = wide * CRAG_DEEP * wave.yz;
    if (middle > 0.0) {
        fall -= 0.7 * CRAG_DEEP * wave.yz;
        side = normalize(turned(vec2(-fall.y, fall.x)));
        wave = ribs(turned(place.at.xz) * (64.0 / float(NOISE_PERIOD)), 63, side, clamp(34.0 * per_pixel, 4.0, 16.0));
        crag.rise += 0.6 * middle * wave.x;
        crag.bend += 0.8 * middle * CRAG_DEEP * turned_back(wave.yz);
    }
    float small = steep * resolves(6.4, place.seen_m); // only where the middle ones have turned `side`
    if (small > 0.0) {
        wave = ribs(turned(place.at.xz) * (256.0 / float(NOISE_PERIOD)), 255, side, clamp(8.0 * per_pixel, 4.0, 16.0));
        crag.rise += 0.3 * small * wave.x;
        crag.bend += 0.6 * small * CRAG_DEEP * turned_back(wave.yz);
    }
    return crag;
}

// x: share of stone in what snow leaves; y: share of snow.
vec2 bare_of(vec4 matter)
{
    return vec2(clamp(matter.g / max(1.0 - matter.a, 0.02), 0.0, 1.0), matter.a);
}

// The same as ribs and runnels lay it out anew: stone stands out of plants and snow on ribs, and snow lies in runnels.
// `around`: shares over 16 to 24 m.
vec2 crag_bare(Crag crag, vec2 own, vec2 around)
{
    float edge = min(6.0 * min(around.x, 1.0 - around.x), 1.0);
    vec2 laid = around + vec2(0.35 * edge, -0.55 * min(6.0 * around.y, 1.0)) * crag.rise;
    laid.x = max(laid.x, 2.0 * around.y - 0.5); // nothing grows under snow that lies so steep
    return mix(own, clamp(2.5 * laid - 0.75, 0.0, 1.0), crag.there);
}

// Noise along a line, -0.5 .. 0.5.
float bed(float p, uint kind)
{
    float cell = floor(p), f = p - cell;
    uint c = uint(int(cell));
    return mix(unit(lattice(c, kind)), unit(lattice(c + 1u, kind)), f * f * (3.0 - 2.0 * f));
}

// Beds of a cliff: banks of 18 m and 5 m and thin beds in them, light where hard rock stands out and dark where soft
// rock lies back; `dip_m`: how they rise and fall. About -1 .. 1.
float strata(Place place, float dip_m, float torn)
{
    float rise_m = place.seen_m * max(1.0 - place.normal.y, 0.2); // of a pixel
    float up = place.at.y + dip_m + 0.25 * torn;
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
