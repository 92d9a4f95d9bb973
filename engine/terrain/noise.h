// Purpose: where one octave of gradient noise lies: an exact, rotated lattice over integer metres.
// Owns: nothing; octaves are plain values made from a seed.
// Threads: any.
// Fails: never.
#pragma once
#include <stdint.h>

// Lattice coordinates are fixed point: cell = bits 22..53, place inside the cell = bits 0..21. They
// are linear in integer metres modulo 2^64, so a point has the same bits in whichever chunk it is
// asked for, however far out.
#define NOISE_FRACTION_BITS 22
// With this gain the noise has a standard deviation of 0.38 and seldom leaves -1.2 .. 1.2.
#define NOISE_GAIN 2.17f

// u = x * a + z * b + origin_u, v = -x * b + z * a + origin_v, with x, z in metres.
typedef struct NoiseOctave {
    int64_t a, b; // cells * 2^22 per metre: rotation / wavelength
    uint64_t origin_u, origin_v;
    float a_per_m, b_per_m; // a and b in cells
    float a_fixed, b_fixed; // a and b as floats, to turn a displacement in metres into fixed point
    float wavelength_m;     // side of a cell
    uint32_t seed;
} NoiseOctave;

// Octave number `index` of a world: its rotation, origin and hash seed follow from (seed, index).
NoiseOctave noise_octave(uint64_t seed, uint32_t index, float wavelength_m);
