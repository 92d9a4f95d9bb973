// Purpose: gradient noise with analytic derivatives, TERRAIN_LANES points at a time.
// Owns: nothing; a cursor is a plain value on the stack.
// Threads: any.
// Fails: never.
#pragma once
#include "terrain/lanes.h"
#include "terrain/noise.h"

// Walks one octave along rows of evenly spaced points.
typedef struct NoiseCursor {
    LanesI ramp_u, ramp_v; // fixed-point offsets of the lanes from the first
    const NoiseOctave *octave;
    int32_t advance_u, advance_v; // from one block of lanes to the next
    int32_t row_u, row_v;         // place of the row's first point inside its cell
    uint32_t hash_u, hash_v;      // of that cell
} NoiseCursor;

// Value and its slope per metre in x and z.
typedef struct NoiseSample {
    LanesF value, slope_x, slope_z;
} NoiseSample;

#define NOISE_HASH_U 0x9e3779b1u
#define NOISE_HASH_V 0x85ebca77u

static inline NoiseCursor noise_cursor_along(const NoiseOctave *octave, int64_t du, int64_t dv)
{
    return (NoiseCursor){
        .ramp_u = lanes_iota() * (int32_t)du,
        .ramp_v = lanes_iota() * (int32_t)dv,
        .octave = octave,
        .advance_u = (int32_t)du * TERRAIN_LANES,
        .advance_v = (int32_t)dv * TERRAIN_LANES,
    };
}

// A row may span 2^9 cells, displacement included: 2^31 / 2^22.
static inline NoiseCursor noise_cursor(const NoiseOctave *octave, int32_t step_m)
{
    return noise_cursor_along(octave, octave->a * step_m, -octave->b * step_m);
}

// For columns: the points follow each other along z.
static inline NoiseCursor noise_cursor_south(const NoiseOctave *octave, int32_t step_m)
{
    return noise_cursor_along(octave, octave->b * step_m, octave->a * step_m);
}

static inline void noise_cursor_row(NoiseCursor *cursor, int64_t x_m, int64_t z_m)
{
    const NoiseOctave *o = cursor->octave;
    uint64_t x = (uint64_t)x_m, z = (uint64_t)z_m, a = (uint64_t)o->a, b = (uint64_t)o->b;
    uint64_t u = x * a + z * b + o->origin_u, v = z * a - x * b + o->origin_v;
    uint64_t mask = (UINT64_C(1) << NOISE_FRACTION_BITS) - 1;
    cursor->row_u = (int32_t)(u & mask);
    cursor->row_v = (int32_t)(v & mask);
    cursor->hash_u = (uint32_t)(u >> NOISE_FRACTION_BITS) * NOISE_HASH_U;
    cursor->hash_v = (uint32_t)(v >> NOISE_FRACTION_BITS) * NOISE_HASH_V + o->seed;
}

// Instead of a row: points at (x, z) metres from where noise_cursor_row was; read them as block 0.
static inline void noise_cursor_scatter(NoiseCursor *cursor, LanesI x_m, LanesI z_m)
{
    int32_t a = (int32_t)cursor->octave->a, b = (int32_t)cursor->octave->b;
    cursor->ramp_u = x_m * a + z_m * b;
    cursor->ramp_v = z_m * a - x_m * b;
}

// Two independent gradient components in [-1, 1) * 2^31 from one hash. Components uniform in a
// square have the same second moments in all directions, so the spectrum is as round as with unit
// gradients, at a third of the cost.
static inline void noise_gradient(LanesU hash, LanesF *x, LanesF *z)
{
    hash = lanes_times_swapped(hash, 0x27d4eb2du);
    *x = lanes_float((LanesI)hash);
    *z = lanes_float((LanesI)(hash << 13)); // autocorrelation of either below 0.04 at every offset
}

// Hashes of a cell's four corners and the place inside it, 0 to 2^22: powers of two are taken out
// at the end, which changes no bit and saves two multiplications.
typedef struct NoiseCell {
    LanesU u0, v0, u1, v1; // a corner's hash is u ^ v, its lanes swapped until noise_gradient
    LanesF x, z;
} NoiseCell;

#define NOISE_CELL 0x1p22f // side of a cell in fixed point

// With a `salt`, what another seed would add, the corners have hashes of their own.
static inline NoiseCell noise_cell(const NoiseCursor *cursor, LanesI u, LanesI v, uint32_t salt)
{
    const int32_t mask = (1 << NOISE_FRACTION_BITS) - 1;
    NoiseCell cell;
    LanesU cell_u = (LanesU)(u >> NOISE_FRACTION_BITS), cell_v = (LanesU)(v >> NOISE_FRACTION_BITS);
    cell.u0 = lanes_times_swapped(cell_u, NOISE_HASH_U) + cursor->hash_u;
    cell.v0 = lanes_times_swapped(cell_v, NOISE_HASH_V) + (cursor->hash_v + salt);
    cell.u1 = cell.u0 + NOISE_HASH_U;
    cell.v1 = cell.v0 + NOISE_HASH_V;
    cell.x = lanes_float(u & mask);
    cell.z = lanes_float(v & mask);
    return cell;
}

