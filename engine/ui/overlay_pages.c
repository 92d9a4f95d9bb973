#include "ui/overlay_pages.h"
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define MIB (1024.0 * 1024.0)

static const FrameStats *frame_at(const OverlayInput *input, int index)
{
    assert(index >= 0 && index < input->frame_count);
    return &input->frames[(input->frame_first + index) % input->frame_capacity];
}

static const FrameStats *last_frame(const OverlayInput *input)
{
    return frame_at(input, input->frame_count - 1);
}

static float ms_from_ns(uint64_t ns)
{
    return (float)((double)ns * 1e-6);
}

static UiTone bad_if(bool bad)
{
    return bad ? UI_TONE_BAD : UI_TONE_GOOD;
}

// Sorts values >= 0 in place by radix, least digit first: the bits of such floats are ordered as they are, and
// comparisons would cost ten times as much in branches that no one can predict. The lowest 8 bits are noise.
static void sort_values(float *values, float *spare, int count)
{
    assert(count <= OVERLAY_FRAMES_MAX);
    for (int shift = 8; shift < 32; shift += 8) {
        uint16_t places[257] = {0};
        uint32_t bits[OVERLAY_FRAMES_MAX];
        memcpy(bits, values, (size_t)count * sizeof *bits);
        for (int i = 0; i < count; ++i) {
            ++places[((bits[i] >> shift) & 255) + 1];
        }
        for (int digit = 1; digit < 256; ++digit) {
            places[digit] = (uint16_t)(places[digit] + places[digit - 1]);
        }
        for (int i = 0; i < count; ++i) {
            spare[places[(bits[i] >> shift) & 255]++] = values[i];
        }
        memcpy(values, spare, (size_t)count * sizeof *values);
    }
}

static void take_frame(Overlay *overlay, const FrameStats *frame, int place)
{
    overlay->series[OVERLAY_SERIES_WORK][place] = ms_from_ns(frame->ledger.tick_cpu_ns);
    overlay->series[OVERLAY_SERIES_STREAM][place] = ms_from_ns(frame->ledger.stream_cpu_ns);
    overlay->series[OVERLAY_SERIES_INTERVAL][place] = (float)frame->interval_ms;
    overlay->series[OVERLAY_SERIES_UPLOAD][place] = (float)((double)frame->upload_bytes / 1024.0);
    float *ledger_ms = overlay->ledger_ms[overlay->ledger_next];
    for (int row = 0; row < LEDGER_ROW_COUNT; ++row) {
        ledger_ms[row] = ms_from_ns(frame->ledger.cpu_ns[row]);
    }
    overlay->ledger_next = (overlay->ledger_next + 1) % OVERLAY_LEDGER_FRAMES;
}

// Ten seconds of frames lie far apart in memory: only those that came since the last build are read.
static void refresh_series(Overlay *overlay, const OverlayInput *input)
{
    int count = input->frame_count;
    uint64_t tick = last_frame(input)->tick;
    uint64_t fresh = tick - overlay->series_tick;
    bool known = overlay->series_count > 0 && fresh < (uint64_t)count &&
                 frame_at(input, count - 1 - (int)fresh)->tick == overlay->series_tick;
    int taken = known ? (int)fresh : count;
    int kept = known ? overlay->series_count : 0;
    int dropped = kept + taken > count ? kept + taken - count : 0;
    kept -= dropped;
    for (int which = 0; which < OVERLAY_SERIES_COUNT; ++which) {
        float *values = overlay->series[which];
        memmove(values, values + dropped, (size_t)kept * sizeof *values);
    }
    for (int i = 0; i < taken; ++i) {
        take_frame(overlay, frame_at(input, count - taken + i), kept + i);
    }
    overlay->series_count = kept + taken;
    overlay->series_tick = tick;
}

