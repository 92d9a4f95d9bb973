// What one material looks like at a pixel. Wants noise.glsl and ground.glsl before it.

uniform sampler2DArray material_colour; // albedo over its mean, MATERIAL_UNIT / 255 = 1; height
uniform sampler2DArray material_relief; // normal x and z, roughness, open sky

// Cells of noise.glsl that a material's square fits into: 4 m, turned 25.6 m and 12.8 m, on cliffs 32 m.
#define SQUARE_NEAR 12
#define SQUARE_FAR 7
#define SQUARE_MIDDLE 8
#define SQUARE_WALL 9

// What one material looks like at a pixel.
struct Look {
    vec3 ratio; // of the albedo to the material's mean
    float height;
    vec2 bend; // slope that it adds to the ground's
    float rough, open;
};

// Where the pixel lies in a material's square, and how far the next pixels are.
struct Spot {
    vec2 at, across, down;
};

// Seen at a shallow angle a square would blur across as much as along, where the sampler does nothing about it.
Spot spot_of(vec2 at, vec2 across, vec2 down)
{
    float a = dot(across, across), d = dot(down, down), least = SHALLOW * SHALLOW * min(a, d);
    across *= a > least ? sqrt(least / a) : 1.0;
    down *= d > least ? sqrt(least / d) : 1.0;
    return Spot(at, across, down);
}

Spot spot_straight(vec2 place_m, vec2 across, vec2 down, int k)
{
    float scale = float(1 << k) / float(NOISE_PERIOD);
    return spot_of(place_m * scale, across * scale, down * scale);
}

Spot spot_turned(vec2 place_m, vec2 across, vec2 down, int k)
{
    float scale = float(1 << k) / float(NOISE_PERIOD);
    return spot_of(turned(place_m) * scale, turned(across) * scale, turned(down) * scale);
}

// From a square that is turned by the 3-4-5 triangle back to the ground.
vec2 turned_back(vec2 bend)
{
    return vec2(0.6 * bend.x + 0.8 * bend.y, 0.6 * bend.y - 0.8 * bend.x);
}

vec4 colour_at(Spot spot, int layer)
{
    vec4 texel = textureGrad(material_colour, vec3(spot.at, float(layer)), spot.across, spot.down);
    return vec4(texel.rgb * (255.0 / MATERIAL_UNIT), texel.a);
}

vec4 relief_at(Spot spot, int layer)
{
    vec4 texel = textureGrad(material_relief, vec3(spot.at, float(layer)), spot.across, spot.down);
    vec2 side = texel.rg * (255.0 / 127.5) - (128.0 / 127.5);
    return vec4(-side * inversesqrt(max(1.0 - dot(side, side), 0.1)), texel.ba);
}

Look look_at(Spot spot, int layer)
{
    vec4 colour = colour_at(spot, layer), relief = relief_at(spot, layer);
    return Look(colour.rgb, colour.a, relief.xy, relief.z, relief.w);
}

#if TIER > 2
// Three squares shifted at random share each place, so that no repeat shows (hex tiling, Mikkelsen 2022).
Look look_anywhere(Spot spot, int layer)
{
    vec2 skewed = mat2(1.0, -0.57735027, 0.0, 1.15470054) * spot.at * 3.4641016;
    vec2 cell = floor(skewed), f = skewed - cell;
    float third = 1.0 - f.x - f.y, flip = third < 0.0 ? 1.0 : 0.0, side = 2.0 * flip - 1.0;
    vec3 share = vec3(-third * side, flip - f.y * side, flip - f.x * side);
    ivec2 corner = ivec2(cell);
    ivec2 corners[3] = ivec2[3](corner + ivec2(int(flip)), corner + ivec2(int(flip), 1 - int(flip)),
                                corner + ivec2(1 - int(flip), int(flip)));
    share *= share * share;
    share *= share;
    share /= share.x + share.y + share.z;
    Look sum = Look(vec3(0.0), 0.0, vec2(0.0), 0.0, 0.0);
    for (int i = 0; i < 3; i++) {
        uint h = lattice(uint(corners[i].x), uint(corners[i].y));
        vec2 shift = vec2(h & 0xffffu, h >> 16) * (1.0 / 65536.0);
        Look look = look_at(Spot(spot.at + shift, spot.across, spot.down), layer);
        sum.ratio += share[i] * look.ratio;
        sum.height += share[i] * look.height;
        sum.bend += share[i] * look.bend;
        sum.rough += share[i] * look.rough;
        sum.open += share[i] * look.open;
    }
    // A mean of three is duller than one: the contrast comes back.
    float sharper = inversesqrt(dot(share, share));
    sum.ratio = max(1.0 + (sum.ratio - 1.0) * sharper, 0.1);
    return sum;
}
#endif