// Perlin's quintic fade: 0 to 1 while t runs from 0 to 2^22.
static inline LanesF noise_fade(LanesF t)
{
    return t * t * t * (t * (t * (6.0f * 0x1p-110f) - 15.0f * 0x1p-88f) + 10.0f * 0x1p-66f);
}

// Height of one corner's plane at (x, z) from that corner.
static inline LanesF noise_corner(LanesU hash, LanesF x, LanesF z)
{
    LanesF gradient_x, gradient_z;
    noise_gradient(hash, &gradient_x, &gradient_z);
    return gradient_x * x + gradient_z * z;
}

// The noise by `times`, a power of two: the bits are those of a multiplication afterwards.
static inline LanesF noise_value_times(const NoiseCursor *cursor, LanesI u, LanesI v, float times)
{
    NoiseCell p = noise_cell(cursor, u, v, 0);
    LanesF x1 = p.x - NOISE_CELL, z1 = p.z - NOISE_CELL, fx = noise_fade(p.x);
    LanesF low = noise_corner(p.u0 ^ p.v0, p.x, p.z);
    low += fx * (noise_corner(p.u1 ^ p.v0, x1, p.z) - low);
    LanesF high = noise_corner(p.u0 ^ p.v1, p.x, z1);
    high += fx * (noise_corner(p.u1 ^ p.v1, x1, z1) - high);
    return (low + noise_fade(p.z) * (high - low)) * (NOISE_GAIN * 0x1p-53f * times);
}

static inline LanesF noise_value_at(const NoiseCursor *cursor, LanesI u, LanesI v)
{
    return noise_value_times(cursor, u, v, 1.0f);
}

// One side of a cell, between its two corners in x: value, slope in u and z, and how much the
// corners differ.
typedef struct NoiseSide {
    LanesF value, slope_u, slope_v, rise;
} NoiseSide;

static inline NoiseSide noise_side(LanesU hash0, LanesU hash1, LanesF x, LanesF z, LanesF fade)
{
    LanesF x0, z0, x1, z1;
    noise_gradient(hash0, &x0, &z0);
    noise_gradient(hash1, &x1, &z1);
    LanesF a = x0 * x + z0 * z, b = x1 * (x - NOISE_CELL) + z1 * z, rise = b - a;
    return (NoiseSide){a + fade * rise, x0 + fade * (x1 - x0), z0 + fade * (z1 - z0), rise};
}

static inline NoiseSample noise_sample_at(const NoiseCursor *cursor, LanesI u, LanesI v)
{
    NoiseCell p = noise_cell(cursor, u, v, 0);
    LanesF fx = noise_fade(p.x), fz = noise_fade(p.z);
    NoiseSide low = noise_side(p.u0 ^ p.v0, p.u1 ^ p.v0, p.x, p.z, fx);
    NoiseSide high = noise_side(p.u0 ^ p.v1, p.u1 ^ p.v1, p.x, p.z - NOISE_CELL, fx);
    LanesF tx = p.x * (p.x - NOISE_CELL), tz = p.z * (p.z - NOISE_CELL);
    const float scale = 30.0f * 0x1p-110f; // slope of the fade
    LanesF dx = scale * (tx * tx), dz = scale * (tz * tz);
    LanesF rise = high.value - low.value;
    LanesF slope_u = low.slope_u + fz * (high.slope_u - low.slope_u) +
                     dx * (low.rise + fz * (high.rise - low.rise));
    LanesF slope_v = low.slope_v + fz * (high.slope_v - low.slope_v) + dz * rise;
    const float gain = NOISE_GAIN * 0x1p-31f;
    float a = cursor->octave->a_per_m * gain, b = cursor->octave->b_per_m * gain;
    return (NoiseSample){
        .value = (low.value + fz * rise) * (gain * 0x1p-22f),
        .slope_x = slope_u * a - slope_v * b,
        .slope_z = slope_u * b + slope_v * a,
    };
}

static inline LanesI noise_u(const NoiseCursor *cursor, int block)
{
    return cursor->ramp_u + (cursor->row_u + block * cursor->advance_u);
}

static inline LanesI noise_v(const NoiseCursor *cursor, int block)
{
    return cursor->ramp_v + (cursor->row_v + block * cursor->advance_v);
}

