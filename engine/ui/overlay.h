// Purpose: the debug overlay: which page is open, and each page built from the run's counters.
// Owns: its page, inline (about 60 KiB: keep it in a long-lived object).
// Threads: the main thread.
// Fails: never; building allocates nothing, and costs nothing while hidden.
#pragma once
#include "stream/frame_stats.h"
#include "stream/run_stats.h"
#include "ui/ui_page.h"

#define OVERLAY_PAGE_LIST(X)                                                                       \
    X(OVERLAY_PAGE_FRAME, "frame")                                                                 \
    X(OVERLAY_PAGE_STREAMING, "streaming")                                                         \
    X(OVERLAY_PAGE_MEMORY, "memory")                                                               \
    X(OVERLAY_PAGE_MAP, "map")                                                                     \
    X(OVERLAY_PAGE_KNOBS, "knobs")                                                                 \
    X(OVERLAY_PAGE_SOAK, "soak")

typedef enum OverlayPage {
#define OVERLAY_ENUM(name, text) name,
    OVERLAY_PAGE_LIST(OVERLAY_ENUM)
#undef OVERLAY_ENUM
        OVERLAY_PAGE_COUNT
} OverlayPage;

#define OVERLAY_HITCHES_SHOWN 10
#define OVERLAY_FRAMES_MAX 600 // 10 s at 60 Hz

// A slider: changes come back as UI_ACTION_KNOB with its place in the list.
typedef struct OverlayKnob {
    const char *label, *unit, *help;
    float low, high, value;
    bool whole;
    const char *shown; // in place of number and unit; NULL: those
} OverlayKnob;

// A switch: UI_ACTION_SWITCH with its place in the list, number 0 or 1.
typedef struct OverlaySwitch {
    const char *label, *help;
    bool on;
} OverlaySwitch;

// A button: UI_ACTION_BUTTON with its place in the list.
typedef struct OverlayButton {
    const char *label, *help;
} OverlayButton;

// One limit of the last "soak from here".
typedef struct OverlaySoakRow {
    const char *name, *unit, *sign, *reason;
    double value, bound; // NaN: not measured, not gated
    bool applies, pass;
} OverlaySoakRow;

typedef enum OverlaySoakState {
    OVERLAY_SOAK_NONE,
    OVERLAY_SOAK_RUNNING,
    OVERLAY_SOAK_PASS,
    OVERLAY_SOAK_FAIL
} OverlaySoakState;

// Everything that the pages show; borrowed for the length of overlay_build, labels until the page is drawn.
typedef struct OverlayInput {
    const FrameStats
        *frames; // ring of `frame_capacity`; i-th oldest = frames[(first + i) % capacity]
    int frame_first, frame_count, frame_capacity;
    const RunStats *run;
    uint64_t ram_ceiling_bytes, vram_ceiling_bytes;
    const uint8_t *map; // per square: FrameStatsData, finest resident lod (255: none), UiMapWant
    int map_side;       // odd; the middle square holds the eye; rows from north to south
    const OverlayKnob *knobs;
    int knob_count;
    const OverlaySwitch *switches;
    int switch_count;
    const OverlayButton *buttons;
    int button_count;
    const OverlaySoakRow *soak_rows;
    int soak_row_count;
    OverlaySoakState soak_state;
    float soak_progress; // 0 to 1
} OverlayInput;

// A figure of each frame; those before OVERLAY_SERIES_SORTED are times in ms with quantiles.
typedef enum OverlaySeries {
    OVERLAY_SERIES_WORK,
    OVERLAY_SERIES_STREAM,
    OVERLAY_SERIES_INTERVAL,
    OVERLAY_SERIES_SORTED,
    OVERLAY_SERIES_UPLOAD = OVERLAY_SERIES_SORTED, // KiB
    OVERLAY_SERIES_COUNT
} OverlaySeries;

#define OVERLAY_QUANTILES 4      // p50, p95, p99, max
#define OVERLAY_LEDGER_FRAMES 60 // the bars are the mean of a second

typedef struct Overlay {
    bool shown;
    OverlayPage current;
    UiPage page;
    float series[OVERLAY_SERIES_COUNT][OVERLAY_FRAMES_MAX]; // oldest first
    float quantiles_ms[OVERLAY_SERIES_SORTED][OVERLAY_QUANTILES];
    float ledger_ms[OVERLAY_LEDGER_FRAMES][LEDGER_ROW_COUNT]; // ring
    int series_count, ledger_next;
    uint64_t series_tick; // of the newest
    bool sorted;
    int sort_turn;
    uint64_t sort_tick;
} Overlay;

const char *overlay_page_name(OverlayPage page);

void overlay_toggle(Overlay *overlay);
// Steps through the pages, `step` 1 or -1, around the ends.
void overlay_next_page(Overlay *overlay, int step);
void overlay_open(Overlay *overlay, OverlayPage page);

// Builds the open page; does nothing while hidden.
void overlay_build(Overlay *overlay, const OverlayInput *input);
