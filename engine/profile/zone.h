// Purpose: named spans of time on any thread, written to a Chrome/Perfetto trace when one is open.
// Owns: one fixed pool of events while tracing, handed out to at most 128 threads in blocks.
// Threads: any; zone_trace_begin and zone_trace_write by the main thread.
// Fails: events beyond the pool are counted, not kept; writing returns a Result.
#pragma once
#include "base/result.h"
#include <stdint.h>

typedef struct Zone {
    const char *name; // static text; NULL while no trace is open
    uint64_t start_ns;
} Zone;

// Costs one load and a branch while no trace is open.
Zone zone_begin(const char *name);
void zone_end(Zone zone);

// A counter track (chunks in flight, bytes uploaded …) in the trace.
void zone_counter(const char *name, double value);

// Names the calling thread in the trace; `name` is static text.
void zone_thread_name(const char *name);

// Starts to record up to `events_max` events in all (0: 1,000,000; at most 2^24). No trace may be open.
RESULT_MUST Result zone_trace_begin(uint32_t events_max);

// Stops recording and writes `{"traceEvents": [...]}` to `path`; events lost are said in its metadata.
// The events are gone afterwards, on failure too.
RESULT_MUST Result zone_trace_write(const char *path, ResultText *text);
