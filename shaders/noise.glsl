// Value noise on lattices that repeat after NOISE_PERIOD metres; the anchor is a multiple of it away from the world's
// origin, so the pattern stays put wherever the eye is.

uint lattice(uint x, uint z)
{
    uint h = x * 0x9E3779B1u ^ z * 0x85EBCA77u;
    h ^= h >> 15;
    h *= 0x2C1B3C6Du;
    return h ^ (h >> 13);
}

float unit(uint h)
{
    return uintBitsToFloat((h >> 9) | 0x3f800000u) - 1.5;
}

// `p` in lattice cells, which repeat after `mask` + 1; result -0.5 .. 0.5.
float noise_value(vec2 p, int mask)
{
    vec2 cell = floor(p);
    vec2 f = p - cell;
    vec2 w = f * f * (3.0 - 2.0 * f);
    ivec2 a = ivec2(cell) & mask;
    ivec2 b = (a + 1) & mask;
    float h00 = unit(lattice(uint(a.x), uint(a.y)));
    float h10 = unit(lattice(uint(b.x), uint(a.y)));
    float h01 = unit(lattice(uint(a.x), uint(b.y)));
    float h11 = unit(lattice(uint(b.x), uint(b.y)));
    float top = h00 + (h10 - h00) * w.x;
    float bottom = h01 + (h11 - h01) * w.x;
    return top + (bottom - top) * w.y;
}

// Two noises for little more than the price of one; `bend`: the first one's slope per cell.
vec2 noise_pair_bent(vec2 p, int mask, out vec2 bend)
{
    vec2 cell = floor(p);
    vec2 f = p - cell;
    vec2 w = f * f * (3.0 - 2.0 * f);
    ivec2 a = ivec2(cell) & mask;
    ivec2 b = (a + 1) & mask;
    uvec4 h = uvec4(lattice(uint(a.x), uint(a.y)), lattice(uint(b.x), uint(a.y)), lattice(uint(a.x), uint(b.y)),
                    lattice(uint(b.x), uint(b.y)));
    vec4 x = vec4(h & 0xffffu) * (1.0 / 65535.0) - 0.5;
    vec4 z = vec4(h >> 16) * (1.0 / 65535.0) - 0.5;
    vec4 share = vec4((1.0 - w.x) * (1.0 - w.y), w.x * (1.0 - w.y), (1.0 - w.x) * w.y, w.x * w.y);
    bend = 6.0 * f * (1.0 - f) * vec2(mix(x.y - x.x, x.w - x.z, w.y), mix(x.z - x.x, x.w - x.y, w.x));
    return vec2(dot(x, share), dot(z, share));
}

vec2 noise_pair(vec2 p, int mask)
{
    vec2 bend;
    return noise_pair_bent(p, mask, bend);
}

// Cells of NOISE_PERIOD / 2^k metres along the axes.
float noise_straight(vec2 place_m, int k)
{
    return noise_value(place_m * (float(1 << k) / float(NOISE_PERIOD)), (1 << k) - 1);
}

// By the 3-4-5 triangle, and five times as large: what repeats still does so.
vec2 turned(vec2 p)
{
    return vec2(3.0 * p.x - 4.0 * p.y, 4.0 * p.x + 3.0 * p.y);
}

// Cells of NOISE_PERIOD / (5 * 2^k) metres, turned by the 3-4-5 triangle so that they still repeat.
float noise_turned(vec2 place_m, int k)
{
    return noise_value(turned(place_m) * (float(1 << k) / float(NOISE_PERIOD)), (1 << k) - 1);
}
