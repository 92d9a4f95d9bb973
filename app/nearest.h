// Purpose: what a mistyped word was meant to be.
// Owns: nothing.
// Threads: any.
// Fails: NULL when nothing is near.
#pragma once

#define NEAREST_CHARS_MAX 32 // longer words are near to nothing

// The name in `names` (NULL-ended) that is nearest to `word` by edit distance.
const char *nearest_name(const char *word, const char *const *names);
