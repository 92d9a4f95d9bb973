#include "terrain/noise.h"
#include "base/hash.h"
#include <assert.h>
#include <math.h>

// Unit vectors are made from the seed by rational arithmetic, not by sin and cos, whose last bit
// differs between C libraries.
static void unit_vector(uint64_t bits, double *x, double *z)
{
    double t = (double)(bits >> 11) * 0x1p-53; // [0, 1): tangent of half the angle, 0 to 90 degrees
    double norm = 1.0 / (1.0 + t * t);
    double c = (1.0 - t * t) * norm, s = 2.0 * t * norm;
    *x = bits & 1 ? s : -c;
    *z = bits & 1 ? c : s;
    if (bits & 2) {
        *x = -*x;
        *z = -*z;
    }
}

NoiseOctave noise_octave(uint64_t seed, uint32_t index, float wavelength_m)
{
    assert(wavelength_m >= 1.0f && wavelength_m < 1.0e6f);
    uint64_t key = hash_u64(seed + UINT64_C(0x9e3779b97f4a7c15) * (index + 1));
    double x, z;
    unit_vector(hash_u64(key + 1), &x, &z);
    double scale = (double)(1 << NOISE_FRACTION_BITS) / (double)wavelength_m;
    NoiseOctave octave = {
        .a = (int64_t)floor(x * scale + 0.5),
        .b = (int64_t)floor(z * scale + 0.5),
        .origin_u = hash_u64(key + 2),
        .origin_v = hash_u64(key + 3),
        .wavelength_m = wavelength_m,
        .seed = (uint32_t)hash_u64(key + 4),
    };
    octave.a_fixed = (float)octave.a;
    octave.b_fixed = (float)octave.b;
    octave.a_per_m = octave.a_fixed * (1.0f / (1 << NOISE_FRACTION_BITS));
    octave.b_per_m = octave.b_fixed * (1.0f / (1 << NOISE_FRACTION_BITS));
    assert(octave.a != 0 || octave.b != 0);
    return octave;
}
