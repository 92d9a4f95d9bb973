#include "frame.glsl"

// Smooths stairs after the idea of T. Lottes, "FXAA" (NVIDIA, 2009): where the brightness of neighbours differs much,
// the edge between two rows or columns of pixels is followed to both its ends; the nearer a pixel lies to the end at
// which its own side gives way, the more it takes of the pixel across the edge.

uniform sampler2D scene_map;

out vec4 out_colour;

const float EDGE_MIN = 0.03;   // of full brightness: less is not seen
const float EDGE_PART = 0.12;  // of the brightest neighbour
const int STEPS = 10;          // pixels that an edge is followed each way

vec4 at(ivec2 pixel)
{
    return texelFetch(scene_map, clamp(pixel, ivec2(0), textureSize(scene_map, 0) - 1), 0);
}

// Display values are near enough to what the eye takes for even steps.
float luma(ivec2 pixel)
{
    return dot(at(pixel).rgb, vec3(0.299, 0.587, 0.114));
}

// How far the edge goes on from `pixel` by `along`, and at its end its brightness against `middle`.
vec2 follow(ivec2 pixel, ivec2 along, ivec2 across, float middle, float limit)
{
    float change = 0.0;
    int i = 0;
    while (i < STEPS && abs(change) < limit) {
        i++;
        ivec2 here = pixel + i * along;
        change = 0.5 * (luma(here) + luma(here + across)) - middle;
    }
    return vec2(float(i), change);
}

// The part of the pixel across the edge that shows here: 0 to a half.
float share(ivec2 pixel, ivec2 along, ivec2 across, float own, float other)
{
    float middle = 0.5 * (own + other), limit = 0.25 * abs(own - other);
    vec2 back = follow(pixel, -along, across, middle, limit), ahead = follow(pixel, along, across, middle, limit);
    vec2 end = back.x < ahead.x ? back : ahead;
    // Only where the side on which this pixel lies gives way: the other pixel takes its part where it does.
    bool yields = abs(end.y) >= limit && (end.y < 0.0) != (own < middle);
    return yields ? max(0.5 - end.x / (back.x + ahead.x), 0.0) : 0.0;
}

void main()
{
    ivec2 p = ivec2(gl_FragCoord.xy);
    const ivec2 x = ivec2(1, 0), y = ivec2(0, 1);
    vec4 here = at(p);
    float m = luma(p), n = luma(p + y), s = luma(p - y), e = luma(p + x), w = luma(p - x);
    float high = max(m, max(max(n, s), max(e, w))), low = min(m, min(min(n, s), min(e, w)));
    out_colour = here;
    if (high - low < max(EDGE_MIN, EDGE_PART * high))
        return;
    float nw = luma(p + y - x), ne = luma(p + y + x), sw = luma(p - y - x), se = luma(p - y + x);
    float rows = abs(nw + sw - 2.0 * w) + 2.0 * abs(n + s - 2.0 * m) + abs(ne + se - 2.0 * e);
    float columns = abs(nw + ne - 2.0 * n) + 2.0 * abs(w + e - 2.0 * m) + abs(sw + se - 2.0 * s);
    bool level = rows >= columns; // the edge runs along x
    float behind = level ? s : w, before = level ? n : e;
    bool forward = abs(before - m) >= abs(behind - m);
    ivec2 across = (level ? y : x) * (forward ? 1 : -1);
    float part = share(p, level ? x : y, across, m, forward ? before : behind);
    out_colour.rgb = mix(here.rgb, at(p + across).rgb, part);
}
