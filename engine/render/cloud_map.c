#include "render/cloud_map.h"

#include "base/os_memory.h"
#include "base/rng.h"
#include <assert.h>
#include <math.h>

#define SIDE CLOUD_MAP_SIDE
#define TEXELS (SIDE * SIDE)
#define CELLS_MAX 128
#define RANKS 4096
#define SEED UINT64_C(0x636c6f756473)

// Random slopes on a lattice that repeats with the map.
typedef struct Lattice {
    int across, down; // cells
    float slope[CELLS_MAX * CELLS_MAX][2];
} Lattice;

typedef struct Work {
    Lattice lattice;
    float heaps[TEXELS], veils[TEXELS];
    float bend_x[TEXELS], bend_z[TEXELS];
    uint32_t count[RANKS];
} Work;

static void fill_lattice(Lattice *lattice, int across, int down, uint64_t stream)
{
    assert(across <= CELLS_MAX && down <= CELLS_MAX);
    lattice->across = across;
    lattice->down = down;
    for (int i = 0; i < across * down; i++) {
        uint64_t n = 2 * (uint64_t)i;
        lattice->slope[i][0] = rng_range(SEED, stream, n, -1.0f, 1.0f);
        lattice->slope[i][1] = rng_range(SEED, stream, n + 1, -1.0f, 1.0f);
    }
}

static float corner(const Lattice *lattice, int x, int z, float fx, float fz)
{
    const float *slope = lattice->slope[z * lattice->across + x];
    return slope[0] * fx + slope[1] * fz;
}

// Gradient noise at a place of the map, both coordinates in -1 .. 2 for once the map's side. About -0.7 .. 0.7.
static float noise_at(const Lattice *lattice, float u, float v)
{
    float x = (u + 1.0f) * (float)lattice->across, z = (v + 1.0f) * (float)lattice->down;
    int ix = (int)x, iz = (int)z;
    float fx = x - (float)ix, fz = z - (float)iz;
    int x0 = ix % lattice->across, z0 = iz % lattice->down;
    int x1 = (x0 + 1) % lattice->across, z1 = (z0 + 1) % lattice->down;
    float wx = fx * fx * (3.0f - 2.0f * fx), wz = fz * fz * (3.0f - 2.0f * fz);
    float a = corner(lattice, x0, z0, fx, fz), b = corner(lattice, x1, z0, fx - 1.0f, fz);
    float c = corner(lattice, x0, z1, fx, fz - 1.0f),
          d = corner(lattice, x1, z1, fx - 1.0f, fz - 1.0f);
    float top = a + (b - a) * wx, bottom = c + (d - c) * wx;
    return top + (bottom - top) * wz;
}

static float texel_at(int i)
{
    return ((float)i + 0.5f) / SIDE;
}

// Groups of heaps from the slow octaves; the fast ones are folded, which gives round humps with sharp creases.
static void fill_heaps(Work *work)
{
    static const struct {
        int cells;
        float weight;
        int folded;
    } octaves[] = {{3, 0.5f, 0},   {8, 0.8f, 0},   {17, 0.7f, 0},  {31, 0.5f, 1},
                   {61, 0.34f, 1}, {101, 0.2f, 1}, {127, 0.12f, 1}};
    for (int o = 0; o < (int)(sizeof octaves / sizeof octaves[0]); o++) {
        fill_lattice(&work->lattice, octaves[o].cells, octaves[o].cells, (uint64_t)o);
        for (int i = 0; i < TEXELS; i++) {
            float n = noise_at(&work->lattice, texel_at(i % SIDE), texel_at(i / SIDE));
            work->heaps[i] += octaves[o].weight * (octaves[o].folded ? 2.0f * fabsf(n) : n);
        }
    }
}

