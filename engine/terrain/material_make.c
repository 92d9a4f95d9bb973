#include "terrain/material_make.h"

#include "terrain/material_noise.h"
#include <assert.h>
#include <string.h>

#define SIDE MATERIAL_SIDE
#define TEXELS (SIDE * SIDE)
#define TILE_M 4.0f // of the square on the ground, for slopes
// Texels each way over which patches and hollows are sought.
#define PATCH_REACH 28
#define PATCH_LEVELLED 0.85f
#define HOLLOW_REACH 12

// What a recipe says of a texel; colour and roughness relative to the material's own.
typedef struct Texel {
    float r, g, b, height, rough;
} Texel;

typedef Texel Recipe(MaterialPoint p);

static Texel grey(float light, float height)
{
    return (Texel){light, light, light, height, 1.0f};
}

// Towards red and away from blue.
static Texel warmed(Texel t, float warm)
{
    t.r *= 1.0f + 0.5f * warm;
    t.b *= 1.0f - warm;
    return t;
}

static MaterialPoint bent(MaterialPoint p, int cells, float by, uint32_t seed)
{
    return (MaterialPoint){p.u + by * material_noise(p, cells, seed),
                           p.v + by * material_noise(p, cells, seed + 1)};
}

static float highest(float a, float b)
{
    return a > b ? a : b;
}

// Blades lie in five directions over each other; the dry ones are straw.
static Texel grass(MaterialPoint p)
{
    static const int directions[5][2] = {{1, 0}, {1, 1}, {0, 1}, {-1, 1}, {2, 1}};
    static const int across[5] = {96, 64, 88, 72, 40};
    MaterialPoint q = bent(p, 12, 0.012f, 1);
    float top = -1.0f, straw = 0.0f;
    for (int i = 0; i < 5; i++) {
        uint32_t seed = 10 + 3 * (uint32_t)i;
        float blade = material_noise_streaks(q, directions[i], across[i] / 8, across[i], seed);
        blade += 0.35f *
                 material_noise_streaks(q, directions[i], across[i] / 4, 2 * across[i], seed + 1);
        if (blade > top) {
            top = blade;
            straw = material_noise_ramp(material_noise(p, 16 + i, seed + 2), 0.15f, 0.55f);
        }
    }
    float tuft = material_noise_sum(p, 9, 3, 0.6f, 40);
    Texel t = grey(0.62f + 0.55f * top + 0.14f * tuft, 0.6f * top + 0.45f * tuft);
    t.r *= 1.0f + 0.30f * straw + 0.10f * tuft;
    t.g *= 1.0f + 0.10f * straw;
    t.b *= 1.0f - 0.10f * tuft;
    return t;
}

// Litter: small leaves over each other, twigs, moss between.
static Texel forest_floor(MaterialPoint p)
{
    float top = -1.0f, light = 0.7f, warm = 0.0f;
    for (int i = 0; i < 3; i++) {
        MaterialPoint q = bent(p, 20, 0.008f, 60 + 2 * (uint32_t)i);
        MaterialCell leaf = material_noise_cells(q, 46 + 11 * i, 0.9f, 70 + (uint32_t)i);
        float lift = material_noise_unit(leaf.id, 1) - 1.2f * leaf.near;
        if (lift > top) {
            top = lift;
            light = 0.62f + 0.55f * material_noise_unit(leaf.id, 2) + 0.25f * leaf.x;
            warm = 0.55f * (material_noise_unit(leaf.id, 3) - 0.45f);
        }
    }
    float moss = material_noise_ramp(material_noise_sum(p, 7, 3, 0.6f, 80), 0.1f, 0.5f);
    static const int twigs[2] = {1, 2};
    float twig = material_noise_ramp(
        material_noise_streaks(bent(p, 8, 0.01f, 90), twigs, 6, 44, 91), 0.55f, 0.75f);
    float grain = material_noise_sum(p, 64, 2, 0.7f, 95);
    Texel t = warmed(grey(light + 0.12f * grain, top + 0.5f * twig + 0.15f * grain), warm);
    t.r *= 1.0f - 0.18f * moss;
    t.g *= 1.0f + 0.06f * moss;
    t.b *= 1.0f - 0.15f * moss;
    t.height += 0.35f * moss * (0.6f + 0.4f * grain);
    return t;
}

