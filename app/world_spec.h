// Purpose: the WORLD word of every command: seed:NUMBER, and clear words about what is not supported.
// Owns: nothing; a WorldSpec is a value.
// Threads: any.
// Fails: with a text that says what was wrong and what would be right.
#pragma once
#include "base/result.h"
#include <stdbool.h>
#include <stdint.h>

#define WORLD_SPEC_DEFAULT "seed:42"
#define WORLD_SPEC_NAME_MAX 32

typedef struct WorldSpec {
    uint64_t seed;
    char name[WORLD_SPEC_NAME_MAX]; // written one way: "seed:42"
} WorldSpec;

// Digits, or 0x and hex digits; RESULT_LIMIT past 2^64 - 1, RESULT_BAD_INPUT for what is no number.
RESULT_MUST Result world_spec_seed(const char *digits, uint64_t *out);

// NULL means the default.
RESULT_MUST Result world_spec_parse(const char *word, WorldSpec *out, ResultText *text);

// True when a first word is meant as a world rather than as a command: it has a colon, slash or dot,
// is a file, or is meant as a seed.
bool world_spec_looks_like(const char *word);
