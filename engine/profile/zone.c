#include "profile/zone.h"
#include "base/os_clock.h"
#include "base/os_file.h"
#include "base/os_memory.h"
#include "base/os_thread.h"
#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <sched.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define THREADS_MAX 128u
#define EVENTS_DEFAULT 1000000u
#define EVENTS_LIMIT (16u << 20) // 512 MiB of events
#define BLOCK_EVENTS_MAX 256u
#define GATES 16u
// Longest line apart from its name: keys, two times of 20 digits, a thread id of 20, a counter of 24.
#define LINE_BYTES_MAX 160u
#define ENVELOPE_BYTES_MAX 512u

typedef enum EventKind { EVENT_NONE, EVENT_SPAN, EVENT_COUNTER } EventKind;

typedef struct Event {
    const char *name;
    uint64_t start_ns;
    union {
        uint64_t duration_ns;
        double value;
    } of;
    uint16_t thread; // index into Trace.threads
    uint16_t kind;
} Event;

typedef struct TraceThread {
    const char *name;
    uint64_t id;
    uint32_t next, end; // of its block, as indices of events
} TraceThread;

// All events lie in one pool; a thread takes a block of it at a time, so that threads share nothing but the
// counter of blocks, and one busy thread can use the whole pool.
typedef struct Trace {
    Event *events;
    uint32_t events_max;
    uint32_t block_events;
    uint64_t start_ns;
    TraceThread threads[THREADS_MAX];
    atomic_uint thread_count;
    atomic_uint blocks_taken;
    atomic_ullong lost;
} Trace;

// A writer stands inside its gate while it touches the trace; closing waits until all gates are empty.
// Spread over cache lines by thread number, so that writers do not meet.
typedef struct Gate {
    _Alignas(64) atomic_uint inside;
} Gate;

typedef struct LocalThread {
    const char *name;
    unsigned number; // from 1, for life; 0: none yet
    unsigned trace;  // number of the trace it is registered with
    unsigned index;  // in Trace.threads; THREADS_MAX: there was no room
} LocalThread;

static Trace trace;
static atomic_uint recording; // number of the open trace, 0: none
static atomic_uint thread_numbers;
static Gate gates[GATES];
static unsigned trace_number; // of the last trace opened; main thread
static _Thread_local LocalThread local;

// Returns the trace's number, or 0 when none is open; leave_gate follows either way.
static unsigned enter_gate(void)
{
    if (local.number == 0) {
        local.number = 1u + atomic_fetch_add_explicit(&thread_numbers, 1, memory_order_relaxed);
    }
    // Sequentially consistent with the store in close_trace: one of both sees the other.
    atomic_fetch_add(&gates[local.number % GATES].inside, 1);
    return atomic_load(&recording);
}

static void leave_gate(void)
{
    atomic_fetch_sub_explicit(&gates[local.number % GATES].inside, 1, memory_order_release);
}

static void close_trace(void)
{
    atomic_store(&recording, 0);
    for (unsigned i = 0; i < GATES; ++i) {
        while (atomic_load(&gates[i].inside) != 0) {
            sched_yield();
        }
    }
}

// The calling thread's record in trace `number`; NULL when there are too many threads.
static TraceThread *this_thread(unsigned number)
{
    if (local.trace != number) {
        local.trace = number;
        local.index = THREADS_MAX;
        if (atomic_load_explicit(&trace.thread_count, memory_order_relaxed) < THREADS_MAX) {
            unsigned index =
                atomic_fetch_add_explicit(&trace.thread_count, 1, memory_order_relaxed);
            local.index = index < THREADS_MAX ? index : THREADS_MAX;
        }
        if (local.index < THREADS_MAX) {
            trace.threads[local.index] = (TraceThread){.name = local.name, .id = os_thread_id()};
        }
    }
    return local.index < THREADS_MAX ? &trace.threads[local.index] : NULL;
}

static bool take_block(TraceThread *thread)
{
    unsigned blocks = trace.events_max / trace.block_events;
    if (atomic_load_explicit(&trace.blocks_taken, memory_order_relaxed) >= blocks) {
        return false;
    }
    unsigned block = atomic_fetch_add_explicit(&trace.blocks_taken, 1, memory_order_relaxed);
    if (block >= blocks) {
        return false;
    }
    thread->next = block * trace.block_events;
    thread->end = thread->next + trace.block_events;
    return true;
}

