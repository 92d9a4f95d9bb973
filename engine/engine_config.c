#include "engine_config.h"

#include "base/os_thread.h"
#include "stream/streamer_sizes.h"
#include <math.h>

// Detail at each tier: the software tier comes down, the richest goes up.
static float tier_quality(int tier)
{
    return tier <= 0 ? 0.8f : tier < 3 ? 1.0f : 1.2f;
}

// More than sixteen make more than any flight asks for, and each takes its share of the RAM ceiling.
static int automatic_threads(void)
{
    int count = os_thread_cpu_count() * 3 / 4;
    return count < 2 ? 2 : count < ENGINE_THREADS_AUTO_MAX ? count : ENGINE_THREADS_AUTO_MAX;
}

EngineConfig engine_config_fill(const EngineConfig *config)
{
    EngineConfig c = *config;
    c.view_chunks = c.view_chunks ? c.view_chunks : 8;
    c.prefetch_chunks = c.prefetch_chunks ? c.prefetch_chunks : 4;
    c.loads_max = c.loads_max ? c.loads_max : 8;
    c.loads_throttled = c.loads_throttled ? c.loads_throttled : 2;
    c.throttle_ms = c.throttle_ms > 0.0 ? c.throttle_ms : 10.0;
    c.queue_requests = c.queue_requests ? c.queue_requests : 256;
    c.queue_results = c.queue_results ? c.queue_results : 256;
    c.results_per_tick = c.results_per_tick ? c.results_per_tick : 64;
    c.upload_bytes = c.upload_bytes ? c.upload_bytes : 1024 * 1024;
    c.upload_ms = c.upload_ms > 0.0 ? c.upload_ms : 0.6;
    c.upload_count = c.upload_count ? c.upload_count : 64;
    c.ram_ceiling_bytes = c.ram_ceiling_bytes ? c.ram_ceiling_bytes : UINT64_C(256) << 20;
    c.vram_ceiling_bytes = c.vram_ceiling_bytes ? c.vram_ceiling_bytes
                                                : (UINT64_C(1) << 20) * (c.tier < 2 ? 320 : 1024);
    c.quality = c.quality > 0.0f ? c.quality : tier_quality(c.tier);
    c.quality_max = fmaxf(c.quality_max, c.quality);
    c.short_view |= c.tier == 1;
    c.threads = c.threads ? c.threads : automatic_threads();
    return c;
}

ThrottleDesc engine_config_throttle(const EngineConfig *c)
{
    return (ThrottleDesc){.threshold_ms = c->throttle_ms,
                          .loads_max = c->loads_max,
                          .loads_throttled = c->loads_throttled,
                          .bytes_max = c->upload_bytes,
                          .bytes_min = c->upload_bytes < 65536 ? c->upload_bytes : 65536};
}

StreamerDesc engine_config_streamer(const EngineConfig *c)
{
    return (StreamerDesc){.view_chunks = c->view_chunks,
                          .prefetch_chunks = c->prefetch_chunks,
                          .workers = c->threads,
                          .queue_requests = (uint32_t)c->queue_requests,
                          .queue_results = (uint32_t)c->queue_results,
                          .ram_ceiling_bytes = c->ram_ceiling_bytes,
                          .vram_ceiling_bytes = c->vram_ceiling_bytes,
                          .needs = c->needs,
                          .map_shift = c->tier < 2 ? 1 : 0,
                          .root_lod = c->short_view ? LOD_COUNT - 2 : LOD_COUNT - 1,
                          .growth_per_s = lod_growth_per_s(c->tier),
                          .quality = c->quality_max,
                          .throttle = engine_config_throttle(c),
                          .stop = c->stop,
                          .stop_object = c->stop_object};
}

static Result check_range(ResultText *text, const char *name, double value, double low, double high)
{
    if (value >= low && value <= high)
        return RESULT_OK;
    return result_fail(text, RESULT_BAD_INPUT, "%s is %g; it must be %g to %g", name, value, low,
                       high);
}

Result engine_config_check(const EngineConfig *c, ResultText *text)
{
    Result result;
    if ((result = check_range(text, "view", c->view_chunks, 8, 24)) != RESULT_OK ||
        (result = check_range(text, "prefetch", c->prefetch_chunks, 2, 8)) != RESULT_OK ||
        (result = check_range(text, "loads", c->loads_max, 1, 64)) != RESULT_OK ||
        (result = check_range(text, "throttled loads", c->loads_throttled, 1, c->loads_max)) !=
            RESULT_OK ||
        (result = check_range(text, "queue", c->queue_requests, 16, 4096)) != RESULT_OK ||
        (result = check_range(text, "results queue", c->queue_results, 16, 4096)) != RESULT_OK ||
        (result = check_range(text, "threads", c->threads, 1, JOB_POOL_WORKERS_MAX)) != RESULT_OK ||
        (result = check_range(text, "tier", c->tier, 0, 3)) != RESULT_OK ||
        (result = check_range(text, "quality", (double)c->quality, 0.8 - 1e-6, 1.3 + 1e-6)) !=
            RESULT_OK ||
        (result = check_range(text, "most quality", (double)c->quality_max, 0.8 - 1e-6,
                              1.3 + 1e-6)) != RESULT_OK)
        return result;
    StreamerDesc desc = engine_config_streamer(c);
    StreamerSizes sizes;
    return streamer_sizes(&desc, &sizes, text);
}
