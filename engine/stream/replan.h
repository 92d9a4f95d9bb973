// Purpose: when a plan is due; it is made in some ticks and taken over in the next ones, so that none bears it whole.
// Owns: the planner, from create.
// Threads: the main thread.
// Fails: create returns a Result; what planner and loader leave out is counted.
#pragma once
#include "stream/loader.h"
#include "stream/planner.h"

#define REPLAN_PART 512 // wants taken over in a tick, at least
#define REPLAN_EYE_M (PLANNER_SLACK_M / 2.0)
#define REPLAN_PREDICTED_M 64.0

typedef struct Replan {
    Loader *loader; // borrowed, like the counters
    RunStatsCounters *counters;
    Planner *planner;
    PlannerInput last; // what the last plan was made from, or is being made
    uint32_t wants;    // of the last plan
    uint32_t part;     // of them a tick takes over
    bool made;         // there is a plan to go on from
    bool making;       // and its steps are not all done
} Replan;

RESULT_MUST Result replan_create(Loader *loader, RunStatsCounters *counters, Replan *out);
void replan_destroy(Replan *replan);

// Metres between two places.
double replan_apart_m(const double a[3], const double b[3]);
// One tick's share for an eye that moves `step_m` in a tick: nothing, a step of a plan, or a part of its way into the
// loader; all of it at once the first time, when `jumped`, and for steps so long that a plan in parts would be too old.
// Sets the input's slack when it begins a plan. True when it did something.
bool replan_tick(Replan *replan, PlannerInput *input, double step_m, bool jumped,
                 const LoaderLimits *limits);
// A plan is being made or taken over.
bool replan_busy(const Replan *replan);
// A plan at once, the next one too.
void replan_first(Replan *replan, PlannerInput *input, const LoaderLimits *limits);
// Nothing is wanted until the next plan.
void replan_forget(Replan *replan, const LoaderLimits *limits);
