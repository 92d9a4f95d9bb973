#include "stream/replan.h"

#include <math.h>
#include <string.h>

Result replan_create(Loader *loader, RunStatsCounters *counters, Replan *out)
{
    *out = (Replan){.loader = loader, .counters = counters};
    return planner_create(&out->planner);
}

void replan_destroy(Replan *replan)
{
    planner_destroy(replan->planner);
    replan->planner = NULL;
}

double replan_apart_m(const double a[3], const double b[3])
{
    double dx = a[0] - b[0], dy = a[1] - b[1], dz = a[2] - b[2];
    return sqrt(dx * dx + dy * dy + dz * dz);
}

static bool is_due(const PlannerInput *last, const PlannerInput *now)
{
    return last->prefetch != now->prefetch ||
           memcmp(&last->nominal, &now->nominal, sizeof now->nominal) != 0 ||
           replan_apart_m(last->eye_m, now->eye_m) >= REPLAN_EYE_M ||
           replan_apart_m(last->predicted_m, now->predicted_m) >= REPLAN_PREDICTED_M;
}

// Chooses slack and part together: when a plan is replaced it is as old as its own way and the next one's, and the eye
// may not have flown out of its slack by then. A plan that is taken at once is a tick old.
static void set_pace(Replan *replan, PlannerInput *input, double step_m)
{
    double room_m = PLANNER_MARGIN_M - PLANNER_SLACK_M, wants = replan->wants;
    double others = PLANNER_STEPS + 1.0, parts_max = room_m / (2.0 * fmax(step_m, 0.01)) - others;
    replan->part = UINT32_MAX;
    input->slack_m = PLANNER_SLACK_M;
    if (parts_max < 1.0)
        return;
    double part = fmax(ceil(wants / parts_max), REPLAN_PART);
    replan->part = (uint32_t)part;
    input->slack_m += 2.0 * (others + wants / part) * step_m;
}

static void begin(Replan *replan, const PlannerInput *input)
{
    planner_begin(replan->planner, input);
    replan->last = *input;
    replan->made = replan->making = true;
}

// One step of the plan, or all that are left.
static void make(Replan *replan, bool whole, const LoaderLimits *limits)
{
    bool done = planner_step(replan->planner);
    while (whole && !done)
        done = planner_step(replan->planner);
    if (!done)
        return;
    PlannerStats stats;
    const PlannerWant *wants = planner_wants(replan->planner, &stats);
    for (int g = 0; g < LOD_GRID_COUNT; g++)
        replan->counters->plan_left_out += stats.left_out[g];
    replan->counters->plan_overflow += stats.overflow;
    replan->wants = stats.wants;
    replan->making = false;
    if (whole)
        loader_publish(replan->loader, wants, replan->wants, limits);
    else
        loader_offer(replan->loader, wants, replan->wants);
}

bool replan_busy(const Replan *replan)
{
    return replan->making || loader_taking(replan->loader);
}

// What is left of the plan under way goes on at the pace of now; twice as fast where it was begun for a slower eye and
// has too little slack for this one.
static void keep_pace(Replan *replan, const PlannerInput *input, double step_m)
{
    PlannerInput now = *input;
    set_pace(replan, &now, step_m);
    if (replan->part != UINT32_MAX && now.slack_m > 1.5 * replan->last.slack_m)
        replan->part *= 2;
}

bool replan_tick(Replan *replan, PlannerInput *input, double step_m, bool jumped,
                 const LoaderLimits *limits)
{
    bool whole = jumped || !replan->made;
    if (!whole && replan_busy(replan))
        keep_pace(replan, input, step_m);
    if (!whole && loader_taking(replan->loader)) {
        (void)loader_take(replan->loader, replan->part, limits);
        return true;
    }
    if (whole || !replan->making) {
        if (!whole && !is_due(&replan->last, input))
            return false;
        set_pace(replan, input, step_m);
        begin(replan, input);
    }
    make(replan, whole || replan->part == UINT32_MAX, limits);
    return true;
}

void replan_first(Replan *replan, PlannerInput *input, const LoaderLimits *limits)
{
    (void)replan_tick(replan, input, 0.0, true, limits);
    replan->made = false;
}

void replan_forget(Replan *replan, const LoaderLimits *limits)
{
    loader_publish(replan->loader, NULL, 0, limits);
    replan->made = replan->making = false;
}