static void sort_series(Overlay *overlay, int which)
{
    static const float parts[OVERLAY_QUANTILES] = {0.5f, 0.95f, 0.99f, 1.0f};
    float sorted[OVERLAY_FRAMES_MAX], spare[OVERLAY_FRAMES_MAX];
    int count = overlay->series_count;
    memcpy(sorted, overlay->series[which], (size_t)count * sizeof *sorted);
    sort_values(sorted, spare, count);
    for (int i = 0; i < OVERLAY_QUANTILES; ++i) {
        int index = (int)ceilf(parts[i] * (float)count) - 1;
        overlay->quantiles_ms[which][i] = sorted[index < 0 ? 0 : index];
    }
}

// One series at each build, in turn; all of them when the page was closed for a while.
static void sort_in_turn(Overlay *overlay)
{
    bool stale = !overlay->sorted || overlay->series_tick - overlay->sort_tick > 60;
    overlay->sort_turn = (overlay->sort_turn + 1) % OVERLAY_SERIES_SORTED;
    overlay->sorted = true;
    overlay->sort_tick = overlay->series_tick;
    for (int which = 0; which < OVERLAY_SERIES_SORTED; ++which) {
        if (stale || which == overlay->sort_turn) {
            sort_series(overlay, which);
        }
    }
}

static void plot_series(Overlay *overlay, OverlaySeries which, const char *label, const char *unit,
                        float mark)
{
    int count = overlay->series_count;
    float *values = ui_page_plot(&overlay->page, label, unit, count, mark);
    if (values != NULL) {
        memcpy(values, overlay->series[which], (size_t)count * sizeof *values);
        ui_page_plot_end(&overlay->page, which == OVERLAY_SERIES_UPLOAD ? 64.0f : 2.5f);
    }
}

// A table row "name p50 p95 p99 max"; what reaches `mark` (negative: none) is red.
static void add_percentiles(Overlay *overlay, OverlaySeries which, const char *name, float mark)
{
    ui_page_cell(&overlay->page, UI_TONE_DIM, "%s", name);
    for (int i = 0; i < OVERLAY_QUANTILES; ++i) {
        float value = overlay->quantiles_ms[which][i];
        bool over = mark >= 0.0f && value >= mark;
        ui_page_cell(&overlay->page, over ? UI_TONE_BAD : UI_TONE_PLAIN, "%.2f", (double)value);
    }
}

static void add_times(Overlay *overlay)
{
    static const char *const head[] = {"", "p50", "p95", "p99", "max"};
    UiPage *page = &overlay->page;
    const float mark_ms = (float)RUN_STATS_HITCH_MS;
    double sum_ms = 0.0;
    for (int i = 0; i < overlay->series_count; ++i) {
        sum_ms += (double)overlay->series[OVERLAY_SERIES_INTERVAL][i];
    }
    double fps = sum_ms > 0.0 ? 1000.0 * overlay->series_count / sum_ms : 0.0;
    ui_page_value(page, "frames", "/s", fps >= 55.0 ? UI_TONE_GOOD : UI_TONE_WARN, "%.1f", fps);
    plot_series(overlay, OVERLAY_SERIES_WORK, "work, CPU per tick", "ms", -1.0f);
    plot_series(overlay, OVERLAY_SERIES_STREAM, "streaming, CPU per tick", "ms", mark_ms);
    ui_page_table(page, "of the last 10 s, ms", 1 + OVERLAY_QUANTILES);
    for (int i = 0; i < 1 + OVERLAY_QUANTILES; ++i) {
        ui_page_cell(page, UI_TONE_DIM, "%s", head[i]);
    }
    add_percentiles(overlay, OVERLAY_SERIES_WORK, "work, CPU per tick", -1.0f);
    add_percentiles(overlay, OVERLAY_SERIES_STREAM, "streaming, CPU per tick", mark_ms);
    add_percentiles(overlay, OVERLAY_SERIES_INTERVAL, "between frames, wall", -1.0f);
}