// Inside the gate. `event->thread` is filled in here.
static void keep_event(unsigned number, Event event)
{
    TraceThread *thread = this_thread(number);
    if (thread == NULL || (thread->next == thread->end && !take_block(thread))) {
        atomic_fetch_add_explicit(&trace.lost, 1, memory_order_relaxed);
        return;
    }
    assert(thread->next < thread->end && thread->end <= trace.events_max);
    event.thread = (uint16_t)local.index;
    trace.events[thread->next++] = event;
}

Zone zone_begin(const char *name)
{
    if (atomic_load_explicit(&recording, memory_order_relaxed) == 0) {
        return (Zone){NULL, 0};
    }
    assert(name != NULL);
    return (Zone){name, os_clock_now_ns()};
}

void zone_end(Zone zone)
{
    if (zone.name == NULL || atomic_load_explicit(&recording, memory_order_relaxed) == 0) {
        return;
    }
    uint64_t end_ns = os_clock_now_ns();
    unsigned number = enter_gate();
    if (number != 0 && end_ns >= trace.start_ns) {
        // What had begun before the trace was opened shows from its start.
        uint64_t start_ns = zone.start_ns > trace.start_ns ? zone.start_ns : trace.start_ns;
        keep_event(number, (Event){.name = zone.name,
                                   .start_ns = start_ns,
                                   .of.duration_ns = end_ns > start_ns ? end_ns - start_ns : 0,
                                   .kind = EVENT_SPAN});
    }
    leave_gate();
}

void zone_counter(const char *name, double value)
{
    if (atomic_load_explicit(&recording, memory_order_relaxed) == 0) {
        return;
    }
    assert(name != NULL);
    uint64_t now_ns = os_clock_now_ns();
    unsigned number = enter_gate();
    if (number != 0 && now_ns >= trace.start_ns) {
        keep_event(number, (Event){.name = name,
                                   .start_ns = now_ns,
                                   .of.value = isfinite(value) ? value : 0.0, // JSON has no inf
                                   .kind = EVENT_COUNTER});
    }
    leave_gate();
}

void zone_thread_name(const char *name)
{
    local.name = name;
    unsigned number = enter_gate();
    TraceThread *thread = number != 0 ? this_thread(number) : NULL;
    if (thread != NULL) {
        thread->name = name;
    }
    leave_gate();
}

Result zone_trace_begin(uint32_t events_max)
{
    assert(atomic_load(&recording) == 0);
    assert(trace.events == NULL);
    if (events_max > EVENTS_LIMIT) {
        return RESULT_LIMIT;
    }
    events_max = events_max == 0 ? EVENTS_DEFAULT : events_max;
    Event *events = os_memory_alloc(events_max * sizeof(Event), OS_MEMORY_PROFILE);
    if (events == NULL) {
        return RESULT_OUT_OF_MEMORY;
    }
    // Small enough that every thread could get a block.
    uint32_t block_events = events_max / THREADS_MAX;
    block_events = block_events < 1 ? 1 : block_events;
    trace.events = events;
    trace.events_max = events_max;
    trace.block_events = block_events < BLOCK_EVENTS_MAX ? block_events : BLOCK_EVENTS_MAX;
    trace.start_ns = os_clock_now_ns();
    atomic_store(&trace.thread_count, 0);
    atomic_store(&trace.blocks_taken, 0);
    atomic_store(&trace.lost, 0);
    trace_number = trace_number + 1 != 0 ? trace_number + 1 : 1;
    atomic_store(&recording, trace_number);
    return RESULT_OK;
}

// Text being put together in memory of a size reckoned beforehand.
typedef struct Writer {
    char *text;
    size_t bytes, bytes_max;
} Writer;