// The pixel as the materials need it.
struct Place {
    vec3 at;   // metres: x, height, z
    vec3 laid; // the same for squares: one alone would repeat, so at tier 1 it drifts to and fro
    vec3 across, down;
    vec3 normal;
    vec3 ray; // unit, from the eye
    float distance_m;
    float seen_m;    // where a pixel would cover as much of ground that faces the eye
    float near, far; // shares of the fine and the coarse square that are left at this distance
    float rough;     // of the coarse square: near it would look like the fine one, only too large
    float wall;      // on cliffs a square hangs on the steeper side instead of being stretched
};

Spot spot_wall(Place place, int k)
{
    bool east = abs(place.normal.x) > abs(place.normal.z);
    return spot_straight(east ? place.laid.zy : place.laid.xy, east ? place.across.zy : place.across.xy,
                         east ? place.down.zy : place.down.xy, k);
}

// What a hanging square's bend does to the slope of the ground, about.
vec2 bend_wall(Place place, vec2 bend)
{
    return 0.7 * (abs(place.normal.x) > abs(place.normal.z) ? bend.yx : bend);
}

Look look_mix(Look a, Look b, float part)
{
    return Look(mix(a.ratio, b.ratio, part), mix(a.height, b.height, part), mix(a.bend, b.bend, part),
                mix(a.rough, b.rough, part), mix(a.open, b.open, part));
}

Look look_near(Place place, int layer)
{
    Spot top = spot_straight(place.laid.xz, place.across.xz, place.down.xz, SQUARE_NEAR);
#if TIER > 2
    Look look = look_anywhere(top, layer);
    if (place.wall > 0.0) {
        Look hung = look_at(spot_wall(place, SQUARE_NEAR), layer);
        hung.bend = bend_wall(place, hung.bend);
        look = look_mix(look, hung, place.wall);
    }
    return look;
#elif TIER > 1
    if (place.wall < 0.5)
        return look_at(top, layer);
    Look look = look_at(spot_wall(place, SQUARE_NEAR), layer);
    look.bend = bend_wall(place, look.bend);
    return look;
#else
    vec4 colour = colour_at(place.wall < 0.5 ? top : spot_wall(place, SQUARE_NEAR), layer);
    return Look(colour.rgb, colour.a, vec2(0.0), 0.9, 1.0);
#endif
}

Look look_of(Place place, int layer)
{
    Look look = Look(vec3(1.0), 0.5, vec2(0.0), 0.9, 1.0);
    if (place.near > 0.0)
        look = look_mix(look, look_near(place, layer), place.near);
#if TIER > 1
    if (place.far > 0.0) {
        Spot spot = spot_turned(place.at.xz, place.across.xz, place.down.xz, SQUARE_FAR);
        bool hung = place.wall > 0.5;
        if (hung)
            spot = spot_wall(place, SQUARE_WALL);
        Look wide = look_at(spot, layer);
        look.ratio *= 1.0 + place.rough * place.far * (wide.ratio - 1.0);
        look.bend += place.far * place.rough * (hung ? bend_wall(place, wide.bend) : turned_back(wide.bend));
        look.open *= 1.0 - 0.5 * place.far * (1.0 - wide.open);
    }
#endif
#if TIER > 2
    float middle = place.near * 0.7;
    if (middle > 0.0) {
        vec4 relief = relief_at(spot_turned(place.at.xz, place.across.xz, place.down.xz, SQUARE_MIDDLE), layer);
        look.bend += middle * turned_back(relief.xy);
    }
#endif
    return look;
}
