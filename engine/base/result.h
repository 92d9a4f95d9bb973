// Purpose: the one type for failures that the world can cause, and a text that says what would be right.
// Owns: nothing; both types are plain values.
// Threads: any.
// Fails: never.
#pragma once

#define RESULT_MUST __attribute__((warn_unused_result))
#define RESULT_TEXT_MAX 512

#define RESULT_LIST(X)                                                                             \
    X(RESULT_OK, "ok")                                                                             \
    X(RESULT_OUT_OF_MEMORY, "out of memory")                                                       \
    X(RESULT_IO, "input or output failed")                                                         \
    X(RESULT_NOT_FOUND, "not found")                                                               \
    X(RESULT_NO_SPACE, "no space left")                                                            \
    X(RESULT_BAD_INPUT, "bad input")                                                               \
    X(RESULT_UNSUPPORTED, "not supported here")                                                    \
    X(RESULT_CANCELLED, "cancelled")                                                               \
    X(RESULT_LIMIT, "over a limit")

typedef enum Result {
#define RESULT_ENUM(name, text) name,
    RESULT_LIST(RESULT_ENUM)
#undef RESULT_ENUM
        RESULT_COUNT
} Result;

// What was wrong and what would be right, for a person; empty while all is well.
typedef struct ResultText {
    char text[RESULT_TEXT_MAX];
} ResultText;

// Returns a static lower-case phrase for a code; "unknown" outside the list.
const char *result_name(Result code);

// Writes a printf-style text into `out` (NULL allowed: nothing is written) and returns `code`.
Result result_fail(ResultText *out, Result code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
