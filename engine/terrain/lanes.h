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

#define LANES_ABOUT 5e-4f // see lanes_about_rsqrt

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

// x where a < b, elsewhere y.
static inline LanesF lanes_select_less(LanesF a, LanesF b, LanesF x, LanesF y)
{
    return a < b ? x : y;
}

// 1 / sqrt(value) for bounds: quick, wrong by up to LANES_ABOUT of itself, and not the same on all widths.
static inline LanesF lanes_about_rsqrt(LanesF value)
{
    return 1.0f / __builtin_sqrtf(value);
}

// Bit i: whether a < b in lane i.
static inline uint32_t lanes_less(LanesF a, LanesF b)
{
    return a < b;
}

static inline float lanes_least(LanesF value)
{
    return value;
}

// Writes `first` plus the number of each set bit; returns how many. May write TERRAIN_LANES.
static inline int lanes_numbers(int32_t first, uint32_t bits, int32_t *to)
{
    *to = first;
    return bits & 1;
}

// Lanes as a square: LANES_COLUMNS of each of LANES_ROWS rows.
#define LANES_COLUMNS 1

static inline LanesF lanes_load_square(const float *from, int pitch)
{
    (void)pitch;
    return *from;
}

static inline void lanes_store_square(float *to, int pitch, LanesF value)
{
    (void)pitch;
    *to = value;
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

static inline LanesF lanes_about_rsqrt(LanesF value)
{
#if defined(__AVX512F__) && TERRAIN_LANES == 16
    return (LanesF)_mm512_rsqrt14_ps((__m512)value);
#elif defined(__AVX2__) && TERRAIN_LANES == 8
    return (LanesF)_mm256_rsqrt_ps((__m256)value);
#elif defined(__SSE2__) && TERRAIN_LANES == 4
    return (LanesF)_mm_rsqrt_ps((__m128)value);
#else
    return 1.0f / lanes_sqrt(value);
#endif
}

static inline LanesF lanes_select_less(LanesF a, LanesF b, LanesF x, LanesF y)
{
#if defined(__AVX512F__) && TERRAIN_LANES == 16
    __mmask16 less = _mm512_cmp_ps_mask((__m512)a, (__m512)b, _CMP_LT_OQ);
    return (LanesF)_mm512_mask_blend_ps(less, (__m512)y, (__m512)x);
#else
    return lanes_select(a < b, x, y);
#endif
}

#if defined(__AVX512F__) && TERRAIN_LANES == 16
static inline uint32_t lanes_less(LanesF a, LanesF b)
{
    return _mm512_cmp_ps_mask((__m512)a, (__m512)b, _CMP_LT_OQ);
}

static inline float lanes_least(LanesF value)
{
    return _mm512_reduce_min_ps((__m512)value);
}
#else
static inline uint32_t lanes_less(LanesF a, LanesF b)
{
    LanesI less = a < b;
#if defined(__AVX2__) && TERRAIN_LANES == 8
    return (uint32_t)_mm256_movemask_ps((__m256)less);
#elif defined(__SSE2__) && TERRAIN_LANES == 4
    return (uint32_t)_mm_movemask_ps((__m128)less);
#else
    uint32_t bits = 0;
    for (int i = 0; i < TERRAIN_LANES; i++)
        bits |= (uint32_t)less[i] & 1u << i;
    return bits;
#endif
}

static inline float lanes_least(LanesF value)
{
    float lanes[TERRAIN_LANES];
    memcpy(lanes, &value, sizeof lanes);
    for (int half = TERRAIN_LANES / 2; half > 0; half /= 2)
        for (int i = 0; i < half; i++)
            lanes[i] = lanes[i + half] < lanes[i] ? lanes[i + half] : lanes[i];
    return lanes[0];
}
#endif

static inline int lanes_numbers(int32_t first, uint32_t bits, int32_t *to)
{
#if defined(__AVX512F__) && TERRAIN_LANES == 16
    __m512i all = (__m512i)(lanes_iota() + first);
    _mm512_storeu_si512(to, _mm512_maskz_compress_epi32((__mmask16)bits, all));
    return __builtin_popcount(bits);
#else
    typedef int32_t Four __attribute__((vector_size(16)));
    static const Four NUMBERS[16] = {
        {0}, {0},    {1},    {0, 1},    {2},    {0, 2},    {1, 2},    {0, 1, 2},
        {3}, {0, 3}, {1, 3}, {0, 1, 3}, {2, 3}, {0, 2, 3}, {1, 2, 3}, {0, 1, 2, 3},
    };
    int count = 0;
    for (int i = 0; i < TERRAIN_LANES; i += 4) {
        uint32_t four = bits >> i & 15;
        Four numbers = NUMBERS[four] + (first + i);
        memcpy(to + count, &numbers, sizeof numbers);
        count += (int)(UINT64_C(0x4332322132212110) >> 4 * four & 7); // how many bits it has
    }
    return count;
#endif
}

#define LANES_COLUMNS 4

static inline LanesF lanes_load_square(const float *from, int pitch)
{
#if defined(__AVX512F__) && TERRAIN_LANES == 16
    __m512 rows = _mm512_castps128_ps512(_mm_loadu_ps(from));
    rows = _mm512_insertf32x4(rows, _mm_loadu_ps(from + pitch), 1);
    rows = _mm512_insertf32x4(rows, _mm_loadu_ps(from + 2 * pitch), 2);
    return (LanesF)_mm512_insertf32x4(rows, _mm_loadu_ps(from + 3 * pitch), 3);
#elif defined(__AVX2__) && TERRAIN_LANES == 8
    return (LanesF)_mm256_loadu2_m128(from + pitch, from);
#else
    LanesF rows;
    for (int i = 0; i < TERRAIN_LANES / LANES_COLUMNS; i++)
        memcpy((float *)&rows + i * LANES_COLUMNS, from + i * pitch, sizeof(float) * LANES_COLUMNS);
    return rows;
#endif
}

static inline void lanes_store_square(float *to, int pitch, LanesF value)
{
    for (int i = 0; i < TERRAIN_LANES / LANES_COLUMNS; i++)
        memcpy(to + i * pitch, (float *)&value + i * LANES_COLUMNS, sizeof(float) * LANES_COLUMNS);
}
#endif

#define LANES_ROWS (TERRAIN_LANES / LANES_COLUMNS)

// Low halves of the products. SSE2 has no such multiplication; what it has leaves the middle two of
// four lanes swapped, and putting them back would cost as much again: multiply twice.
static inline LanesU lanes_times_swapped(LanesU value, uint32_t factor)
{
#if defined(__SSE2__) && TERRAIN_LANES == 4
    __m128i all = (__m128i)value, factors = _mm_set1_epi32((int)factor);
    __m128 even = (__m128)_mm_mul_epu32(all, factors);
    __m128 odd = (__m128)_mm_mul_epu32(_mm_srli_epi64(all, 32), factors);
    return (LanesU)_mm_shuffle_ps(even, odd, _MM_SHUFFLE(2, 0, 2, 0));
#else
    return value * factor;
#endif
}

static inline LanesI lanes_both(LanesI a, LanesI b)
{
    return a & b;
}

static inline LanesI lanes_either(LanesI a, LanesI b)
{
    return a | b;
}

static inline float lanes_most(LanesF value)
{
    return -lanes_least(-value);
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