static void add_ledger(Overlay *overlay)
{
    // Not one frame's: that flickers too fast to read.
    float sums_ms[LEDGER_ROW_COUNT] = {0};
    int count = overlay->series_count;
    int frames = count < OVERLAY_LEDGER_FRAMES ? count : OVERLAY_LEDGER_FRAMES;
    for (int i = 1; i <= frames; ++i) {
        int place = (overlay->ledger_next + OVERLAY_LEDGER_FRAMES - i) % OVERLAY_LEDGER_FRAMES;
        for (int row = 0; row < LEDGER_ROW_COUNT; ++row) {
            sums_ms[row] += overlay->ledger_ms[place][row];
        }
    }
    UiPage *page = &overlay->page;
    ui_page_bars(page, "ledger, CPU per tick, mean of the last second", "ms");
    for (int row = 0; row < LEDGER_ROW_COUNT; ++row) {
        ui_page_segment(page, ledger_row_name((LedgerRow)row),
                        (double)(sums_ms[row] / (float)frames));
    }
}

static void add_hitches(UiPage *page, const RunStats *run)
{
    uint32_t kept = run->hitches_kept;
    if (kept == 0) {
        ui_page_add(page, UI_KIND_NOTE, "no tick has streamed for longer than 2 ms");
        return;
    }
    ui_page_table(page, "last hitches (streaming over 2 ms)", 6);
    static const char *const head[] = {"tick", "ms", "row", "row ms", "item", "item ms"};
    for (int i = 0; i < 6; ++i) {
        ui_page_cell(page, UI_TONE_DIM, "%s", head[i]);
    }
    uint32_t shown = kept < OVERLAY_HITCHES_SHOWN ? kept : OVERLAY_HITCHES_SHOWN;
    for (uint32_t i = 0; i < shown; ++i) {
        const RunStatsHitch *hitch = run_stats_hitch(run, kept - 1 - i); // newest first
        ui_page_cell(page, UI_TONE_PLAIN, "%llu", (unsigned long long)hitch->tick);
        ui_page_cell(page, UI_TONE_BAD, "%.2f", hitch->ms);
        ui_page_cell(page, UI_TONE_PLAIN, "%s", ledger_row_name(hitch->row));
        ui_page_cell(page, UI_TONE_PLAIN, "%.2f", hitch->row_ms);
        ui_page_cell(page, UI_TONE_PLAIN, "%s", hitch->item.name != NULL ? hitch->item.name : "-");
        ui_page_cell(page, UI_TONE_PLAIN, "%.2f", (double)hitch->item.cpu_ns * 1e-6);
    }
}

void overlay_pages_frame(Overlay *overlay, const OverlayInput *input)
{
    UiPage *page = &overlay->page;
    const RunStats *run = input->run;
    const FrameStats *frame = last_frame(input);
    refresh_series(overlay, input);
    sort_in_turn(overlay);
    add_times(overlay);
    add_ledger(overlay);
    add_hitches(page, run);
    ui_page_value(page, "streaming p99, whole run", "ms", UI_TONE_PLAIN, "%.2f",
                  (double)ms_from_ns(histogram_quantile_ns(&run->stream, 0.99)));
    ui_page_value(page, "waits while streaming", "switches", bad_if(run->stream_switches > 0),
                  "%llu", (unsigned long long)run->stream_switches);
    ui_page_value(page, "hitches, after warm-up", "ticks", bad_if(run->hitch_steady_count > 0),
                  "%llu, %llu", (unsigned long long)run->hitch_count,
                  (unsigned long long)run->hitch_steady_count);
    ui_page_value(page, "jank", "ms", UI_TONE_PLAIN, "%.1f", run->jank_ms);
    ui_page_value(page, "drawn, culled by frustum, by hills", "tiles", UI_TONE_PLAIN, "%u, %u, %u",
                  frame->tiles_drawn, frame->culled_frustum, frame->culled_horizon);
    ui_page_value(page, "surface drawn", "triangles", UI_TONE_PLAIN, "%llu",
                  (unsigned long long)frame->triangles);
    if (frame->gpu_ms >= 0.0) {
        ui_page_value(page, "GPU", "ms", UI_TONE_PLAIN, "%.2f", frame->gpu_ms);
    }
}

