// Purpose: floats and integers worked on TERRAIN_LANES at a time (1, 4, 8 or 16).
// Owns: nothing.
// Threads: any.
// Fails: never; every operation is rounded as IEEE 754 says, so all widths give the same bits.
#pragma once
#include <stdint.h>
#include <string.h>

#ifndef TERRAIN_LANES
#define TERRAIN_LANES 1
#endif

#if TERRAIN_LANES == 1
typedef float LanesF;
typedef int32_t LanesI;
typedef uint32_t LanesU;
#else
#ifdef __SSE2__
#include <immintrin.h>
#endif
typedef float LanesF __attribute__((vector_size(4 * TERRAIN_LANES)));
typedef int32_t LanesI __attribute__((vector_size(4 * TERRAIN_LANES)));
typedef uint32_t LanesU __attribute__((vector_size(4 * TERRAIN_LANES)));
#endif

static inline LanesF lanes_load(const float *from)
{
    LanesF out;
    memcpy(&out, from, sizeof out);
    return out;
}

static inline void lanes_store(float *to, LanesF value)
{
    memcpy(to, &value, sizeof value);
}

static inline LanesI lanes_bits(LanesF value)
{
    LanesI out;
    memcpy(&out, &value, sizeof out);
    return out;
}

static inline LanesF lanes_from_bits(LanesI bits)
{
    LanesF out;
    memcpy(&out, &bits, sizeof out);
    return out;
}

#if TERRAIN_LANES == 1
static inline LanesF lanes_set(float value)
{
    return value;
}

static inline LanesI lanes_iota(void)
{
    return 0;
}

static inline LanesF lanes_float(LanesI value)
{
    return (float)value;
}

// Towards zero.
static inline LanesI lanes_int(LanesF value)
{
    return (int32_t)value;
}

static inline LanesF lanes_min(LanesF a, LanesF b)
{
    return a < b ? a : b;
}

static inline LanesF lanes_max(LanesF a, LanesF b)
{
    return a > b ? a : b;
}

static inline LanesF lanes_sqrt(LanesF value)
{
    return __builtin_sqrtf(value);
}

// `mask` is what comparisons give.
static inline LanesF lanes_select(LanesI mask, LanesF a, LanesF b)
{
    return mask ? a : b;
}

static inline int lanes_any(LanesI mask)
{
    return mask != 0;
}
#else
static inline LanesF lanes_set(float value)
{
    return value - (LanesF){0}; // exact, and known to compilers as one broadcast
}

static inline LanesI lanes_iota(void)
{
    LanesI out;
    for (int i = 0; i < TERRAIN_LANES; i++)
        out[i] = i;
    return out;
}

static inline LanesF lanes_float(LanesI value)
{
    return __builtin_convertvector(value, LanesF);
}

// Towards zero.
static inline LanesI lanes_int(LanesF value)
{
    return __builtin_convertvector(value, LanesI);
}

// The vector extensions have no minimum, maximum or square root; x86 does, with the same results as
// the scalar expressions above (a < b ? a : b), the rest goes lane by lane.
#if defined(__AVX512F__) && TERRAIN_LANES == 16
#define LANES_CALL(name) (LanesF) _mm512_##name##_ps
#elif defined(__AVX2__) && TERRAIN_LANES == 8
#define LANES_CALL(name) (LanesF) _mm256_##name##_ps
#elif defined(__SSE2__) && TERRAIN_LANES == 4
#define LANES_CALL(name) (LanesF) _mm_##name##_ps
#endif

#ifdef LANES_CALL
static inline LanesF lanes_min(LanesF a, LanesF b)
{
    return LANES_CALL(min)(a, b);
}

static inline LanesF lanes_max(LanesF a, LanesF b)
{
    return LANES_CALL(max)(a, b);
}

static inline LanesF lanes_sqrt(LanesF value)
{
    return LANES_CALL(sqrt)(value);
}
#undef LANES_CALL
#else
static inline LanesF lanes_min(LanesF a, LanesF b)
{
    LanesI less = a < b;
    return lanes_from_bits((less & lanes_bits(a)) | (~less & lanes_bits(b)));
}

static inline LanesF lanes_max(LanesF a, LanesF b)
{
    LanesI more = a > b;
    return lanes_from_bits((more & lanes_bits(a)) | (~more & lanes_bits(b)));
}

static inline LanesF lanes_sqrt(LanesF value)
{
    for (int i = 0; i < TERRAIN_LANES; i++)
        value[i] = __builtin_sqrtf(value[i]);
    return value;
}
#endif

static inline LanesF lanes_select(LanesI mask, LanesF a, LanesF b)
{
    return lanes_from_bits((mask & lanes_bits(a)) | (~mask & lanes_bits(b)));
}

static inline int lanes_any(LanesI mask)
{
#if defined(__AVX512F__) && TERRAIN_LANES == 16
    return _mm512_test_epi32_mask((__m512i)mask, (__m512i)mask) != 0;
#elif defined(__AVX2__) && TERRAIN_LANES == 8
    return _mm256_movemask_ps((__m256)mask) != 0;
#else
    uint64_t words[TERRAIN_LANES / 2], any = 0;
    memcpy(words, &mask, sizeof words);
    for (int i = 0; i < TERRAIN_LANES / 2; i++)
        any |= words[i];
    return any != 0;
#endif
}
#endif

static inline LanesI lanes_both(LanesI a, LanesI b)
{
    return a & b;
}

static inline LanesI lanes_either(LanesI a, LanesI b)
{
    return a | b;
}

static inline LanesF lanes_abs(LanesF value)
{
    return lanes_from_bits(lanes_bits(value) & 0x7fffffff);
}

// `magnitude` (not negative) with the sign of `sign`.
static inline LanesF lanes_with_sign(LanesF magnitude, LanesF sign)
{
    return lanes_from_bits(lanes_bits(magnitude) | (lanes_bits(sign) & INT32_MIN));
}

static inline LanesF lanes_clamp01(LanesF value)
{
    return lanes_min(lanes_max(value, lanes_set(0.0f)), lanes_set(1.0f));
}

static inline LanesF lanes_mix(LanesF a, LanesF b, LanesF t)
{
    return a + (b - a) * t;
}

// 0 at `low`, 1 at `high`, straight between; low > high falls instead of rising.
static inline LanesF lanes_ramp(LanesF value, float low, float high)
{
    return lanes_clamp01((value - low) * (1.0f / (high - low)));
}

// As lanes_ramp, with smooth ends.
static inline LanesF lanes_smooth(LanesF value, float low, float high)
{
    LanesF t = lanes_ramp(value, low, high);
    return t * t * (3.0f - 2.0f * t);
}

// Nearest integer, ties to even; |value| < 2^22.
static inline LanesI lanes_round(LanesF value)
{
    return lanes_bits(value + 12582912.0f) - 0x4b400000;
}