static Texel soil(MaterialPoint p)
{
    float crumb = 0.0f;
    for (int i = 0; i < 3; i++) {
        MaterialCell c = material_noise_cells(p, 30 << i, 1.0f, 100 + (uint32_t)i);
        crumb += (0.5f - c.near) / (float)(1 + i);
    }
    float lumps = material_noise_sum(p, 12, 5, 0.7f, 110);
    float damp = material_noise_sum(p, 9, 2, 0.6f, 117);
    Texel t =
        grey(1.0f + 0.22f * lumps + 0.28f * crumb - 0.08f * damp, 0.5f * lumps + 0.5f * crumb);
    return warmed(t, 0.10f * damp + 0.06f * lumps);
}

// Stones of one size, each with its own tint; 0 beside them.
typedef struct Stones {
    int count;
    float jitter, share, round;
    uint32_t seed;
} Stones;

static float stone_at(MaterialPoint p, const Stones *s, Texel *out)
{
    MaterialCell c = material_noise_cells(p, s->count, s->jitter, s->seed);
    if (material_noise_unit(c.id, 1) > s->share)
        return 0.0f;
    float size = 0.55f + 0.45f * material_noise_unit(c.id, 2);
    float edge = c.next - c.near; // 0 between two stones
    float top = material_noise_ramp(edge, 0.04f, s->round * size);
    float tilt =
        (material_noise_unit(c.id, 3) - 0.5f) * c.x + (material_noise_unit(c.id, 4) - 0.5f) * c.z;
    float face = material_noise_sum(p, s->count * 3, 3, 0.6f, s->seed + 5);
    *out = warmed(grey(0.72f + 0.60f * material_noise_unit(c.id, 5) + 0.10f * face, 0.0f),
                  0.32f * (material_noise_unit(c.id, 6) - 0.5f));
    out->height = top * size + (0.5f * tilt + 0.08f * face) * top;
    return top;
}

// Large stones over small ones over `bed`.
static Texel stones_over(MaterialPoint p, const Stones *sizes, int count, Texel bed)
{
    Texel out = bed;
    for (int i = count - 1; i >= 0; i--) {
        Texel stone;
        float top = stone_at(p, &sizes[i], &stone);
        float scale = (float)sizes[count - 1].count / (float)sizes[i].count;
        float height = 0.35f * scale * stone.height;
        if (top <= 0.0f || height < out.height)
            continue;
        stone.height = height;
        float shade = 0.72f + 0.28f * material_noise_ramp(top, 0.0f, 0.5f);
        out = (Texel){stone.r * shade, stone.g * shade, stone.b * shade, height, stone.rough};
    }
    return out;
}

static Texel sandy_bed(MaterialPoint p, uint32_t seed)
{
    float grain = material_noise_sum(p, 40, 4, 0.8f, seed);
    return warmed(grey(0.74f + 0.16f * grain, 0.10f + 0.06f * grain), 0.06f);
}

static Texel gravel(MaterialPoint p)
{
    static const Stones sizes[3] = {{26, 0.85f, 0.55f, 0.42f, 120},
                                    {46, 0.9f, 0.75f, 0.45f, 130},
                                    {84, 0.9f, 0.95f, 0.5f, 140}};
    return stones_over(bent(p, 24, 0.004f, 150), sizes, 3, sandy_bed(p, 152));
}

// Broken rock with sharp faces.
static Texel scree(MaterialPoint p)
{
    static const Stones sizes[3] = {
        {13, 1.0f, 0.62f, 0.20f, 160}, {25, 1.0f, 0.8f, 0.22f, 170}, {52, 1.0f, 0.95f, 0.3f, 180}};
    return stones_over(p, sizes, 3, sandy_bed(p, 190));
}

