// Purpose: a page of figures as plain data: rows, plots, bars, tables, a map, knobs; drawn elsewhere.
// Owns: its fixed arrays, inline; labels and units are borrowed.
// Threads: the main thread.
// Fails: never; what finds no place is left out and counted.
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define UI_PAGE_WIDGETS_MAX 96
#define UI_PAGE_VALUES_MAX 2400 // of all plots
#define UI_PAGE_CELLS_MAX 384   // of all tables
#define UI_PAGE_SEGMENTS_MAX 32 // of all bars
#define UI_PAGE_COLUMNS_MAX 16  // of a table
#define UI_PAGE_MAP_SIDE_MAX 49
#define UI_PAGE_TEXT_MAX 48

typedef enum UiTone { UI_TONE_PLAIN, UI_TONE_DIM, UI_TONE_GOOD, UI_TONE_WARN, UI_TONE_BAD } UiTone;

typedef enum UiKind {
    UI_KIND_HEADING,
    UI_KIND_NOTE,   // label alone, a sentence
    UI_KIND_VALUE,  // label, text, unit
    UI_KIND_METER,  // number against high, with text and unit
    UI_KIND_PLOT,   // values[first .. first + count), low to high, a line at mark
    UI_KIND_BARS,   // segments[first .. first + count) end to end, high is the full width
    UI_KIND_TABLE,  // cells[first .. first + count), `columns` a row, the first row is the head
    UI_KIND_MAP,    // the page's map
    UI_KIND_SLIDER, // number between low and high; id goes into the action
    UI_KIND_SWITCH, // number is 0 or 1
    UI_KIND_BUTTON,
} UiKind;

typedef struct UiWidget {
    UiKind kind;
    UiTone tone;
    const char *label, *unit;
    char text[UI_PAGE_TEXT_MAX]; // of a slider: in place of number and unit, without a percent sign
    const char *help;            // NULL: none
    float number, low, high;
    float mark; // of a plot; negative: none
    int id;
    bool whole; // slider: whole numbers only
    uint16_t first, count, columns;
} UiWidget;

typedef struct UiCell {
    char text[UI_PAGE_TEXT_MAX];
    UiTone tone;
} UiCell;

typedef struct UiSegment {
    const char *label;
    float number;
} UiSegment;

// What a square of the map shows.
typedef enum UiMapShade {
    UI_MAP_SHADE_LOD0,
    UI_MAP_SHADE_LOD1,
    UI_MAP_SHADE_LOD2, // resident
    UI_MAP_SHADE_ABSENT,
    UI_MAP_SHADE_QUEUED,
    UI_MAP_SHADE_RUNNING,
    UI_MAP_SHADE_READY,
    UI_MAP_SHADE_FAILED,
    UI_MAP_SHADE_COUNT
} UiMapShade;

typedef enum UiMapWant {
    UI_MAP_WANT_NONE,
    UI_MAP_WANT_DEMAND,
    UI_MAP_WANT_RING,
    UI_MAP_WANT_LOBE
} UiMapWant;

typedef struct UiMap {
    int side; // squares; rows from north to south
    uint8_t shades[UI_PAGE_MAP_SIDE_MAX * UI_PAGE_MAP_SIDE_MAX]; // UiMapShade
    uint8_t wants[UI_PAGE_MAP_SIDE_MAX * UI_PAGE_MAP_SIDE_MAX];  // UiMapWant
    float eye[2];       // east, south, in squares from the north-west corner
    float predicted[2]; // the same
} UiMap;

typedef struct UiPage {
    const char *const *names; // of all pages, for the tabs
    int name_count, current;
    int widget_count, value_count, cell_count, segment_count;
    uint32_t left_out; // widgets, values, cells and segments that found no place
    int open;          // the widget that was added last
    UiWidget widgets[UI_PAGE_WIDGETS_MAX + 1]; // the last is the spare one
    float values[UI_PAGE_VALUES_MAX];
    UiCell cells[UI_PAGE_CELLS_MAX];
    UiSegment segments[UI_PAGE_SEGMENTS_MAX];
    UiMap map;
} UiPage;

typedef enum UiActionKind {
    UI_ACTION_PAGE,
    UI_ACTION_KNOB,
    UI_ACTION_SWITCH,
    UI_ACTION_BUTTON
} UiActionKind;

// What a person changed on the page; the program applies it.
typedef struct UiAction {
    UiActionKind kind;
    int id; // page index, or the widget's id
    float number;
} UiAction;

#define UI_PAGE_ACTIONS_MAX 16

typedef struct UiActions {
    UiAction items[UI_PAGE_ACTIONS_MAX];
    int count;
    uint32_t left_out;
} UiActions;

// Empties the page; its names and current page stay.
void ui_page_clear(UiPage *page);

// Adds a widget of a kind; never NULL: a page that is full returns a spare one that is not shown.
UiWidget *ui_page_add(UiPage *page, UiKind kind, const char *label);

// A row "label text unit".
void ui_page_value(UiPage *page, const char *label, const char *unit, UiTone tone,
                   const char *format, ...) __attribute__((format(printf, 5, 6)));

// A row with a bar: `number` against `limit`, shown as text in `unit`.
void ui_page_meter(UiPage *page, const char *label, const char *unit, double number, double limit);

// Room for `count` values of a plot in `unit`; NULL when there is none. `mark` < 0: no line. The scale is set
// by ui_page_plot_end once the values are filled in; it reaches `high_min` at least.
float *ui_page_plot(UiPage *page, const char *label, const char *unit, int count, float mark);
void ui_page_plot_end(UiPage *page, float high_min);

// Begins bars or a table; segments and cells that follow belong to it.
void ui_page_bars(UiPage *page, const char *label, const char *unit);
void ui_page_segment(UiPage *page, const char *label, double number);
void ui_page_table(UiPage *page, const char *label, int columns);
void ui_page_cell(UiPage *page, UiTone tone, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// Notes an action; used by what draws the page.
void ui_page_act(UiActions *actions, UiActionKind kind, int id, double number);
