// Purpose: what each feature is worth: the same flight with and without it, compared in its own counter.
// Owns: nothing between calls.
// Threads: the main thread.
// Fails: ablation_run returns a Result when a flight could not run; a feature that makes no difference is red.
#pragma once
#include "soak/soak.h"

#define ABLATION_ROWS_MAX 12
// The counter must be worse by a tenth at least: less is noise.
#define ABLATION_MARGIN 1.1

typedef struct AblationRow {
    EngineFeature feature;
    FlightPath path;
    const char *counter; // larger is worse
    bool decides;        // what the feature is for; the others are shown beside it
    double with, without;
    bool worse;
} AblationRow;

typedef struct AblationResult {
    AblationRow rows[ABLATION_ROWS_MAX];
    int count;
    bool pass; // every deciding counter is worse without its feature
} AblationResult;

// The flight that is made for a feature.
FlightPath ablation_path(EngineFeature feature);

// Two flights per feature from `base` (its path, shock, report and fault are left out of account; ticks 0: the
// flight's default). Says on base->out, when set, which one flies.
RESULT_MUST Result ablation_run(const SoakDesc *base, AblationResult *out, ResultText *text);

void ablation_print(FILE *out, const AblationResult *result);
RESULT_MUST Result ablation_write(const AblationResult *result, const char *path, ResultText *text);