// Long soft threads along the wind, which bends them a little, in patches.
static void fill_veils(Work *work)
{
    static const int cells[][2] = {{2, 7}, {3, 17}, {4, 41}, {7, 97}};
    static const float weights[] = {0.5f, 0.36f, 0.26f, 0.16f};
    fill_lattice(&work->lattice, 3, 3, 16);
    for (int i = 0; i < TEXELS; i++)
        work->bend_x[i] = noise_at(&work->lattice, texel_at(i % SIDE), texel_at(i / SIDE));
    fill_lattice(&work->lattice, 4, 4, 17);
    for (int i = 0; i < TEXELS; i++)
        work->bend_z[i] = noise_at(&work->lattice, texel_at(i % SIDE), texel_at(i / SIDE));
    for (int o = 0; o < 4; o++) {
        fill_lattice(&work->lattice, cells[o][0], cells[o][1], 18 + (uint64_t)o);
        for (int i = 0; i < TEXELS; i++) {
            float u = texel_at(i % SIDE) + 0.14f * work->bend_x[i],
                  v = texel_at(i / SIDE) + 0.06f * work->bend_z[i];
            work->veils[i] += weights[o] * noise_at(&work->lattice, u, v);
        }
    }
    for (int i = 0; i < TEXELS; i++)
        work->veils[i] += 0.3f * work->bend_z[i] - 0.3f * work->bend_x[i];
}

// Replaces each value by the share of the map that lies below it.
static void rank(Work *work, float *field)
{
    float low = field[0], high = field[0];
    for (int i = 1; i < TEXELS; i++) {
        low = fminf(low, field[i]);
        high = fmaxf(high, field[i]);
    }
    float scale = (RANKS - 1) / fmaxf(high - low, 1e-6f);
    for (int i = 0; i < RANKS; i++)
        work->count[i] = 0;
    for (int i = 0; i < TEXELS; i++)
        work->count[(int)((field[i] - low) * scale)]++;
    uint32_t below = 0;
    for (int i = 0; i < RANKS; i++) {
        uint32_t here = work->count[i];
        work->count[i] = below + here / 2;
        below += here;
    }
    for (int i = 0; i < TEXELS; i++)
        field[i] = (float)work->count[(int)((field[i] - low) * scale)] / TEXELS;
}

static float heap(const Work *work, int x, int z)
{
    return work->heaps[((z + SIDE) % SIDE) * SIDE + (x + SIDE) % SIDE];
}

// The shadow that a cloud throws on itself: how much thicker it is a few hundred metres that way.
static float fall(const Work *work, int x, int z, int dx, int dz)
{
    static const int reach[] = {1, 2, 4, 7};
    float sum = 0.0f;
    for (int i = 0; i < 4; i++)
        sum += heap(work, x - reach[i] * dx, z - reach[i] * dz) -
               heap(work, x + reach[i] * dx, z + reach[i] * dz);
    return sum;
}

static uint8_t byte_of(float value)
{
    return (uint8_t)(fminf(fmaxf(value, 0.0f), 1.0f) * 255.0f + 0.5f);
}

static uint8_t slope_byte(float fall)
{
    return byte_of(128.0f / 255.0f + fall / CLOUD_MAP_SLOPE * (127.0f / 255.0f));
}

// Means of four texels; halves go up and down in turn.
static void halve(const uint8_t *from, int side, uint8_t *out)
{
    for (int z = 0; z < side; z += 2) {
        for (int x = 0; x < side; x += 2) {
            const uint8_t *a = from + 4 * (z * side + x), *b = a + 4 * side;
            int round = 1 + ((x + z) / 2 & 1);
            for (int c = 0; c < 4; c++)
                *out++ = (uint8_t)((a[c] + a[c + 4] + b[c] + b[c + 4] + round) / 4);
        }
    }
}

Result cloud_map_fill(uint8_t *out, ResultText *text)
{
    Work *work = os_memory_alloc(sizeof *work, OS_MEMORY_RENDER); // zeroed
    if (work == NULL)
        return result_fail(text, RESULT_OUT_OF_MEMORY, "no memory for the clouds");
    fill_heaps(work);
    fill_veils(work);
    rank(work, work->heaps);
    rank(work, work->veils);
    for (int i = 0; i < TEXELS; i++) {
        int x = i % SIDE, z = i / SIDE;
        out[4 * i] = byte_of(work->heaps[i]);
        out[4 * i + 1] = slope_byte(fall(work, x, z, 1, 0));
        out[4 * i + 2] = slope_byte(fall(work, x, z, 0, 1));
        out[4 * i + 3] = byte_of(work->veils[i]);
    }
    for (int side = SIDE; side > 1; side /= 2) {
        halve(out, side, out + side * side * 4);
        out += side * side * 4;
    }
    os_memory_free(work, sizeof *work, OS_MEMORY_RENDER);
    return RESULT_OK;
}
