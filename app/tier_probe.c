#include "tier_probe.h"
#include "base/log.h"
#include "base/os_clock.h"
#include "base/os_thread.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>

// A frame's cost against tier 1. The first was measured (25 and 84 ms of CPU on llvmpipe at 640 x 360); the others are
// estimates for GPUs, where llvmpipe's tenfold price of samples and textures says nothing.
static const double cost[4] = {0.3, 1.0, 2.5, 5.0};

int tier_probe_first(bool software)
{
    return software ? 0 : 1;
}

int tier_probe_choose(bool software, int tier, double frame_ms)
{
    assert(tier >= 0 && tier <= 3 && frame_ms >= 0.0);
    int chosen = software ? 1 : 3;
    while (chosen > 0 && frame_ms * cost[chosen] / cost[tier] > TIER_PROBE_FRAME_MS_MAX)
        chosen--;
    return chosen;
}

TierProbe tier_probe_start(bool software)
{
    return (TierProbe){.running = true, .software = software, .tier = tier_probe_first(software)};
}

// The main thread's part cannot be shared out, the rasteriser's can.
double tier_probe_frame_ms(TierProbe *probe, const FrameStats *frame, uint64_t workers_cpu_ns)
{
    if (!probe->software)
        return frame->gpu_ms;
    uint64_t cpu_ns = os_clock_process_cpu_ns() - workers_cpu_ns;
    double all_ms = probe->cpu_ns ? ((double)cpu_ns - (double)probe->cpu_ns) * 1e-6 : -1.0;
    probe->cpu_ns = cpu_ns;
    double main_ms = (double)frame->ledger.tick_cpu_ns * 1e-6;
    return all_ms < 0.0 ? -1.0 : fmax(main_ms, all_ms / os_thread_cpu_count());
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int settle(TierProbe *probe)
{
    qsort(probe->frame_ms, TIER_PROBE_FRAMES, sizeof *probe->frame_ms, by_size);
    double median_ms = probe->frame_ms[TIER_PROBE_FRAMES / 2];
    int tier = tier_probe_choose(probe->software, probe->tier, median_ms);
    log_info("tier %d: a frame at tier %d takes %.1f ms of the %s, at most %.0f are wanted", tier,
             probe->tier, median_ms, probe->software ? "CPU" : "GPU", TIER_PROBE_FRAME_MS_MAX);
    return tier;
}

bool tier_probe_add(TierProbe *probe, bool whole, double frame_ms, int *out_tier)
{
    assert(probe->running);
    if (whole && frame_ms >= 0.0)
        probe->frame_ms[probe->count++] = frame_ms;
    *out_tier = probe->tier;
    if (probe->count == TIER_PROBE_FRAMES)
        *out_tier = settle(probe);
    else if (++probe->ticks == TIER_PROBE_TICKS_MAX)
        log_info("tier %d: no ten frames could be measured in %d ticks", probe->tier,
                 TIER_PROBE_TICKS_MAX);
    else
        return false;
    probe->running = false;
    return true;
}