static void add_states(UiPage *page, const FrameStats *frame)
{
    ui_page_table(page, "chunks by state", 6);
    ui_page_cell(page, UI_TONE_DIM, "data");
    for (int i = 0; i < FRAME_STATS_DATA_COUNT; ++i) {
        ui_page_cell(page, UI_TONE_DIM, "%s", frame_stats_data_name((FrameStatsData)i));
    }
    ui_page_cell(page, UI_TONE_DIM, "count");
    for (int i = 0; i < FRAME_STATS_DATA_COUNT; ++i) {
        bool failed = i == FRAME_STATS_DATA_FAILED && frame->data_states[i] > 0;
        ui_page_cell(page, failed ? UI_TONE_BAD : UI_TONE_PLAIN, "%u", frame->data_states[i]);
    }
    ui_page_cell(page, UI_TONE_DIM, "mesh");
    for (int i = 0; i < FRAME_STATS_MESH_COUNT; ++i) {
        ui_page_cell(page, UI_TONE_DIM, "%s", frame_stats_mesh_name((FrameStatsMesh)i));
    }
    ui_page_cell(page, UI_TONE_DIM, "count");
    for (int i = 0; i < FRAME_STATS_MESH_COUNT; ++i) {
        ui_page_cell(page, UI_TONE_PLAIN, "%u", frame->mesh_states[i]);
    }
}

static void add_queues(UiPage *page, const FrameStats *frame, const RunStats *run)
{
    const JobPoolStats *workers = &run->workers;
    ui_page_value(page, "queued urgent, demand, ahead", "jobs", UI_TONE_PLAIN, "%u, %u, %u",
                  frame->queue_depths[JOB_URGENT], frame->queue_depths[JOB_DEMAND],
                  frame->queue_depths[JOB_SPECULATIVE]);
    ui_page_value(page, "in flight demand, ahead", "jobs", UI_TONE_PLAIN, "%u, %u of %d",
                  frame->in_flight_demand, frame->in_flight_speculative, frame->loads_allowed);
    ui_page_value(page, "results waiting, taken", "results", UI_TONE_PLAIN, "%u, %u",
                  frame->results_depth, frame->results_applied);
    ui_page_value(page, "workers that ran", "threads",
                  workers->workers_ran < workers->workers_requested ? UI_TONE_WARN : UI_TONE_GOOD,
                  "%d of %d, nice %d", workers->workers_ran, workers->workers_requested,
                  workers->nice);
}

static void add_coverage(UiPage *page, const FrameStats *frame, const RunStats *run)
{
    const RunStatsCounters *counters = &run->counters;
    ui_page_value(page, "wanted, of the view square", "chunks", UI_TONE_PLAIN, "%u, %u",
                  frame->wanted, frame->wanted_demand);
    ui_page_value(page, "missing now, whole run", "checks",
                  frame->missing > 0 ? UI_TONE_WARN : UI_TONE_GOOD, "%u, %llu", frame->missing,
                  (unsigned long long)run->missing_checks);
    ui_page_value(page, "holes now, whole run", "checks", bad_if(run->holes > 0), "%u, %llu",
                  frame->holes, (unsigned long long)run->holes);
    if (run->hole_pixels >= 0) {
        ui_page_value(page, "hole pixels", "pixels", bad_if(run->hole_pixels > 0), "%lld",
                      (long long)run->hole_pixels);
    }
    ui_page_value(page, "late now, longest of the run", "tiles, ms",
                  frame->late > 0 ? UI_TONE_WARN : UI_TONE_GOOD, "%u, %.0f", frame->late,
                  run->late_longest_ms);
    ui_page_value(page, "duplicates, dropped", "chunks",
                  bad_if(counters->duplicates + counters->dropped > 0), "%llu, %llu",
                  (unsigned long long)counters->duplicates, (unsigned long long)counters->dropped);
    ui_page_value(page, "left out of plans, over the list", "tiles",
                  counters->plan_left_out + counters->plan_overflow > 0 ? UI_TONE_WARN
                                                                        : UI_TONE_GOOD,
                  "%llu, %llu", (unsigned long long)counters->plan_left_out,
                  (unsigned long long)counters->plan_overflow);
    ui_page_value(page, "generated, failed, cancelled", "chunks",
                  counters->failed > 0 ? UI_TONE_WARN : UI_TONE_PLAIN, "%llu, %llu, %llu",
                  (unsigned long long)counters->generated, (unsigned long long)counters->failed,
                  (unsigned long long)counters->cancelled);
    ui_page_value(page, "read sparsely, in full later", "chunks", UI_TONE_PLAIN, "%llu, %llu",
                  (unsigned long long)counters->sparse, (unsigned long long)counters->refined);
}

