// Purpose: the account of one frame: where the main thread's time went, row by row, in CPU and wall time.
// Owns: nothing; a Ledger is a value, its rows sum to the tick.
// Threads: the main thread.
// Fails: never; what no row claims is "unexplained".
#pragma once
#include "base/os_thread.h"
#include <stdint.h>

#define LEDGER_ROW_LIST(X)                                                                         \
    X(LEDGER_GL_WAIT, "gl_wait")                                                                   \
    X(LEDGER_INPUT, "input")                                                                       \
    X(LEDGER_PLAN, "plan")                                                                         \
    X(LEDGER_COLLECT, "collect")                                                                   \
    X(LEDGER_BUILD_APPLY, "build_apply")                                                           \
    X(LEDGER_UPLOAD, "upload")                                                                     \
    X(LEDGER_EVICT, "evict")                                                                       \
    X(LEDGER_SELECT, "select")                                                                     \
    X(LEDGER_SUBMIT, "submit")                                                                     \
    X(LEDGER_UI, "ui")                                                                             \
    X(LEDGER_PRESENT, "present")                                                                   \
    X(LEDGER_UNEXPLAINED, "unexplained")

typedef enum LedgerRow {
#define LEDGER_ENUM(name, text) name,
    LEDGER_ROW_LIST(LEDGER_ENUM)
#undef LEDGER_ENUM
        LEDGER_ROW_COUNT
} LedgerRow;

// The largest single piece of work inside a row, to blame a hitch on.
typedef struct LedgerItem {
    const char *name; // static text
    uint64_t key;     // what it worked on (packed chunk key), 0 when nothing
    uint64_t cpu_ns;
} LedgerItem;

typedef struct Ledger {
    uint64_t cpu_ns[LEDGER_ROW_COUNT];
    uint64_t wall_ns[LEDGER_ROW_COUNT];
    LedgerItem largest[LEDGER_ROW_COUNT];
    uint64_t tick_cpu_ns;   // sum of cpu_ns
    uint64_t tick_wall_ns;  // sum of wall_ns, sleeping for pace excluded
    uint64_t stream_cpu_ns; // plan + collect + build_apply + upload + evict
    uint64_t stream_wall_ns;
    OsThreadUsage stream_usage; // inside those rows
} Ledger;

// The running account: open one row at a time.
typedef struct LedgerPen {
    Ledger ledger;
    uint64_t tick_start_cpu_ns, tick_start_wall_ns;
    uint64_t row_start_cpu_ns, row_start_wall_ns;
    OsThreadUsage row_start_usage;
    int row; // LedgerRow that is open, or -1
} LedgerPen;

const char *ledger_row_name(LedgerRow row);
int ledger_row_is_stream(LedgerRow row);

void ledger_begin_tick(LedgerPen *pen);
// Closes the open row, if any, and opens `row`; a row may be opened many times, its times add up.
void ledger_begin(LedgerPen *pen, LedgerRow row);
void ledger_end(LedgerPen *pen);
// Notes a piece of work inside the open row; the largest is kept.
void ledger_item(LedgerPen *pen, const char *name, uint64_t key, uint64_t cpu_ns);
// Closes the tick; rows and "unexplained" then sum to it.
Ledger ledger_end_tick(LedgerPen *pen);
