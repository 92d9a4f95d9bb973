// What the ground is made of at a pixel: the two strongest materials, their blend, colour and bends.
// Wants squares.glsl and slopes.glsl before it.

struct Ground {
    vec3 tone;   // over the tint
    vec3 normal;
    float rough, open; // share of the sky that the grain leaves
    float sun;         // share of the sun that trees leave
    float crowns;      // share of the pixel that is trees
};

// Noise whose cells keep their size in pixels: it tears the coarse texels of far tiles apart. xy: metres aside, less
// than a texel; z: -1 .. 1.
vec3 stray(vec2 place_m, float distance_m)
{
    float level = log2(max(distance_m * (1.0 / 512.0), 1.0));
    float whole = floor(level), part = level - whole;
    int k = 12 - int(whole); // cells of 4 m up to 512 m
    vec3 sum = vec3(0.0);
    for (int i = -1; i < 3; i++) {
        float cell_m = float(NOISE_PERIOD) / float(1 << (k + i));
        float share = i < 0 ? part : i == 2 ? 1.0 - part : 1.0;
        vec2 n = share * noise_pair(place_m / cell_m, (1 << (k + i)) - 1);
        sum += vec3(n * cell_m * 0.8, i > 0 ? 1.3 * n.x : 0.6 * n.y);
    }
    return sum;
}

// A share becomes a clear choice whose edge the noise breaks: `u` 0 .. 1 evenly, `width` of the edge.
float chosen(float share, float u, float width)
{
    return clamp((share - (1.0 - width) * u) / width, 0.0, 1.0);
}

// A material and its own colour.
struct Layer {
    int number;
    vec3 mean;
};

// Two materials, the one over the other, and what all shares of the pixel's surroundings are like on average.
struct Pick {
    Layer under, over;
    float part;
    vec3 around;
    vec2 bend; // of the ground itself
};

void pick_lay(inout Pick pick, Layer layer, float share, float u)
{
    pick.around = mix(pick.around, layer.mean, share);
    float part = chosen(share, u, 0.12);
    if (part <= 0.0)
        return;
    if (pick.part > 0.5)
        pick.under = pick.over;
    pick.over = layer;
    pick.part = part;
}

void pick_lay(inout Pick pick, int layer, float share, float u)
{
    pick_lay(pick, Layer(layer, material_mean[layer]), share, u);
}

// Of the ground that neither stone nor snow covers.
float woods_share(vec4 matter)
{
    return clamp(matter.b / max(1.0 - matter.g - matter.a, 0.02), 0.0, 1.0);
}

// Plants of open ground, which stand in patches: their tone over the mean of all, and how much of them is worn away.
struct Stand {
    vec3 tone;
    float worn, rock; // rock: of outcrops
    vec2 bend;        // of humps and hollows, which only slopes have
};

float above(float u, float edge)
{
    return clamp((u - edge) * 10.0 + 0.5, 0.0, 1.0);
}

// Patches of 8 to 80 m. Where it is wet rushes and moss, where it is dry sedge, which salt bears too, and heath on
// slopes. `torn` and `fine` make the edges ragged.
Stand stand_at(Place place, float slope, float torn, float fine)
{
    float seen = resolves(32.0, place.seen_m);
    if (seen <= 0.0)
        return Stand(vec3(1.0), 0.0, 0.0, vec2(0.0));
    vec2 wide_bend, close_bend;
    float near = resolves(16.0, place.seen_m);
    vec2 wide = noise_pair_bent(turned(place.at.xz) * (64.0 / float(NOISE_PERIOD)), 63, wide_bend);
    vec2 close = near * noise_pair_bent(place.at.xz * 0.0625, NOISE_PERIOD / 16 - 1, close_bend);
    vec2 u = 0.5 + 1.0 * wide + 0.7 * close + vec2(0.30, -0.22) * torn + vec2(0.22, 0.30) * fine;
    // Water stays on flat ground, and the north dries late.
    float dry = u.x + clamp(slope - 0.08, -0.08, 0.15) + 0.10 * place.normal.z;
    float salt = 0.12 * clamp(1.0 - 0.05 * place.at.y, 0.0, 1.0);
    float heath = u.y + 0.4 * clamp(slope - 0.15, -0.12, 0.25);
    vec3 tone = mix(vec3(0.95, 0.96, 0.92), vec3(1.30, 1.20, 1.16), above(dry + salt, 0.62));
    tone = mix(tone, vec3(0.69, 0.74, 0.74), above(0.36, dry));
    tone = mix(tone, vec3(0.86, 0.74, 0.86), above(heath - salt, 0.66));
    // The mean of all, as far ones show it.
    tone = mix(vec3(1.0), tone * vec3(1.17, 1.20, 1.19), seen);
    // Slopes creep into humps, of which rock looks out, and hollows, which are darker.
    float creep = seen * clamp(7.0 * slope - 0.35, 0.0, 1.0) * clamp(1.5 - 1.5 * slope, 0.4, 1.0);
    float hump = wide.x + 0.5 * close.x;
    tone *= 1.0 + creep * clamp(hump, -0.40, 0.22);
    float rock = creep * clamp(16.0 * (hump + 0.16 * torn + 0.30 * fine + 0.35 * min(slope, 0.6) - 0.44), 0.0, 1.0);
    vec2 bend = creep * (0.30 * turned_back(wide_bend) + (0.25 + 0.5 * rock) * near * close_bend);
    return Stand(tone, seen * above(0.27, u.y - 0.3 * (dry - 0.5)), rock, bend);
}