static double share(uint64_t part, uint64_t whole)
{
    return whole > 0 ? 100.0 * (double)part / (double)whole : 0.0;
}

static void add_prefetch(UiPage *page, const FrameStats *frame, const RunStats *run)
{
    const RunStatsCounters *counters = &run->counters;
    ui_page_value(page, "prefetch of the lobe used", "jobs", UI_TONE_PLAIN, "%llu of %llu, %.0f %%",
                  (unsigned long long)counters->lobe_used,
                  (unsigned long long)counters->lobe_issued,
                  share(counters->lobe_used, counters->lobe_issued));
    ui_page_value(page, "prefetch of the ring used", "jobs", UI_TONE_PLAIN, "%llu of %llu, %.0f %%",
                  (unsigned long long)counters->ring_used,
                  (unsigned long long)counters->ring_issued,
                  share(counters->ring_used, counters->ring_issued));
    ui_page_value(page, "lead", "s", UI_TONE_PLAIN, "%.2f", frame->lead_s);
    ui_page_value(page, "chunk latency p95", "ms", UI_TONE_PLAIN, "%.0f",
                  (double)ms_from_ns(histogram_quantile_ns(&run->chunk_latency, 0.95)));
    ui_page_value(page, "LOD hits, rebuilt, generated", "transitions", UI_TONE_PLAIN,
                  "%llu, %llu, %llu", (unsigned long long)counters->lod_hits,
                  (unsigned long long)counters->lod_rebuilt,
                  (unsigned long long)counters->lod_generated);
}

static void add_throttle(UiPage *page, const RunStats *run)
{
    const Throttle *throttle = &run->throttle;
    ui_page_value(page, "throttle", "", throttle->engaged ? UI_TONE_WARN : UI_TONE_GOOD, "%s",
                  throttle->engaged ? "engaged" : "open");
    ui_page_value(page, "throttle engaged", "times, ticks", UI_TONE_PLAIN, "%llu, %llu",
                  (unsigned long long)throttle->engaged_count,
                  (unsigned long long)throttle->engaged_ticks);
    uint32_t kept = throttle->log_count < 4 ? throttle->log_count : 4;
    if (kept == 0) {
        return;
    }
    ui_page_table(page, "throttle's last reasons", 4);
    static const char *const head[] = {"tick", "reason", "ms", "mark ms"};
    for (int i = 0; i < 4; ++i) {
        ui_page_cell(page, UI_TONE_DIM, "%s", head[i]);
    }
    for (uint32_t i = 1; i <= kept; ++i) {
        const ThrottleEvent *event = &throttle->log[(throttle->log_count - i) % THROTTLE_LOG_MAX];
        ui_page_cell(page, UI_TONE_PLAIN, "%llu", (unsigned long long)event->tick);
        ui_page_cell(page, UI_TONE_PLAIN, "%s", throttle_reason_name(event->reason));
        ui_page_cell(page, UI_TONE_PLAIN, "%.1f", event->value_ms);
        ui_page_cell(page, UI_TONE_PLAIN, "%.1f", event->mark_ms);
    }
}

