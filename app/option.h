// Purpose: one typed setting or command-line option as a row of a table: parse, check, print, compare.
// Owns: nothing; a row describes a field inside a struct of the caller.
// Threads: any.
// Fails: option_parse says what was wrong and what would be right; the field is then unchanged.
#pragma once
#include "base/result.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OPTION_TEXT_MAX 512
#define OPTION_REALS_MAX 4
#define OPTION_CHOICES_MAX 32

// The C type of the field is named beside each.
typedef enum OptionType {
    OPTION_BOOL,   // bool
    OPTION_INT,    // int
    OPTION_SEED,   // uint64_t, in digits or 0x and hex digits
    OPTION_REAL,   // double
    OPTION_TEXT,   // char[OPTION_TEXT_MAX]
    OPTION_CHOICE, // int: index into choices
    OPTION_BITS,   // uint32_t: set of choices; each use adds one
    OPTION_REALS,  // double[count], written A,B,C
    OPTION_SIZE,   // int[2], written WxH
    OPTION_TIME,   // int: minute of the day, written HH:MM
    OPTION_DATE,   // int: day of a year without February 29, from 0, written MM-DD
} OptionType;

typedef struct Option {
    const char *name; // as in --name and in the settings file
    const char *unit; // placeholder in help; "" for a bool
    OptionType type;
    double low, high;    // inclusive, for numbers
    const char *initial; // default as text; NULL: zero, which the help calls `unset`
    const char *help;
    size_t offset;       // of the field in its struct
    const char *choices; // names separated by |, for CHOICE and BITS
    const char *unset;   // what leaving it out means, as in "automatic"; NULL: nothing to say
    const char *group;   // section of the settings file; NULL: never saved
    char letter;         // as in -o; 0: none
    uint8_t count;       // of REALS
    bool live;           // may change while flying
} Option;

// Rows with the struct that they describe.
typedef struct OptionTable {
    const Option *options;
    int count;
    void *base;  // the struct
    bool *given; // one per row: set when the command line names it; NULL: not kept
} OptionTable;

// Sets the field from `text`. `shown` is how the source names the option, as in "--view".
RESULT_MUST Result option_parse(const Option *option, void *base, const char *shown,
                                const char *text, ResultText *out);

// Writes the field as option_parse would read it; at most `bytes` with the ending zero.
void option_format(const Option *option, const void *base, char *out, size_t bytes);

// Sets every field of a table to its default.
void option_defaults(const Option *options, int count, void *base);

bool option_equal(const Option *option, const void *a, const void *b);
void option_copy(const Option *option, const void *from, void *to);

// Numbers as plain doubles, for sliders; bools are 0 or 1, choices their index. Out of range is clamped.
double option_number(const Option *option, const void *base);
void option_set_number(const Option *option, void *base, double value);

// Row of that name, or -1.
int option_find(const Option *options, int count, const char *name);

// The whole range as a phrase: "8 to 24 chunks", "on or off", "auto, 0, 1, 2 or 3".
void option_range(const Option *option, char *out, size_t bytes);

// The i-th name of `choices` into `out`; false past the last.
bool option_choice(const char *choices, int index, char *out, size_t bytes);
