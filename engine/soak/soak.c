#include "soak/soak.h"
#include "base/os_clock.h"
#include "base/os_file.h"
#include "soak/report.h"
#include "stream/null_sink.h"
#include <assert.h>
#include <math.h>
#include <string.h>

#define TICK_NS 16666667u
#define POLL_NS 500000u      // free pace: how often it asks whether the workers are done
#define BEHIND_NS 250000000u // real pace: further behind than this it starts anew instead of racing
#define PROGRESS_TICKS 128

typedef struct SoakFlight {
    const SoakDesc *desc;
    SoakResult *result;
    Engine *engine;
    Flight flight;
    uint64_t ticks;       // to fly
    uint64_t start_ns;    // wall, of the first tick
    uint64_t deadline_ns; // real pace: of the next tick
    uint64_t shock_ticks; // since the first complete view
    bool burns;           // the main thread, in this tick
    JobPoolStats workers; // at the end of the tick before
} SoakFlight;

static const char *const pace_names[] = {"real", "free"};

const char *soak_pace_name(SoakPace pace)
{
    assert((unsigned)pace < sizeof pace_names / sizeof *pace_names);
    return pace_names[pace];
}

int soak_pace_find(const char *name)
{
    assert(name != NULL);
    for (int i = 0; i < (int)(sizeof pace_names / sizeof *pace_names); ++i) {
        if (strcmp(pace_names[i], name) == 0) {
            return i;
        }
    }
    return -1;
}

static void add_shock(SoakFlight *soak, EngineInput *inout)
{
    const SoakShock *shock = &soak->desc->shock;
    if (engine_run(soak->engine)->first_view_ms < 0.0) {
        return;
    }
    uint64_t tick = soak->shock_ticks++;
    if (tick < shock->block_ticks) {
        inout->block_workers = true;
    } else if (tick - shock->block_ticks < shock->burn_ticks) {
        inout->main_burn_ms = fmax(inout->main_burn_ms, shock->burn_ms);
    }
}

static void fly_input(void *object, EngineInput *inout)
{
    SoakFlight *soak = object;
    Flight *flight = &soak->flight;
    const SoakDesc *desc = soak->desc;
    if (soak->result->ticks > 0) {
        flight_step(flight);
    }
    float ground_m =
        desc->source->ground_m(desc->source->object, flight->position_m[0], flight->position_m[2]);
    ground_m = fmaxf(ground_m, 0.0f); // the sea is ground too
    inout->view = (View){
        .eye_world = {flight->position_m[0], flight->position_m[1], flight->position_m[2]},
        .yaw_rad = flight->yaw_rad,
        .pitch_rad = flight->pitch_rad,
        .fov_y_rad = VIEW_FOV_Y_RAD,
        .aspect = desc->aspect > 0.0f ? desc->aspect : 16.0f / 9.0f,
        .agl_m = (float)(flight->position_m[1] - (double)ground_m),
    };
    inout->dt_s = FLIGHT_TICK_S;
    inout->block_workers = flight->block_workers;
    inout->main_burn_ms = flight->main_burn_ms;
    add_shock(soak, inout);
    soak->burns = inout->main_burn_ms > 0.0;
    inout->scene = desc->scene;
    inout->scene.time_s = (double)flight->tick * FLIGHT_TICK_S;
}

static void fly_ui(void *object)
{
    const SoakFlight *soak = object;
    if (soak->desc->ui != NULL) {
        soak->desc->ui(soak->desc->object);
    }
}

static bool workers_idle(const SoakFlight *soak)
{
    const FrameStats *frame = engine_frame(soak->engine);
    bool idle = frame->in_flight_demand + frame->in_flight_speculative == 0 &&
                frame->mesh_states[FRAME_STATS_MESH_BUILDING] == 0;
    return idle || engine_settled(soak->engine);
}