void overlay_pages_streaming(Overlay *overlay, const OverlayInput *input)
{
    UiPage *page = &overlay->page;
    const FrameStats *frame = last_frame(input);
    const RunStats *run = input->run;
    refresh_series(overlay, input);
    add_coverage(page, frame, run);
    add_states(page, frame);
    add_queues(page, frame, run);
    float budget_kib = (float)((double)frame->upload_budget_bytes / 1024.0);
    plot_series(overlay, OVERLAY_SERIES_UPLOAD, "upload per frame", "KiB", budget_kib);
    ui_page_value(page, "upload last frame, staged", "tiles", UI_TONE_PLAIN, "%u, %u",
                  frame->upload_count, frame->staged);
    ui_page_value(page, "upload time last frame", "ms", UI_TONE_PLAIN, "%.3f", frame->upload_ms);
    add_prefetch(page, frame, run);
    add_throttle(page, run);
}

static void begin_owners(UiPage *page, const char *title)
{
    ui_page_table(page, title, 2);
    ui_page_cell(page, UI_TONE_DIM, "owner");
    ui_page_cell(page, UI_TONE_DIM, "MiB");
}

static void add_owner(UiPage *page, const char *name, uint64_t bytes)
{
    ui_page_cell(page, UI_TONE_PLAIN, "%s", name);
    ui_page_cell(page, UI_TONE_PLAIN, "%.2f", (double)bytes / MIB);
}

static void add_owners(UiPage *page, const RunStats *run)
{
    begin_owners(page, "RAM by owner");
    for (int i = 0; i < OS_MEMORY_OWNER_COUNT; ++i)
        add_owner(page, os_memory_owner_name((OsMemoryOwner)i), run->memory.live_bytes[i]);
    begin_owners(page, "GPU by owner");
    for (int i = 0; i < GPU_STATS_OWNER_COUNT; ++i)
        add_owner(page, gpu_stats_owner_name((GpuStatsOwner)i), run->gpu.owners[i]);
}

void overlay_pages_memory(Overlay *overlay, const OverlayInput *input)
{
    UiPage *page = &overlay->page;
    const FrameStats *frame = last_frame(input);
    const RunStats *run = input->run;
    ui_page_meter(page, "RAM, tracked", "MiB", (double)frame->tracked_bytes / MIB,
                  (double)input->ram_ceiling_bytes / MIB);
    ui_page_meter(page, "GPU", "MiB", (double)frame->gpu_bytes / MIB,
                  (double)input->vram_ceiling_bytes / MIB);
    ui_page_value(page, "resident set, by the OS", "MiB", UI_TONE_PLAIN, "%.1f",
                  (double)frame->rss_bytes / MIB);
    if (run->warm) {
        ui_page_value(page, "growth since warm-up", "%", UI_TONE_PLAIN, "%.2f",
                      100.0 * run_stats_rss_delta_ratio(run));
        uint64_t allocations = run->allocations - run->allocations_at_warm;
        ui_page_value(page, "allocations since warm-up", "calls", bad_if(allocations > 0), "%llu",
                      (unsigned long long)allocations);
        uint64_t objects = run->gl_objects - run->gl_objects_at_warm;
        ui_page_value(page, "GL objects since warm-up", "objects", bad_if(objects > 0), "%llu",
                      (unsigned long long)objects);
    } else {
        ui_page_add(page, UI_KIND_NOTE,
                    "still warming up: growth is counted from 5 s after the "
                    "first complete view");
    }
    add_owners(page, run);
    const RunStatsCounters *counters = &run->counters;
    ui_page_value(page, "LOD cache hits", "transitions", UI_TONE_PLAIN, "%llu of %llu, %.0f %%",
                  (unsigned long long)counters->lod_hits,
                  (unsigned long long)counters->lod_transitions,
                  share(counters->lod_hits, counters->lod_transitions));
    uint64_t heights = counters->cache_hits + counters->generated;
    ui_page_value(page, "heights still in RAM", "jobs", UI_TONE_PLAIN, "%llu of %llu, %.0f %%",
                  (unsigned long long)counters->cache_hits, (unsigned long long)heights,
                  share(counters->cache_hits, heights));
    ui_page_value(page, "uploaded, evicted", "tiles", UI_TONE_PLAIN, "%llu, %llu",
                  (unsigned long long)counters->uploaded, (unsigned long long)counters->evicted);
}

