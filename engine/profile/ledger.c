#include "profile/ledger.h"
#include "base/os_clock.h"
#include "base/os_thread.h"
#include "profile/zone.h"
#include <assert.h>
#include <string.h>

static const char *const names[LEDGER_ROW_COUNT] = {
#define LEDGER_NAME(name, text) [name] = text,
    LEDGER_ROW_LIST(LEDGER_NAME)
#undef LEDGER_NAME
};

const char *ledger_row_name(LedgerRow row)
{
    assert((int)row >= 0 && row < LEDGER_ROW_COUNT);
    return names[row];
}

int ledger_row_is_stream(LedgerRow row)
{
    switch (row) {
    case LEDGER_PLAN:
    case LEDGER_COLLECT:
    case LEDGER_BUILD_APPLY:
    case LEDGER_UPLOAD:
    case LEDGER_EVICT:
        return 1;
    default:
        return 0;
    }
}

static void add_usage(OsThreadUsage *sum, const OsThreadUsage *since)
{
    OsThreadUsage now = os_thread_usage();
    sum->voluntary_switches += now.voluntary_switches - since->voluntary_switches;
    sum->involuntary_switches += now.involuntary_switches - since->involuntary_switches;
    sum->page_faults += now.page_faults - since->page_faults;
}

// Closes the open row and opens `row` (-1: none) at one and the same reading of the clocks, so that no time falls
// between two rows. Usage is read outside the stream rows' time and not at all between two of them.
static void change_row(LedgerPen *pen, int row)
{
    int was_stream = pen->row >= 0 && ledger_row_is_stream((LedgerRow)pen->row);
    int is_stream = row >= 0 && ledger_row_is_stream((LedgerRow)row);
    if (is_stream && !was_stream)
        pen->row_start_usage = os_thread_usage();
    uint64_t cpu_ns = os_clock_thread_cpu_ns(), wall_ns = os_clock_now_ns();
    assert(cpu_ns >= pen->row_start_cpu_ns && wall_ns >= pen->row_start_wall_ns);
    if (pen->row >= 0) {
        pen->ledger.cpu_ns[pen->row] += cpu_ns - pen->row_start_cpu_ns;
        pen->ledger.wall_ns[pen->row] += wall_ns - pen->row_start_wall_ns;
        zone_end((Zone){names[pen->row], pen->row_start_wall_ns});
    }
    if (was_stream && !is_stream)
        add_usage(&pen->ledger.stream_usage, &pen->row_start_usage);
    pen->row = row;
    pen->row_start_cpu_ns = cpu_ns;
    pen->row_start_wall_ns = wall_ns;
}

void ledger_begin_tick(LedgerPen *pen)
{
    assert(pen != NULL);
    memset(pen, 0, sizeof *pen);
    pen->row = -1;
    pen->tick_start_cpu_ns = os_clock_thread_cpu_ns();
    pen->tick_start_wall_ns = os_clock_now_ns();
    pen->row_start_cpu_ns = pen->tick_start_cpu_ns;
    pen->row_start_wall_ns = pen->tick_start_wall_ns;
}

void ledger_begin(LedgerPen *pen, LedgerRow row)
{
    assert(pen != NULL);
    assert((int)row >= 0 && row < LEDGER_UNEXPLAINED);
    change_row(pen, (int)row);
}

void ledger_end(LedgerPen *pen)
{
    assert(pen != NULL);
    assert(pen->row >= 0);
    change_row(pen, -1);
}

void ledger_item(LedgerPen *pen, const char *name, uint64_t key, uint64_t cpu_ns)
{
    assert(pen != NULL && name != NULL);
    assert(pen->row >= 0);
    LedgerItem *largest = &pen->ledger.largest[pen->row];
    if (largest->name == NULL || cpu_ns > largest->cpu_ns) {
        *largest = (LedgerItem){.name = name, .key = key, .cpu_ns = cpu_ns};
    }
}

Ledger ledger_end_tick(LedgerPen *pen)
{
    assert(pen != NULL);
    change_row(pen, -1);
    Ledger *ledger = &pen->ledger;
    // change_row has just read the clocks: the tick ends where its last row ends.
    ledger->tick_cpu_ns = pen->row_start_cpu_ns - pen->tick_start_cpu_ns;
    ledger->tick_wall_ns = pen->row_start_wall_ns - pen->tick_start_wall_ns;
    uint64_t rows_cpu_ns = 0, rows_wall_ns = 0;
    for (int row = 0; row < LEDGER_UNEXPLAINED; ++row) {
        rows_cpu_ns += ledger->cpu_ns[row];
        rows_wall_ns += ledger->wall_ns[row];
        if (ledger_row_is_stream((LedgerRow)row)) {
            ledger->stream_cpu_ns += ledger->cpu_ns[row];
            ledger->stream_wall_ns += ledger->wall_ns[row];
        }
    }
    assert(rows_cpu_ns <= ledger->tick_cpu_ns && rows_wall_ns <= ledger->tick_wall_ns);
    ledger->cpu_ns[LEDGER_UNEXPLAINED] = ledger->tick_cpu_ns - rows_cpu_ns;
    ledger->wall_ns[LEDGER_UNEXPLAINED] = ledger->tick_wall_ns - rows_wall_ns;
    return *ledger;
}
