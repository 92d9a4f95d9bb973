// Purpose: whether this build runs under the address or the thread sanitizer, whose costs are not the program's.
// Owns: nothing.
// Threads: any.
// Fails: never.
#pragma once
#include <stdbool.h>

static inline bool sanitized(void)
{
// gcc defines the first two, clang answers the question.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
    return true;
#else
    return false;
#endif
#else
    return false;
#endif
}
