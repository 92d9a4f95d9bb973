// Purpose: which vector instructions this processor and its system run, for loops that are compiled for several.
// Owns: nothing.
// Threads: any.
// Fails: never; other processors than x86-64 have none of them.
#pragma once
#include <stdbool.h>

static inline bool cpu_has_avx2(void)
{
#ifdef __x86_64__
    return __builtin_cpu_supports("avx2");
#else
    return false;
#endif
}

// Its foundation, and 32-bit, 64-bit and byte operations at all lengths.
static inline bool cpu_has_avx512(void)
{
#ifdef __x86_64__
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
#else
    return false;
#endif
}