// Loose stones in clusters, more of them on slopes, one to a cell at most: cover, share of light that they leave to the
// ground beside them, bend.
struct Stones {
    float cover, light;
    vec2 bend;
};

// `bare`: share of the ground that may bear them.
Stones stones_at(Place place, float bare, float clump, float torn)
{
    const int k = 10; // cells of 3.2 m
    float cells = float(1 << k) / float(NOISE_PERIOD);
    if (bare <= 0.0 || resolves(0.056 / cells, place.seen_m) <= 0.0) // not even the largest would be seen
        return Stones(0.0, 1.0, vec2(0.0));
    float share = bare * clamp(0.25 + 0.8 * length(place.normal.xz) + 1.2 * noise_turned(place.at.xz, 6) + 0.5 * clump,
                               0.02, 0.8);
    vec2 p = turned(place.at.xz) * cells, cell = floor(p);
    ivec2 c = ivec2(cell) & ((1 << k) - 1);
    uint h = lattice(uint(c.x) + 77u, uint(c.y));
    vec4 any = vec4(uvec4(h, h >> 8, h >> 16, h >> 24) & 255u) * (1.0 / 255.0);
    float radius = 0.06 + 0.14 * any.w * any.w;
    // From aside a flat stone would be a streak.
    float there = resolves(0.28 * radius / cells, place.seen_m) *
                  clamp(-6.0 * dot(place.normal, place.ray) - 0.4, 0.0, 1.0);
    if (any.z >= share || there <= 0.0)
        return Stones(0.0, 1.0, vec2(0.0));
    // All of it, and its shadow, lies in the cell.
    vec2 away = (p - cell - 2.3 * radius - (1.0 - 4.6 * radius) * any.xy) / radius;
    vec2 lit = away + turned(sun_direction.xz) * 0.14, lumps = 1.0 + 0.7 * any.yx;
    float rise = 1.0 - dot(away * lumps, away) * (1.0 + 0.8 * torn);
    float shade = clamp(1.6 - dot(lit * lumps, lit), 0.0, 1.0);
    return Stones(there * clamp(rise * 4.0, 0.0, 1.0), 1.0 - 0.6 * there * shade, turned_back(away) * 0.7);
}

// Nothing but sand is so bright and so yellow: neither plants nor stones are on it.
float blown(vec3 tint)
{
    return clamp((tint.r - 0.27) * 16.0, 0.0, 1.0) * clamp((tint.r - tint.b - 0.09) * 16.0, 0.0, 1.0);
}

