// Purpose: tells a run's result: as JSON under fixed names, and as a table for a person.
// Owns: nothing.
// Threads: the main thread.
// Fails: writing returns a Result; the file then holds what it held before.
#pragma once
#include "soak/soak.h"

// The whole report as JSON text; NULL when memory is short. Owned by the caller: report_free.
char *report_json(const SoakDesc *desc, const SoakResult *result);
void report_free(char *json);

RESULT_MUST Result report_write(const SoakDesc *desc, const SoakResult *result, const char *path,
                                ResultText *text);

// One line per limit: name, value, bound, pass; then the verdict.
void report_print(FILE *out, const SoakDesc *desc, const SoakResult *result);

// `value` of a limit as text, "n/a" when it was not measured. `bytes` of 24 are enough.
void report_value(double value, char *out, size_t bytes);