static Texel river_stones(MaterialPoint p)
{
    static const Stones sizes[3] = {{14, 0.65f, 0.85f, 0.80f, 200},
                                    {27, 0.7f, 0.8f, 0.75f, 210},
                                    {56, 0.85f, 0.95f, 0.55f, 220}};
    Texel t = stones_over(bent(p, 10, 0.010f, 230), sizes, 3, sandy_bed(p, 232));
    t.rough = 0.85f;
    return t;
}

// Thin beds along one side, broken by joints.
static Texel bedded_rock(MaterialPoint p)
{
    float warp = 0.35f * material_noise_sum(p, 5, 3, 0.5f, 240);
    float at = p.v * 15.0f + warp;
    float bed = material_noise_wave(at),
          thin = material_noise_wave(3.0f * at + 0.3f * material_noise(p, 9, 245));
    MaterialPoint q = {p.u + 0.012f * material_noise(p, 16, 246), p.v + warp * (1.0f / 15.0f)};
    MaterialCell block = material_noise_cells(q, 15, 0.8f, 250);
    float crack = 1.0f - material_noise_ramp(block.next - block.near, 0.0f, 0.10f);
    float grain = material_noise_sum(p, 24, 5, 0.7f, 255);
    float tone = material_noise_unit(block.id, 1) - 0.5f;
    Texel t = grey(1.0f + 0.09f * bed + 0.05f * thin + 0.12f * tone + 0.14f * grain - 0.16f * crack,
                   0.35f * bed + 0.15f * thin + 0.25f * tone + 0.22f * grain - 0.35f * crack);
    return warmed(t, 0.05f * bed + 0.12f * tone);
}

// Crystals of three kinds, joints, a little lichen.
static Texel granite(MaterialPoint p)
{
    MaterialCell crystal = material_noise_cells(p, 110, 1.0f, 260),
                 large = material_noise_cells(p, 56, 1.0f, 261);
    float kind = material_noise_unit(crystal.id, 1);
    Texel t = grey(kind < 0.28f ? 0.72f : kind < 0.72f ? 1.02f : 1.16f, 0.0f);
    if (material_noise_unit(large.id, 1) > 0.72f && large.near < 0.42f)
        t = warmed(grey(1.12f, 0.0f), 0.10f);
    MaterialPoint q = bent(p, 6, 0.030f, 265);
    MaterialCell slab = material_noise_cells(q, 6, 0.9f, 270);
    float edge = slab.next - slab.near;
    float joint = 1.0f - material_noise_ramp(edge, 0.0f, 0.035f);
    float lichen = material_noise_ramp(material_noise_sum(p, 11, 4, 0.65f, 275), 0.25f, 0.6f);
    float face = material_noise_sum(p, 7, 6, 0.58f, 280);
    float light = (1.0f + 0.10f * face - 0.22f * joint) * (1.0f - 0.14f * lichen);
    float tilt = (material_noise_unit(slab.id, 1) - 0.5f) * slab.x +
                 (material_noise_unit(slab.id, 2) - 0.5f) * slab.z;
    t.r *= light;
    t.g *= light * (1.0f + 0.05f * lichen);
    t.b *= light * (1.0f - 0.12f * lichen);
    t.height = 0.5f * face + 0.7f * tilt - 0.35f * joint;
    return t;
}

// Wind ripples with a steep side, which fork where they meet.
static Texel sand(MaterialPoint p)
{
    float phase = p.u * 3.0f + p.v * 26.0f + 0.75f * material_noise(p, 4, 290) +
                  0.4f * material_noise(p, 9, 291);
    float ripple = material_noise_wave(phase + 0.12f * material_noise_wave(phase));
    float strength = 0.75f + 0.35f * material_noise(p, 6, 295);
    float grain = material_noise_sum(p, 100, 2, 0.9f, 296);
    Texel t = grey(1.0f + 0.07f * ripple * strength + 0.09f * grain,
                   0.5f * ripple * strength + 0.05f * grain);
    return warmed(t, 0.03f * ripple);
}