// `tint`: albedo of the surroundings; `matter`: its shares as in world/chunk.h; `laid`: bare_of() here;
// `torn`: -1 .. 1, breaks edges; `slow`: the landform's own variation; `trees`: share of the woods that is seen tree
// by tree.
Pick pick_materials(vec3 tint, vec4 matter, vec2 laid, Place place, float torn, float slow, float trees)
{
    vec2 at = place.at.xz;
    float fine = noise_turned(at, 12) * resolves(0.8, place.distance_m) +
                 0.7 * noise_turned(at, 14) * resolves(0.2, place.distance_m);
    float patches = noise_turned(at, 9) * resolves(6.4, place.distance_m);
    float u = clamp(0.5 + 0.55 * torn + 0.6 * fine, 0.0, 1.0);
    float slope = length(place.normal.xz) / max(place.normal.y, 0.1);
    float steep = slope + 0.25 * patches + 0.10 * fine;
    float sand = blown(tint);
    // Open ground shows in its colour how much of it is plants.
    float lush = clamp((tint.g / max(tint.r, 0.01) - 0.72) * 4.0, 0.0, 1.0) * (1.0 - sand);
    float bright = tint.r + 0.06 * patches;
    int bare = bright < 0.24 ? SOIL : steep > 0.45 ? GRAVEL : steep < 0.035 && bright < 0.31 ? MUD : SAND;
    bare = sand > 0.5 ? SAND : bare;
    // The hue of open ground is the tint's: its plants are but a little darker than what lies between them.
    vec3 open = mix(material_mean[bare], material_mean[GRASS], lush);
    Layer between = Layer(bare, open * 1.12);
    Pick pick = Pick(between, between, 0.0, between.mean, vec2(0.0));
    float bare_u = clamp(0.5 + 0.9 * patches + 0.3 * torn + 0.3 * fine, 0.0, 1.0);
    Stand stand = stand_at(place, slope, torn, fine);
    stand.tone *= 1.0 + 0.22 * terraces(place, slope, torn);
    vec3 plants = open * 0.94 * mix(vec3(1.0), stand.tone, lush);
    pick_lay(pick, Layer(GRASS, plants), lush * (1.0 - 0.9 * stand.worn), bare_u);
    pick.around = open * mix(1.12, 0.94, lush);
    // Of what those laid over it leave.
    pick_lay(pick, FOREST_FLOOR, woods_share(matter), u);
    if (pick.over.number == FOREST_FLOOR)
        pick.part *= 1.0 - trees;
    pick_lay(pick, RIVER_STONES, clamp((matter.r - 0.42) * 12.0, 0.0, 1.0), u); // .5 is the shore
    // Ochre rock is beds all over; in grey rock they come out here and there.
    bool bedded = tint.r > 1.45 * tint.b || (slow + 0.3 * torn > 0.0 && torn + 0.6 * patches > 0.1);
    int stone = steep > 0.68 ? (bedded ? BEDDED_ROCK : GRANITE) : steep > 0.42 ? SCREE : GRAVEL;
    vec3 around = mix(pick.around, material_mean[stone], bare_of(matter).x);
    float bare_share = (1.0 - sand) * (1.0 - clamp(2.0 * matter.b, 0.0, 1.0)) * (1.0 - matter.g) * (1.0 - matter.a);
    float out_of = stand.rock * bare_share;
    pick_lay(pick, out_of > laid.x ? Layer(GRANITE, 1.2 * material_mean[GRANITE]) : Layer(stone, material_mean[stone]),
             max(laid.x, out_of), u);
    pick.around = around;
    pick.bend = stand.bend * bare_share;
    int snow = steep > 0.95 ? ICE : SNOW;
    around = mix(around, material_mean[snow], matter.a);
    pick_lay(pick, snow, laid.y, u);
    pick.around = around;
    return pick;
}

// Albedo of crowns on average at most, whatever pale ground they stand on.
#define CROWN_BRIGHT vec3(0.064, 0.070, 0.032)

// A wood from above, where each tree is a dome that hides the lower ones beside it.
struct Canopy {
    float cover; // share of the pixel
    float light; // 1 on average
    float hue;   // about -1 .. 1: from blue to yellow
    vec2 bend;
    float sun; // share that taller trees let through
};

// How far the ray to the eye goes aside for each metre that it rises above the ground; not more than crowns allow.
vec2 leaning(Place place)
{
    vec2 aside = place.ray.xz * (place.normal.y / min(dot(place.normal, place.ray), -0.05));
    return aside * min(1.0, 1.7 * inversesqrt(max(dot(aside, aside), 0.01)));
}