static uint8_t shade_of(const uint8_t *cell)
{
    static const uint8_t by_state[] = {
        [FRAME_STATS_DATA_ABSENT] = UI_MAP_SHADE_ABSENT,
        [FRAME_STATS_DATA_QUEUED] = UI_MAP_SHADE_QUEUED,
        [FRAME_STATS_DATA_RUNNING] = UI_MAP_SHADE_RUNNING,
        [FRAME_STATS_DATA_READY] = UI_MAP_SHADE_READY,
        [FRAME_STATS_DATA_FAILED] = UI_MAP_SHADE_FAILED,
    };
    if (cell[1] < LOD_CHUNK_COUNT) {
        return (uint8_t)(UI_MAP_SHADE_LOD0 + cell[1]);
    }
    return cell[0] < FRAME_STATS_DATA_COUNT ? by_state[cell[0]] : (uint8_t)UI_MAP_SHADE_ABSENT;
}

static void fill_map(UiMap *map, const OverlayInput *input, const FrameStats *frame)
{
    map->side = input->map_side;
    for (int i = 0; i < map->side * map->side; ++i) {
        const uint8_t *cell = &input->map[i * 3];
        map->shades[i] = shade_of(cell);
        map->wants[i] = cell[2] <= UI_MAP_WANT_LOBE ? cell[2] : (uint8_t)UI_MAP_WANT_NONE;
    }
    const double square_m = 256.0;
    for (int axis = 0; axis < 2; ++axis) {
        double eye_m = frame->eye_m[axis * 2];
        double inside = eye_m / square_m - floor(eye_m / square_m);
        double ahead = (frame->predicted_m[axis * 2] - eye_m) / square_m;
        map->eye[axis] = (float)(map->side / 2 + inside);
        map->predicted[axis] = (float)(map->eye[axis] + ahead);
    }
}

void overlay_pages_map(Overlay *overlay, const OverlayInput *input)
{
    UiPage *page = &overlay->page;
    const FrameStats *frame = last_frame(input);
    const double *v = frame->velocity_m_s;
    ui_page_value(page, "eye: east, height, south", "m", UI_TONE_PLAIN, "%.0f, %.0f, %.0f",
                  frame->eye_m[0], frame->eye_m[1], frame->eye_m[2]);
    ui_page_value(page, "velocity", "m/s", UI_TONE_PLAIN, "%.1f",
                  sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]));
    ui_page_value(page, "predicted ahead by", "s", UI_TONE_PLAIN, "%.2f", frame->lead_s);
    ui_page_value(page, "ranges L0, L1, L2", "m", UI_TONE_PLAIN, "%.0f, %.0f, %.0f",
                  (double)frame->range_m[0], (double)frame->range_m[1], (double)frame->range_m[2]);
    ui_page_value(page, "view square", "", frame->view_complete ? UI_TONE_GOOD : UI_TONE_WARN, "%s",
                  frame->view_complete ? "complete" : "filling");
    if (input->map == NULL || input->map_side <= 0 || input->map_side > UI_PAGE_MAP_SIDE_MAX) {
        ui_page_add(page, UI_KIND_NOTE, "no map");
        return;
    }
    ui_page_add(page, UI_KIND_MAP, "chunks of 256 m around the eye, north is up")->unit = "chunks";
    fill_map(&page->map, input, frame);
}