static void keep_pace(SoakFlight *soak, uint64_t tick_start_ns)
{
    if (soak->desc->pace == SOAK_PACE_REAL) {
        soak->deadline_ns += TICK_NS;
        uint64_t now_ns = os_clock_now_ns();
        if (now_ns > soak->deadline_ns + BEHIND_NS) {
            soak->deadline_ns = now_ns;
        }
        os_clock_sleep_until_ns(soak->deadline_ns);
        return;
    }
    uint64_t granted_ns = tick_start_ns + TICK_NS;
    uint64_t now_ns = os_clock_now_ns();
    while (now_ns < granted_ns && !workers_idle(soak)) {
        uint64_t wake_ns = now_ns + POLL_NS < granted_ns ? now_ns + POLL_NS : granted_ns;
        os_clock_sleep_until_ns(wake_ns);
        now_ns = os_clock_now_ns();
    }
}

static void note_steady(SoakExtremes *extremes, const FrameStats *frame)
{
    extremes->missing_steady += frame->missing;
    extremes->late_steady_ms_max = fmax(extremes->late_steady_ms_max, frame->late_longest_ms);
    if (frame->upload_bytes > extremes->upload_bytes_steady_max) {
        extremes->upload_bytes_steady_max = frame->upload_bytes;
    }
    if (frame->upload_count > extremes->upload_count_steady_max) {
        extremes->upload_count_steady_max = frame->upload_count;
    }
}

static void note_extremes(SoakFlight *soak)
{
    SoakExtremes *extremes = &soak->result->extremes;
    const FrameStats *frame = engine_frame(soak->engine);
    if (frame->upload_bytes > extremes->upload_bytes_max) {
        extremes->upload_bytes_max = frame->upload_bytes;
    }
    if (frame->upload_count > extremes->upload_count_max) {
        extremes->upload_count_max = frame->upload_count;
    }
    extremes->upload_ms_max = fmax(extremes->upload_ms_max, frame->upload_ms);
    const RunStats *run = engine_run(soak->engine);
    if (soak->burns) {
        ++extremes->burn_ticks;
        extremes->burn_jobs_ahead +=
            run->workers.done[JOB_SPECULATIVE] - soak->workers.done[JOB_SPECULATIVE];
        extremes->burn_worker_ns += run->workers.cpu_ns - soak->workers.cpu_ns;
    }
    soak->workers = run->workers;
    if (run->first_view_ms >= 0.0 && frame->tick > run->view_complete_tick) {
        note_steady(extremes, frame);
    }
}

static void inject(SoakFlight *soak)
{
    const SoakFault *fault = &soak->desc->fault;
    SoakResult *result = soak->result;
    if (!fault->on || result->fault_tick >= 0) {
        return;
    }
    bool due = fault->tick > 0 ? result->ticks >= fault->tick : engine_run(soak->engine)->warm;
    if (due) {
        engine_inject(soak->engine, fault->fault);
        result->fault_tick = (int64_t)result->ticks;
        soak->ticks = result->ticks + fault->ticks_after;
    }
}

static void print_progress(const SoakFlight *soak)
{
    const SoakResult *result = soak->result;
    if (soak->desc->out == NULL ||
        (result->ticks % PROGRESS_TICKS != 0 && result->ticks != soak->ticks)) {
        return;
    }
    const RunStats *run = engine_run(soak->engine);
    const FrameStats *frame = engine_frame(soak->engine);
    double wall_s = (double)(os_clock_now_ns() - soak->start_ns) * 1e-9;
    double eta_s = wall_s * (double)(soak->ticks - result->ticks) / (double)result->ticks;
    fprintf(soak->desc->out,
            "tick %6llu of %llu  work p99 %6.2f ms  stream p99 %5.2f ms  missing %llu  holes %llu  "
            "late %u  chunks %llu  uploads %llu  %4.0f s left\n",
            (unsigned long long)result->ticks, (unsigned long long)soak->ticks,
            (double)histogram_quantile_ns(&run->work, 0.99) * 1e-6,
            (double)histogram_quantile_ns(&run->stream, 0.99) * 1e-6,
            (unsigned long long)run->missing_checks, (unsigned long long)run->holes, frame->late,
            (unsigned long long)run->counters.generated, (unsigned long long)run->counters.uploaded,
            eta_s);
    fflush(soak->desc->out);
}