// Block number `block` of the row.
static inline LanesF noise_value(const NoiseCursor *cursor, int block)
{
    return noise_value_at(cursor, noise_u(cursor, block), noise_v(cursor, block));
}

static inline NoiseSample noise_sample(const NoiseCursor *cursor, int block)
{
    return noise_sample_at(cursor, noise_u(cursor, block), noise_v(cursor, block));
}

// Displacements by (x, z) metres, on the lattice.
typedef struct NoiseShift {
    LanesI u, v;
} NoiseShift;

static inline NoiseShift noise_shift(const NoiseCursor *cursor, LanesF x_m, LanesF z_m)
{
    const NoiseOctave *o = cursor->octave;
    return (NoiseShift){
        .u = lanes_int(x_m * o->a_fixed + z_m * o->b_fixed),
        .v = lanes_int(z_m * o->a_fixed - x_m * o->b_fixed),
    };
}

// As noise_value, each point displaced by (x, z) metres.
static inline LanesF noise_value_warped(const NoiseCursor *cursor, int block, LanesF x_m,
                                        LanesF z_m)
{
    NoiseShift shift = noise_shift(cursor, x_m, z_m);
    return noise_value_at(cursor, noise_u(cursor, block) + shift.u,
                          noise_v(cursor, block) + shift.v);
}

// Stripes: parallel waves that run across the direction (across_x, across_z), given in waves per
// cell along world axes.
typedef struct NoiseStripes {
    LanesF value; // -1 to 1
    LanesF slope; // d value / d phase, in 1 / waves
} NoiseStripes;

// One corner's wave `phase` waves from the corner's own zero, with the corner's weight.
static inline void noise_stripe_corner(LanesF phase, LanesF weight, NoiseStripes *sum)
{
    LanesF r = phase - ((phase + 12582912.0f) - 12582912.0f); // -0.5 to 0.5
    LanesF y = 4.0f * r * r;
    // cos(2 pi r) to 0.003 and its exact derivative.
    sum->value += weight * (1.0f + y * (-4.8684f + y * (3.7f - 0.83f * y)));
    sum->slope += weight * (r * (-38.9472f + y * (59.2f - 19.92f * y)));
}

// Phase at (x, z) from a corner; it is zero at a random point half a cell around the corner, so
// that stripes of neighbouring cells start anew.
static inline LanesF noise_stripe_phase(LanesU hash, LanesF x, LanesF z, LanesF across_u,
                                        LanesF across_v)
{
    LanesF shift_x, shift_z;
    noise_gradient(hash, &shift_x, &shift_z);
    return (x - shift_x * 0x1p-32f) * across_u + (z - shift_z * 0x1p-32f) * across_v;
}

// At points displaced by (x, z) metres.
static inline NoiseStripes noise_stripes(const NoiseCursor *cursor, int block, const LanesF move[2],
                                         const LanesF across[2])
{
    const NoiseOctave *o = cursor->octave;
    NoiseShift shift = noise_shift(cursor, move[0], move[1]);
    NoiseCell p = noise_cell(cursor, noise_u(cursor, block) + shift.u,
                             noise_v(cursor, block) + shift.v, (o->seed ^ 0x5bd1e995u) - o->seed);
    LanesF across_x = across[0], across_z = across[1];
    LanesF fx = noise_fade(p.x), fz = noise_fade(p.z);
    float a = o->a_per_m * o->wavelength_m, b = o->b_per_m * o->wavelength_m;
    LanesF across_u = across_x * a + across_z * b, across_v = across_z * a - across_x * b;
    LanesF w11 = fx * fz, w10 = fx - w11, w01 = fz - w11, w00 = 1.0f - fx - w01;
    NoiseStripes sum = {lanes_set(0.0f), lanes_set(0.0f)};
    LanesF x0 = p.x * (1.0f / NOISE_CELL), z0 = p.z * (1.0f / NOISE_CELL);
    LanesF x1 = x0 - 1.0f, z1 = z0 - 1.0f;
    LanesF p00 = noise_stripe_phase(p.u0 ^ p.v0, x0, z0, across_u, across_v);
    LanesF p10 = noise_stripe_phase(p.u1 ^ p.v0, x1, z0, across_u, across_v);
    noise_stripe_corner(p00, w00, &sum);
    noise_stripe_corner(p10, w10, &sum);
    LanesF p01 = noise_stripe_phase(p.u0 ^ p.v1, x0, z1, across_u, across_v);
    LanesF p11 = noise_stripe_phase(p.u1 ^ p.v1, x1, z1, across_u, across_v);
    noise_stripe_corner(p01, w01, &sum);
    noise_stripe_corner(p11, w11, &sum);
    return sum;
}