void overlay_pages_knobs(Overlay *overlay, const OverlayInput *input)
{
    UiPage *page = &overlay->page;
    ui_page_add(page, UI_KIND_HEADING, "switches");
    for (int i = 0; i < input->switch_count; ++i) {
        const OverlaySwitch *item = &input->switches[i];
        UiWidget *widget = ui_page_add(page, UI_KIND_SWITCH, item->label);
        widget->id = i;
        widget->number = item->on ? 1.0f : 0.0f;
        widget->high = 1.0f;
        widget->help = item->help;
    }
    ui_page_add(page, UI_KIND_HEADING, "knobs");
    for (int i = 0; i < input->knob_count; ++i) {
        const OverlayKnob *knob = &input->knobs[i];
        UiWidget *widget = ui_page_add(page, UI_KIND_SLIDER, knob->label);
        widget->id = i;
        widget->unit = knob->unit;
        widget->help = knob->help;
        widget->number = knob->value;
        widget->low = knob->low;
        widget->high = knob->high;
        widget->whole = knob->whole;
        if (knob->shown)
            snprintf(widget->text, sizeof widget->text, "%s", knob->shown);
    }
    for (int i = 0; i < input->button_count; ++i) {
        UiWidget *widget = ui_page_add(page, UI_KIND_BUTTON, input->buttons[i].label);
        widget->id = i;
        widget->help = input->buttons[i].help;
    }
}

static void number_cell(UiPage *page, const char *sign, double value)
{
    if (isnan(value)) {
        ui_page_cell(page, UI_TONE_DIM, "n/a");
    } else {
        ui_page_cell(page, UI_TONE_PLAIN, value == rint(value) ? "%s%.0f" : "%s%.3f", sign, value);
    }
}

static void soak_row(UiPage *page, const OverlaySoakRow *row)
{
    char sign[8];
    snprintf(sign, sizeof sign, "%s ", row->sign);
    ui_page_cell(page, UI_TONE_PLAIN, "%s", row->name);
    number_cell(page, "", row->value);
    number_cell(page, sign, row->bound);
    ui_page_cell(page, UI_TONE_DIM, "%s", row->unit);
    UiTone tone = !row->applies ? UI_TONE_DIM : bad_if(!row->pass);
    ui_page_cell(page, tone, "%s", !row->applies ? row->reason : row->pass ? "pass" : "FAIL");
}

void overlay_pages_soak(Overlay *overlay, const OverlayInput *input)
{
    static const char *const notes[] = {
        [OVERLAY_SOAK_NONE] = "\"soak from here\" on the knobs page records and judges the flight",
        [OVERLAY_SOAK_RUNNING] = "recording",
        [OVERLAY_SOAK_PASS] = "every limit is kept",
        [OVERLAY_SOAK_FAIL] = "a limit is broken",
    };
    UiPage *page = &overlay->page;
    assert((unsigned)input->soak_state <= OVERLAY_SOAK_FAIL);
    UiWidget *note = ui_page_add(page, UI_KIND_NOTE, notes[input->soak_state]);
    note->tone = input->soak_state == OVERLAY_SOAK_PASS   ? UI_TONE_GOOD
                 : input->soak_state == OVERLAY_SOAK_FAIL ? UI_TONE_BAD
                                                          : UI_TONE_PLAIN;
    if (input->soak_state == OVERLAY_SOAK_RUNNING) {
        ui_page_meter(page, "progress", "%", 100.0 * (double)input->soak_progress, 100.0);
        page->widgets[page->open].tone = UI_TONE_PLAIN;
        return;
    }
    if (input->soak_state == OVERLAY_SOAK_NONE) {
        return;
    }
    ui_page_table(page, "verdict", 5);
    static const char *const head[] = {"limit", "value", "bound", "unit", "verdict"};
    for (int i = 0; i < 5; ++i) {
        ui_page_cell(page, UI_TONE_DIM, "%s", head[i]);
    }
    for (int i = 0; i < input->soak_row_count; ++i) {
        soak_row(page, &input->soak_rows[i]);
    }
}