static Texel mud(MaterialPoint p)
{
    MaterialPoint q = bent(p, 14, 0.010f, 300);
    MaterialCell plate = material_noise_cells(q, 11, 0.85f, 302),
                 small = material_noise_cells(q, 30, 0.9f, 303);
    float edge = plate.next - plate.near, fine = small.next - small.near;
    float crack = 1.0f - material_noise_ramp(edge, 0.015f, 0.10f);
    float hair = 0.5f * (1.0f - material_noise_ramp(fine, 0.0f, 0.06f));
    float curl = material_noise_ramp(edge, 0.5f, 0.08f);
    float grain = material_noise_sum(p, 20, 5, 0.65f, 305);
    float tone = material_noise_unit(plate.id, 1) - 0.5f;
    Texel t =
        grey(1.0f + 0.10f * tone + 0.09f * grain - 0.42f * crack - 0.16f * hair + 0.05f * curl,
             0.30f * curl + 0.12f * grain + 0.15f * tone - crack - 0.3f * hair);
    return warmed(t, 0.06f * tone + 0.04f * grain);
}

// Wind crust: long low scales with a steep lee side.
static Texel snow(MaterialPoint p)
{
    static const int wind[2] = {2, 1};
    MaterialPoint q = bent(p, 7, 0.03f, 310);
    float scales = material_noise_streaks(q, wind, 4, 9, 312);
    float crust = highest(scales, material_noise_streaks(q, wind, 7, 16, 313) - 0.1f);
    float fine = material_noise_sum(p, 30, 4, 0.6f, 315);
    Texel t = grey(1.0f + 0.035f * crust + 0.025f * fine, 0.7f * crust + 0.15f * fine);
    t.b *= 1.0f - 0.02f * crust;
    t.rough = 1.0f + 0.2f * fine;
    return t;
}

static Texel ice(MaterialPoint p)
{
    MaterialPoint q = bent(p, 6, 0.025f, 320);
    MaterialCell plate = material_noise_cells(q, 6, 0.95f, 322),
                 fine = material_noise_cells(q, 15, 1.0f, 323);
    float crack = 1.0f - material_noise_ramp(plate.next - plate.near, 0.0f, 0.03f);
    float hair = 1.0f - material_noise_ramp(fine.next - fine.near, 0.0f, 0.03f);
    float cloud = material_noise_sum(p, 6, 5, 0.6f, 325);
    float white = highest(crack, 0.6f * hair);
    Texel t = grey(1.0f + 0.10f * cloud + 0.25f * white, 0.3f * cloud - 0.3f * crack);
    t.r *= 1.0f + 0.10f * cloud + 0.10f * white;
    t.rough = 1.0f + 1.2f * white + 0.3f * cloud;
    return t;
}

typedef struct Layer {
    Recipe *recipe;
    float relief_m; // between the deepest and the highest texel
    float mean[3];  // of the albedo, for its luminance
    float rough;
} Layer;

static Layer layer_of(MaterialKind kind)
{
#define LAYER_ROUGH(name, r, g, b, rough) [MATERIAL_##name] = {{r, g, b}, rough},
    static const struct {
        float mean[3], rough;
    } means[MATERIAL_COUNT] = {MATERIAL_LIST(LAYER_ROUGH)};
#undef LAYER_ROUGH
    static const struct {
        Recipe *recipe;
        float relief_m;
    } recipes[MATERIAL_COUNT] = {
        [MATERIAL_GRASS] = {grass, 0.10f},     [MATERIAL_FOREST_FLOOR] = {forest_floor, 0.10f},
        [MATERIAL_SOIL] = {soil, 0.08f},       [MATERIAL_GRAVEL] = {gravel, 0.08f},
        [MATERIAL_SCREE] = {scree, 0.20f},     [MATERIAL_BEDDED_ROCK] = {bedded_rock, 0.20f},
        [MATERIAL_GRANITE] = {granite, 0.22f}, [MATERIAL_SAND] = {sand, 0.018f},
        [MATERIAL_MUD] = {mud, 0.05f},         [MATERIAL_SNOW] = {snow, 0.10f},
        [MATERIAL_ICE] = {ice, 0.06f},         [MATERIAL_RIVER_STONES] = {river_stones, 0.13f}};
    Layer out = {recipes[kind].recipe, recipes[kind].relief_m, {0}, means[kind].rough};
    memcpy(out.mean, means[kind].mean, sizeof out.mean);
    return out;
}