// Trees on cells of 6.4 m: `share` of the ground under them; `needles`: share of conifers, which are slimmer; `lean` as
// above: one sees the dome that the ray meets first, not the one that stands where it ends; `seen_m`: as in Place.
Canopy canopy_at(vec2 place_m, float share, float needles, vec2 lean, float seen_m)
{
    const int mask = 511;
    vec2 leaves = vec2(0.0);
#if TIER > 1
    // Crowns have no round outlines.
    leaves = noise_pair(place_m * 0.5, NOISE_PERIOD / 2 - 1);
#endif
    vec2 p = (turned(place_m) + 12.0 * leaves) * (512.0 / float(NOISE_PERIOD));
    // Half a cell towards the light, and how much higher that is.
    float flat_share = inversesqrt(max(1.0 - sun_direction.y * sun_direction.y, 0.01));
    vec2 lit = turned(sun_direction.xz) * (0.1 * flat_share);
    float rise_lit = 0.35 * sun_direction.y * flat_share;
    vec2 up = turned(lean) * 0.2; // in cells, for each unit of height
    ivec2 cell = ivec2(floor(p + 0.5 * lit + 0.45 * up));
    float top = 0.0, before = 0.0, kind = 0.5, slim = 0.0;
    vec2 bend = vec2(0.0);
    for (int i = 0; i < 9; i++) {
        ivec2 c = cell + ivec2(i % 3 - 1, i / 3 - 1);
        uint h = lattice(uint(c.x & mask), uint(c.y & mask));
        vec4 any = vec4(uvec4(h, h >> 8, h >> 16, h >> 24) & 255u) * (1.0 / 255.0);
        vec2 away = p - (vec2(c) + 0.05 + 0.9 * any.xy);
        float needle = clamp((needles - fract(any.w * 7.0)) * 8.0 + 0.5, 0.0, 1.0);
        // At the edge of a wood trees are few and small.
        float grown = clamp(3.0 * (share * (1.35 + 0.3 * needle) - any.z), 0.0, 1.0);
        float tall = grown * mix(0.25 + 0.9 * any.w * any.w, 0.45 + 0.8 * any.w, needle);
        float steep = mix(1.6 - 0.7 * any.w, 3.0, needle);
        // Where the ray meets the dome: the higher of two places.
        float below = tall - steep * dot(away, away), turn = 1.0 + 2.0 * steep * dot(away, up);
        float square = turn * turn + 4.0 * steep * dot(up, up) * below;
        float root = sqrt(max(square, 0.0)), shorter = turn > 0.0 ? 2.0 * below : root - turn;
        float rise = square < 0.0 ? -1.0 : shorter / (turn > 0.0 ? turn + root : 2.0 * steep * dot(up, up));
        vec2 at = away + up * max(rise, 0.0), before_it = away + 0.5 * up + lit;
        before = max(before, tall - steep * dot(before_it, before_it));
        if (rise > top) {
            top = rise;
            kind = any.w;
            slim = needle;
            bend = -1.2 * steep * at;
        }
    }
#if TIER > 1
    // Leaves lie on the crown, not on the ground behind it.
    float high_m = 6.4 * max(top, 0.0);
    vec2 on_m = place_m + lean * high_m + vec2(0.7, -0.7) * high_m;
    leaves = resolves(2.0, seen_m) * noise_pair(on_m * 0.5, NOISE_PERIOD / 2 - 1);
    float twigs = resolves(0.8, seen_m);
    if (twigs > 0.0)
        leaves += 2.0 * twigs * noise_pair(turned(on_m) * 0.25, NOISE_PERIOD / 4 - 1);
#endif
    float own = fract(kind * 31.0);
    float light = (0.5 + 0.9 * min(top, 1.0)) * max(1.0 + leaves.x, 0.2) * (0.75 + 0.5 * own) * (1.15 - 0.3 * slim);
    float shade = clamp((before - top - rise_lit) * 2.5, 0.0, 1.0);
    return Canopy(clamp(top * 5.0, 0.0, 1.0), light / (1.01 - 0.37 * needles), 2.0 * own - 1.0 - 0.5 * slim,
                  turned_back(bend) + 0.8 * leaves, 1.0 - 0.75 * shade);
}

// What lies on the ground, and in `part` how much of it the upper material is.
Look look_picked(Place place, Pick pick, out float part)
{
    Look under = look_of(place, pick.under.number), over = under;
    if (pick.part > 0.0 && pick.over.number != pick.under.number)
        over = look_of(place, pick.over.number);
    // The higher grains of the one stand out of the other.
    float edge = pick.part * (1.0 - pick.part);
    part = clamp((pick.part - 0.5 + 2.4 * edge * (over.height - under.height)) * 2.0 + 0.5, 0.0, 1.0);
    part = pick.part <= 0.0 ? 0.0 : pick.part >= 1.0 ? 1.0 : part;
    Look look = look_mix(under, over, part);
#if TIER == 1
    vec4 relief = vec4(0.0, 0.0, 0.9, 1.0);
    if (place.near > 0.0)
        relief = relief_at(spot_straight(place.laid.xz, place.across.xz, place.down.xz, SQUARE_NEAR),
                           part > 0.5 ? pick.over.number : pick.under.number);
    look.bend = place.near * relief.xy;
    look.open = mix(1.0, relief.w, place.near);
#endif
    return look;
}