static void put(Writer *writer, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void put(Writer *writer, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    size_t room = writer->bytes_max - writer->bytes;
    int length = vsnprintf(writer->text + writer->bytes, room, format, arguments);
    va_end(arguments);
    assert(length >= 0 && (size_t)length < room);
    writer->bytes += (size_t)length;
}

static bool is_plain(char c)
{
    return (unsigned char)c >= 0x20 && c != '"' && c != '\\';
}

// Writes `name` as the inside of a JSON string.
static void put_name(Writer *writer, const char *name)
{
    for (const char *c = name; *c != '\0'; ++c) {
        if (is_plain(*c)) {
            assert(writer->bytes + 1 < writer->bytes_max);
            writer->text[writer->bytes++] = *c;
        } else {
            put(writer, "\\u%04x", (unsigned)(unsigned char)*c);
        }
    }
}

static size_t name_bytes(const char *name)
{
    size_t bytes = 0;
    for (const char *c = name; *c != '\0'; ++c) {
        bytes += is_plain(*c) ? 1 : 6;
    }
    return bytes;
}

static unsigned count_threads(void)
{
    unsigned count = atomic_load(&trace.thread_count);
    return count < THREADS_MAX ? count : THREADS_MAX;
}

static uint32_t events_end(void)
{
    uint64_t end = (uint64_t)atomic_load(&trace.blocks_taken) * trace.block_events;
    return end < trace.events_max ? (uint32_t)end : trace.events_max;
}

static size_t text_bytes_max(void)
{
    size_t bytes = ENVELOPE_BYTES_MAX;
    for (unsigned i = 0; i < count_threads(); ++i) {
        const char *name = trace.threads[i].name;
        bytes += LINE_BYTES_MAX + (name != NULL ? name_bytes(name) : 0);
    }
    for (uint32_t i = 0; i < events_end(); ++i) {
        if (trace.events[i].kind != EVENT_NONE) {
            bytes += LINE_BYTES_MAX + name_bytes(trace.events[i].name);
        }
    }
    return bytes;
}

static void put_us(Writer *writer, const char *key, uint64_t ns)
{
    put(writer, ",\"%s\":%" PRIu64 ".%03u", key, ns / 1000, (unsigned)(ns % 1000));
}

static void put_event(Writer *writer, const Event *event)
{
    assert(event->name != NULL && event->thread < THREADS_MAX);
    put(writer, ",\n{\"ph\":\"%s\",\"pid\":1,\"tid\":%" PRIu64,
        event->kind == EVENT_SPAN ? "X" : "C", trace.threads[event->thread].id);
    put_us(writer, "ts", event->start_ns - trace.start_ns);
    if (event->kind == EVENT_SPAN) {
        put_us(writer, "dur", event->of.duration_ns);
    } else {
        put(writer, ",\"args\":{\"value\":%.9g}", event->of.value);
    }
    put(writer, ",\"name\":\"");
    put_name(writer, event->name);
    put(writer, "\"}");
}

// The trace event format: "Trace Event Format" of the Chromium project; times in microseconds.
static void put_trace(Writer *writer)
{
    put(writer, "{\"traceEvents\": [\n{\"ph\":\"M\",\"pid\":1,\"name\":\"process_name\","
                "\"args\":{\"name\":\"arete\"}}");
    for (unsigned i = 0; i < count_threads(); ++i) {
        const TraceThread *thread = &trace.threads[i];
        if (thread->name != NULL) {
            put(writer, ",\n{\"ph\":\"M\",\"pid\":1,\"tid\":%" PRIu64, thread->id);
            put(writer, ",\"name\":\"thread_name\",\"args\":{\"name\":\"");
            put_name(writer, thread->name);
            put(writer, "\"}}");
        }
    }
    for (uint32_t i = 0; i < events_end(); ++i) {
        if (trace.events[i].kind != EVENT_NONE) {
            put_event(writer, &trace.events[i]);
        }
    }
    put(writer, "\n],\n\"displayTimeUnit\":\"ms\",\n\"otherData\":{\"events_lost\":%llu}}\n",
        (unsigned long long)atomic_load(&trace.lost));
}

Result zone_trace_write(const char *path, ResultText *text)
{
    assert(path != NULL);
    close_trace();
    if (trace.events == NULL) {
        return result_fail(text, RESULT_BAD_INPUT, "%s: no trace has been started", path);
    }
    Result result = RESULT_OK;
    size_t bytes_max = text_bytes_max();
    Writer writer = {.text = os_memory_alloc(bytes_max, OS_MEMORY_PROFILE), .bytes_max = bytes_max};
    if (writer.text == NULL) {
        result = result_fail(text, RESULT_OUT_OF_MEMORY, "%s: a trace needs %zu MiB of memory",
                             path, (bytes_max >> 20) + 1);
    } else {
        put_trace(&writer);
        result = os_file_write(path, writer.text, writer.bytes, text);
    }
    os_memory_free(writer.text, bytes_max, OS_MEMORY_PROFILE);
    os_memory_free(trace.events, trace.events_max * sizeof(Event), OS_MEMORY_PROFILE);
    trace.events = NULL;
    return result;
}