// The planes of a layer while it is made: three colours, height, roughness, two to blur with.
enum { PLANE_R, PLANE_G, PLANE_B, PLANE_HEIGHT, PLANE_ROUGH, PLANE_BLUR, PLANE_SPARE, PLANE_COUNT };

static void fill_planes(Recipe *recipe, float *planes[PLANE_COUNT])
{
    for (int j = 0; j < SIDE; j++) {
        for (int i = 0; i < SIDE; i++) {
            MaterialPoint p = {((float)i + 0.5f) / SIDE, ((float)j + 0.5f) / SIDE};
            Texel t = recipe(p);
            int at = j * SIDE + i;
            planes[PLANE_R][at] = t.r;
            planes[PLANE_G][at] = t.g;
            planes[PLANE_B][at] = t.b;
            planes[PLANE_HEIGHT][at] = t.height;
            planes[PLANE_ROUGH][at] = t.rough;
        }
    }
}

static double mean_of(const float *plane)
{
    double sum = 0.0;
    for (int i = 0; i < TEXELS; i++)
        sum += (double)plane[i];
    return sum / TEXELS;
}

// Mean of a line of texels around each, across the edges.
static void blur_line(const float *from, int pitch, int reach, float *to)
{
    float sum = 0.0f, part = 1.0f / (float)(2 * reach + 1);
    for (int i = -reach; i <= reach; i++)
        sum += from[(i & (SIDE - 1)) * pitch];
    for (int i = 0; i < SIDE; i++) {
        to[i * pitch] = sum * part;
        sum += from[((i + reach + 1) & (SIDE - 1)) * pitch];
        sum -= from[((i - reach) & (SIDE - 1)) * pitch];
    }
}

// The blurred plane goes to PLANE_BLUR.
static void blur(float *planes[PLANE_COUNT], const float *from, int reach)
{
    for (int j = 0; j < SIDE; j++)
        blur_line(from + j * SIDE, 1, reach, planes[PLANE_SPARE] + j * SIDE);
    for (int i = 0; i < SIDE; i++)
        blur_line(planes[PLANE_SPARE] + i, SIDE, reach, planes[PLANE_BLUR] + i);
}

// Brings each colour's mean to 1, without the slow part: a patch that stands out would show how the ground repeats.
static void level_means(float *planes[PLANE_COUNT])
{
    for (int c = PLANE_R; c <= PLANE_B; c++) {
        blur(planes, planes[c], PATCH_REACH);
        float mean = (float)mean_of(planes[c]), scale = 1.0f / mean;
        for (int i = 0; i < TEXELS; i++)
            planes[c][i] = (planes[c][i] - PATCH_LEVELLED * (planes[PLANE_BLUR][i] - mean)) * scale;
    }
}

// Brings the spread of the luminance under its bound.
static void level_spread(float *planes[PLANE_COUNT], const float mean[3])
{
    float weights[3] = {0.2126f * mean[0], 0.7152f * mean[1], 0.0722f * mean[2]};
    float all = weights[0] + weights[1] + weights[2];
    double square = 0.0;
    for (int i = 0; i < TEXELS; i++) {
        float light = weights[0] * planes[PLANE_R][i] + weights[1] * planes[PLANE_G][i] +
                      weights[2] * planes[PLANE_B][i];
        double off = (double)(light / all - 1.0f);
        square += off * off;
    }
    double bound = 0.95 * (double)MATERIAL_MAKE_SPREAD_MAX * 255.0 / MATERIAL_UNIT;
    double spread = sqrt(square / TEXELS);
    float keep = spread > bound ? (float)(bound / spread) : 1.0f;
    for (int c = PLANE_R; c <= PLANE_B; c++)
        for (int i = 0; i < TEXELS; i++)
            planes[c][i] = 1.0f + (planes[c][i] - 1.0f) * keep;
}

