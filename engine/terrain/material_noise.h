// Purpose: patterns on a square that continues at its opposite edges.
// Owns: nothing.
// Threads: any.
// Fails: never.
#pragma once
#include <math.h>
#include <stdint.h>

typedef struct MaterialPoint {
    float u, v; // 0 .. 1 over the square; the patterns go on beyond it
} MaterialPoint;

// The cell of a stone, a plate or a block.
typedef struct MaterialCell {
    float near, next; // distances to the nearest and the second nearest middle, in cells
    uint32_t id;      // of the nearest
    float x, z;       // from its middle, in cells
} MaterialCell;

static inline uint32_t material_noise_hash(uint32_t x, uint32_t z, uint32_t seed)
{
    uint32_t h = x * 0x9E3779B1u ^ z * 0x85EBCA77u ^ seed * 0xC2B2AE3Du;
    h = (h ^ h >> 15) * 0x2C1B3C6Du;
    h = (h ^ h >> 12) * 0x297A2D39u;
    return h ^ h >> 15;
}

// 0 .. 1, another for every `salt`.
static inline float material_noise_unit(uint32_t id, uint32_t salt)
{
    return (float)(material_noise_hash(id, salt, 77u) >> 8) * (1.0f / 16777216.0f);
}

static inline int32_t material_noise_floor(float x)
{
    int32_t whole = (int32_t)x;
    return whole - ((float)whole > x ? 1 : 0);
}

static inline uint32_t material_noise_wrap(int32_t cell, int32_t period)
{
    int32_t rest = cell % period;
    return (uint32_t)(rest < 0 ? rest + period : rest);
}

// Gradient noise, about -1 .. 1, on a lattice that repeats after `px` by `pz` cells; `x` and `z` in cells.
static inline float material_noise_lattice(float x, float z, int px, int pz, uint32_t seed)
{
    int32_t ix = material_noise_floor(x), iz = material_noise_floor(z);
    float fx = x - (float)ix, fz = z - (float)iz;
    uint32_t x0 = material_noise_wrap(ix, px), x1 = material_noise_wrap(ix + 1, px);
    uint32_t z0 = material_noise_wrap(iz, pz), z1 = material_noise_wrap(iz + 1, pz);
    const uint32_t corner[4] = {
        material_noise_hash(x0, z0, seed), material_noise_hash(x1, z0, seed),
        material_noise_hash(x0, z1, seed), material_noise_hash(x1, z1, seed)};
    float dot[4];
    for (int i = 0; i < 4; i++) {
        float gx = (float)(int32_t)(corner[i] & 0xffffu) * (2.0f / 65535.0f) - 1.0f;
        float gz = (float)(int32_t)(corner[i] >> 16) * (2.0f / 65535.0f) - 1.0f;
        dot[i] = gx * (fx - (float)(i & 1)) + gz * (fz - (float)(i >> 1));
    }
    float wx = fx * fx * fx * (fx * (fx * 6.0f - 15.0f) + 10.0f);
    float wz = fz * fz * fz * (fz * (fz * 6.0f - 15.0f) + 10.0f);
    float north = dot[0] + (dot[1] - dot[0]) * wx;
    float south = dot[2] + (dot[3] - dot[2]) * wx;
    return 1.9f * (north + (south - north) * wz);
}

// `cells` over the square each way.
static inline float material_noise(MaterialPoint p, int cells, uint32_t seed)
{
    return material_noise_lattice(p.u * (float)cells, p.v * (float)cells, cells, cells, seed);
}

// Octaves from `cells` on, each twice as fine and `fade` times as strong as the one before.
static inline float material_noise_sum(MaterialPoint p, int cells, int octaves, float fade,
                                       uint32_t seed)
{
    float sum = 0.0f, part = 1.0f;
    for (int i = 0; i < octaves; i++, part *= fade, cells *= 2)
        sum += part * material_noise(p, cells, seed + (uint32_t)i);
    return sum;
}

// Long streaks along the whole-numbered direction (m, n), `across` times as many across as `along`.
static inline float material_noise_streaks(MaterialPoint p, const int direction[2], int along,
                                           int across, uint32_t seed)
{
    float m = (float)direction[0], n = (float)direction[1];
    float x = (m * p.u + n * p.v) * (float)along, z = (m * p.v - n * p.u) * (float)across;
    return material_noise_lattice(x, z, along, across, seed);
}

// `count` middles each way, strewn by `jitter` (0: a grid, 1: at random).
static inline MaterialCell material_noise_cells(MaterialPoint p, int count, float jitter,
                                                uint32_t seed)
{
    float x = p.u * (float)count, z = p.v * (float)count;
    int32_t ix = material_noise_floor(x), iz = material_noise_floor(z);
    MaterialCell out = {.near = 9.0f, .next = 9.0f};
    for (int k = 0; k < 9; k++) {
        int32_t cx = ix + k % 3 - 1, cz = iz + k / 3 - 1;
        uint32_t id = material_noise_hash(material_noise_wrap(cx, count),
                                          material_noise_wrap(cz, count), seed);
        float dx = (float)(id & 0xffffu) * (1.0f / 65535.0f) - 0.5f;
        float dz = (float)(id >> 16) * (1.0f / 65535.0f) - 0.5f;
        dx = x - ((float)cx + 0.5f + jitter * dx);
        dz = z - ((float)cz + 0.5f + jitter * dz);
        float away = dx * dx + dz * dz;
        if (away < out.near)
            out = (MaterialCell){away, out.near, id, dx, dz};
        else if (away < out.next)
            out.next = away;
    }
    out.near = sqrtf(out.near);
    out.next = sqrtf(out.next);
    return out;
}

static inline float material_noise_ramp(float x, float from, float to)
{
    float t = (x - from) / (to - from);
    t = t < 0.0f ? 0.0f : t > 1.0f ? 1.0f : t;
    return t * t * (3.0f - 2.0f * t);
}

// -1 .. 1, a wave of length 1 without corners.
static inline float material_noise_wave(float x)
{
    float t = x - (float)material_noise_floor(x);
    float a = t < 0.5f ? t : 1.0f - t; // 0 .. 0.5
    return 16.0f * a * a * (1.5f - 2.0f * a) - 1.0f;
}
