// Purpose: reads the words of one command against tables of options; prints the command's help.
// Owns: nothing; texts are borrowed from argv.
// Threads: the main thread.
// Fails: with a text that says what was wrong and what would be right, the nearest name included.
#pragma once
#include "option.h"

#define ARGUMENTS_TABLES_MAX 4
#define ARGUMENTS_WORDS_MAX 24 // plain words, as bench's names

typedef struct ArgumentsDesc {
    const char *command; // "soak"
    const char *words;   // shown in the usage: "[WORLD]"
    int words_max;
    const char *summary; // one sentence
    const char *notes;   // printed after the options; NULL: none
    OptionTable tables[ARGUMENTS_TABLES_MAX];
    int table_count;
} ArgumentsDesc;

typedef struct Arguments {
    const char *words[ARGUMENTS_WORDS_MAX];
    int word_count;
    bool help; // --help or -h was met: print it and stop
} Arguments;

// `argv` holds the words after the command's name. Options may be written --name value, --name=value, --no-name.
RESULT_MUST Result arguments_parse(const ArgumentsDesc *desc, int argc, char **argv, Arguments *out,
                                   ResultText *text);

void arguments_help(const ArgumentsDesc *desc);