static void fly(SoakFlight *soak)
{
    const EngineHooks hooks = {.object = soak, .input = fly_input, .ui = fly_ui};
    const SoakDesc *desc = soak->desc;
    SoakResult *result = soak->result;
    soak->start_ns = soak->deadline_ns = os_clock_now_ns();
    while (result->ticks < soak->ticks && !result->stopped) {
        uint64_t tick_start_ns = os_clock_now_ns();
        engine_tick(soak->engine, &hooks);
        ++result->ticks;
        note_extremes(soak);
        inject(soak);
        if (desc->after_tick != NULL && !desc->after_tick(desc->object, soak->engine)) {
            result->stopped = true;
        }
        print_progress(soak);
        keep_pace(soak, tick_start_ns);
    }
    result->wall_s = (double)(os_clock_now_ns() - soak->start_ns) * 1e-9;
}

static void judge(const SoakDesc *desc, SoakResult *result)
{
    uint32_t off = result->config.features_off;
    VerdictInput input = {
        .run = &result->run,
        .path = (int)desc->path,
        .gpu = result->gpu,
        .prefetch_off = (off & (1u << ENGINE_FEATURE_PREFETCH)) != 0,
        .throttle_off = (off & (1u << ENGINE_FEATURE_THROTTLE)) != 0,
    };
    result->verdict = verdict_judge(&input);
    result->verdict.pass = result->verdict.pass && !result->stopped;
}

static Result fly_engine(const SoakDesc *desc, const GpuSink *sink, SoakResult *out,
                         ResultText *text)
{
    SoakFlight soak = {.desc = desc, .result = out};
    const Source *source = desc->source;
    flight_start(&soak.flight, desc->path, source->seed, desc->start_xz_m, source->ground_m,
                 source->object);
    soak.ticks = desc->ticks > 0 ? desc->ticks : flight_ticks_default(desc->path);
    EngineConfig config = desc->config;
    memcpy(config.start_m, soak.flight.position_m, sizeof config.start_m);
    Result result = engine_create(&config, source, sink, &soak.engine, text);
    if (result != RESULT_OK) {
        return result;
    }
    fly(&soak);
    out->config = *engine_config(soak.engine);
    out->run = *engine_run(soak.engine);
    out->last = *engine_frame(soak.engine);
    out->sink = sink->stats(sink->object);
    engine_destroy(soak.engine);
    return RESULT_OK;
}

static Result fly_sink(const SoakDesc *desc, SoakResult *out, ResultText *text)
{
    if (desc->sink != NULL) {
        return fly_engine(desc, desc->sink, out, text);
    }
    NullSink *null_sink = NULL;
    Result result = null_sink_create(&null_sink);
    if (result != RESULT_OK) {
        return result_fail(text, result, "the null sink could not be made: %s",
                           result_name(result));
    }
    GpuSink sink = null_sink_interface(null_sink);
    result = fly_engine(desc, &sink, out, text);
    null_sink_destroy(null_sink);
    return result;
}

Result soak_run(const SoakDesc *desc, SoakResult *out, ResultText *text)
{
    assert(desc != NULL && out != NULL && desc->source != NULL);
    assert((unsigned)desc->path < FLIGHT_COUNT && (unsigned)desc->pace <= SOAK_PACE_FREE);
    if (desc->json_path != NULL && !os_file_can_write(desc->json_path)) {
        return result_fail(text, RESULT_IO,
                           "the report %s cannot be written: its folder must exist and be writable",
                           desc->json_path);
    }
    memset(out, 0, sizeof *out);
    out->fault_tick = -1;
    out->gpu = limit_gpu(desc->gl_renderer);
    Result result = fly_sink(desc, out, text);
    if (result != RESULT_OK) {
        return result;
    }
    judge(desc, out);
    if (desc->out != NULL) {
        report_print(desc->out, desc, out);
    }
    if (desc->json_path != NULL) {
        result = report_write(desc, out, desc->json_path, text);
    }
    if (result == RESULT_OK && out->stopped) {
        result = result_fail(text, RESULT_CANCELLED, "stopped after %llu ticks",
                             (unsigned long long)out->ticks);
    }
    return result;
}