static void level_heights(float *height)
{
    float low = height[0], high = height[0];
    for (int i = 1; i < TEXELS; i++) {
        low = height[i] < low ? height[i] : low;
        high = height[i] > high ? height[i] : high;
    }
    float scale = 1.0f / (high - low);
    for (int i = 0; i < TEXELS; i++)
        height[i] = (height[i] - low) * scale;
}

static uint8_t byte_of(float value)
{
    float scaled = value * 255.0f + 0.5f;
    return (uint8_t)(scaled < 0.0f ? 0.0f : scaled > 255.0f ? 255.0f : scaled);
}

static void write_colour(float *planes[PLANE_COUNT], uint8_t *out)
{
    const float unit = (float)MATERIAL_UNIT / 255.0f;
    for (int i = 0; i < TEXELS; i++) {
        for (int c = PLANE_R; c <= PLANE_B; c++)
            out[4 * i + c] = byte_of(planes[c][i] * unit);
        out[4 * i + 3] = byte_of(planes[PLANE_HEIGHT][i]);
    }
}

static void write_relief(float *planes[PLANE_COUNT], const Layer *layer, uint8_t *out)
{
    const float *height = planes[PLANE_HEIGHT];
    float slope = layer->relief_m * (SIDE / TILE_M) * 0.5f;
    for (int j = 0; j < SIDE; j++) {
        const float *north = height + ((j - 1) & (SIDE - 1)) * SIDE;
        const float *south = height + ((j + 1) & (SIDE - 1)) * SIDE;
        for (int i = 0; i < SIDE; i++) {
            int at = j * SIDE + i, row = j * SIDE;
            float x = slope *
                      (height[row + ((i - 1) & (SIDE - 1))] - height[row + ((i + 1) & (SIDE - 1))]);
            float z = slope * (north[i] - south[i]);
            float shorter = 1.0f / sqrtf(1.0f + x * x + z * z);
            float deep = planes[PLANE_BLUR][at] - height[at];
            uint8_t *to = out + 4 * (size_t)at;
            to[0] = byte_of(0.5f + 0.5f * x * shorter);
            to[1] = byte_of(0.5f + 0.5f * z * shorter);
            to[2] = byte_of(layer->rough * planes[PLANE_ROUGH][at]);
            to[3] = byte_of(1.0f - 1.6f * (deep > 0.0f ? deep : 0.0f));
        }
    }
}

// Each mip is the mean of 2 x 2 texels, rounded.
static void fill_mips(uint8_t *map)
{
    for (int mip = 1; mip < MATERIAL_MIPS; mip++) {
        const uint8_t *from = map + material_mip_offset_bytes(mip - 1);
        uint8_t *to = map + material_mip_offset_bytes(mip);
        int side = SIDE >> mip, pitch = 8 * side;
        for (int i = 0; i < 4 * side * side; i++) {
            int x = i / 4 % side, z = i / 4 / side, c = i % 4;
            const uint8_t *at = from + 2 * z * pitch + 8 * x + c;
            to[i] = (uint8_t)((at[0] + at[4] + at[pitch] + at[pitch + 4] + 2) / 4);
        }
    }
}

void material_make(MaterialKind kind, Arena *scratch, uint8_t *out)
{
    Layer layer = layer_of(kind);
    size_t mark = arena_mark(scratch);
    float *planes[PLANE_COUNT];
    for (int i = 0; i < PLANE_COUNT; i++) {
        planes[i] = arena_alloc(scratch, sizeof(float) * TEXELS);
        assert(planes[i]);
    }
    uint8_t *colour = out, *relief = out + MATERIAL_MAP_BYTES;
    fill_planes(layer.recipe, planes);
    level_means(planes);
    level_spread(planes, layer.mean);
    level_heights(planes[PLANE_HEIGHT]);
    write_colour(planes, colour);
    blur(planes, planes[PLANE_HEIGHT], HOLLOW_REACH);
    write_relief(planes, &layer, relief);
    fill_mips(colour);
    fill_mips(relief);
    arena_rewind(scratch, mark);
}