Ground ground_material(vec3 tint, vec4 matter, vec2 laid, Place place, Crag crag, float torn, float slow)
{
    // Trees stand on the floor of a wood as soon as one cannot see between them.
    float stands = clamp((place.distance_m - 30.0) * 0.025, 0.0, 1.0);
    float trees = stands * resolves(6.4, place.seen_m);
    // Clumps of 26 m and more differ as a whole.
    float clump = 0.20 * slow + 0.30 * noise_turned(place.at.xz, 7);
    Canopy canopy = Canopy(0.0, 1.0, 0.0, vec2(0.0), 1.0);
    float dry = clamp((0.5 - matter.r) * 12.0, 0.0, 1.0); // .5 is the shore
    if (trees > 0.0 && matter.b * dry > 0.02) {
        // Cold woods are the bluer ones.
        float needles = clamp((tint.b / max(tint.g, 0.01) - 0.43) * 10.0, 0.0, 1.0);
        canopy = canopy_at(place.at.xz, matter.b * dry * (1.0 + 0.3 * clump), needles, leaning(place), place.seen_m);
    }
    float cover = canopy.cover * trees, part = 0.0;
    Pick pick = pick_materials(tint, matter, laid, place, torn, slow, trees);
    Look look = Look(vec3(1.0), 0.5, vec2(0.0), 0.9, 1.0);
    if (cover < 1.0)
        look = look_picked(place, pick, part);
    vec3 mean = mix(pick.under.mean, pick.over.mean, part);
    // Snow is that much brighter than what it lies on.
    vec3 tone = look.ratio * clamp(mean / pick.around, mix(0.45, 0.15, matter.a), mix(2.2, 6.0, laid.y));
    float bare = dry * (1.0 - matter.b) * (1.0 - matter.a) * (1.0 - matter.g);
    float cliff = clamp((SHEER - place.normal.y) * 8.0, 0.0, 1.0);
    bare *= (1.0 - cliff) * (1.0 - blown(tint));
    // Ochre walls show their beds, grey ones what runs down them.
    float ochre = clamp(3.0 * tint.r / max(tint.b, 0.01) - 3.8, 0.0, 1.0);
    tone *= streaks(place, matter.g * (1.0 - 0.7 * ochre), torn);
    float bedded = (0.25 + 0.42 * ochre) * cliff * (1.0 - matter.a);
    if (bedded > 0.0)
        tone *= 1.0 + bedded * strata(place, 9.0 * crag.rise + 4.0 * slow, torn);
    Stones stones = stones_at(place, bare, clump, torn);
    vec3 grey = clamp(0.8 * material_mean[GRANITE] / pick.around, 0.5, 1.7);
    tone = mix(tone * stones.light, grey * look.ratio * look.ratio, stones.cover);
    look.bend += stones.cover * stones.bend + pick.bend + crag.bend * (1.0 - 0.5 * laid.y);
    tone *= 1.0 + crag.rise * (0.36 - 0.28 * laid.y);
    vec3 crown = clamp(material_mean[FOREST_FLOOR] / pick.around, 0.2, 2.2);
    crown = min(crown, CROWN_BRIGHT / max(tint, 0.01)) * (canopy.light * (1.0 + 0.2 * torn));
    crown *= (1.0 + clump) * (1.0 + 0.16 * canopy.hue * vec3(1.0, 0.3, -1.0));
    float dim = 1.0 - 0.6 * trees * smoothstep(0.2, 0.8, matter.b);
    tone = mix(tone * dim, crown, cover);
    // Farther away clumps are what one sees, and grain.
    float woods = stands * (1.0 - trees) * chosen(matter.b, clamp(0.5 + 0.55 * torn, 0.0, 1.0), 0.12);
    tone *= 1.0 + woods * (clump * resolves(25.6, place.distance_m) + 0.4 * torn);
    // Leaves scatter more evenly than a dome would, and before the sun one sees the dark sides of crowns.
    vec2 dark_side = place.ray.xz * (0.5 * max(dot(place.ray, sun_direction.xyz), 0.0));
    vec2 bend = mix(look.bend, 0.45 * canopy.bend + dark_side, cover);
    float open = mix(look.open, clamp(canopy.light, 0.4, 1.0), cover);
    vec3 n = place.normal;
    n = normalize(vec3(n.x - bend.x * n.y, n.y, n.z - bend.y * n.y));
    return Ground(tone, n, look.rough, open, mix(1.0, canopy.sun, trees), cover);
}
