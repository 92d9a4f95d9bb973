// Purpose: one line on the terminal that says how far a long job is and when it will end.
// Owns: nothing; a plain value.
// Threads: the main thread.
// Fails: never; says nothing during the first second and where standard error is no terminal.
#pragma once
#include <stdbool.h>
#include <stdint.h>

typedef struct Progress {
    const char *what; // "reading chunks"
    uint64_t start_ns, shown_ns;
    bool terminal;
    bool shown;
} Progress;

Progress progress_begin(const char *what);
// `done` of `all`; prints at most four times a second.
void progress_update(Progress *progress, uint64_t done, uint64_t all);
// Wipes the line.
void progress_end(Progress *progress);
