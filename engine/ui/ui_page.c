#include "ui/ui_page.h"
#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void ui_page_clear(UiPage *page)
{
    assert(page != NULL);
    page->widget_count = page->value_count = page->cell_count = page->segment_count = 0;
    page->left_out = 0;
    page->map.side = 0;
}

UiWidget *ui_page_add(UiPage *page, UiKind kind, const char *label)
{
    assert(page != NULL && label != NULL);
    page->open = page->widget_count;
    if (page->widget_count == UI_PAGE_WIDGETS_MAX) {
        ++page->left_out;
    } else {
        ++page->widget_count;
    }
    UiWidget *widget = &page->widgets[page->open];
    *widget = (UiWidget){.kind = kind, .label = label, .unit = "", .mark = -1.0f};
    return widget;
}

void ui_page_value(UiPage *page, const char *label, const char *unit, UiTone tone,
                   const char *format, ...)
{
    assert(unit != NULL && format != NULL);
    UiWidget *widget = ui_page_add(page, UI_KIND_VALUE, label);
    widget->unit = unit;
    widget->tone = tone;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(widget->text, sizeof widget->text, format, arguments);
    va_end(arguments);
}

void ui_page_meter(UiPage *page, const char *label, const char *unit, double number, double limit)
{
    UiWidget *widget = ui_page_add(page, UI_KIND_METER, label);
    widget->unit = unit;
    widget->number = (float)number;
    widget->high = (float)limit;
    // Nine tenths of a ceiling is where ground begins to get coarser for it.
    widget->tone = number > limit         ? UI_TONE_BAD
                   : number > 0.9 * limit ? UI_TONE_WARN
                                          : UI_TONE_GOOD;
    snprintf(widget->text, sizeof widget->text, "%.1f of %.1f", number, limit);
}

float *ui_page_plot(UiPage *page, const char *label, const char *unit, int count, float mark)
{
    assert(count >= 0 && unit != NULL);
    if (page->value_count + count > UI_PAGE_VALUES_MAX) {
        page->left_out += (uint32_t)count;
        return NULL;
    }
    UiWidget *widget = ui_page_add(page, UI_KIND_PLOT, label);
    widget->unit = unit;
    widget->mark = mark;
    widget->first = (uint16_t)page->value_count;
    widget->count = (uint16_t)count;
    page->value_count += count;
    return &page->values[widget->first];
}

static UiWidget *last_widget(UiPage *page, UiKind kind)
{
    UiWidget *widget = &page->widgets[page->open];
    assert(widget->kind == kind);
    return widget;
}

void ui_page_plot_end(UiPage *page, float high_min)
{
    UiWidget *widget = last_widget(page, UI_KIND_PLOT);
    float high = fmaxf(high_min, widget->mark * 1.25f);
    const float *values = &page->values[widget->first];
    for (int i = 0; i < widget->count; ++i) {
        high = values[i] > high ? values[i] : high;
    }
    widget->high = high;
    float last = widget->count > 0 ? values[widget->count - 1] : 0.0f;
    widget->tone = widget->mark >= 0.0f && last > widget->mark ? UI_TONE_WARN : UI_TONE_PLAIN;
    snprintf(widget->text, sizeof widget->text, "%.2f", (double)last);
}

void ui_page_bars(UiPage *page, const char *label, const char *unit)
{
    UiWidget *widget = ui_page_add(page, UI_KIND_BARS, label);
    widget->unit = unit;
    widget->first = (uint16_t)page->segment_count;
}

void ui_page_segment(UiPage *page, const char *label, double number)
{
    assert(label != NULL);
    UiWidget *widget = last_widget(page, UI_KIND_BARS);
    if (page->segment_count == UI_PAGE_SEGMENTS_MAX) {
        ++page->left_out;
        return;
    }
    page->segments[page->segment_count++] = (UiSegment){label, (float)number};
    ++widget->count;
    widget->high += (float)number;
}

void ui_page_table(UiPage *page, const char *label, int columns)
{
    assert(columns > 0 && columns <= UI_PAGE_COLUMNS_MAX);
    UiWidget *widget = ui_page_add(page, UI_KIND_TABLE, label);
    widget->first = (uint16_t)page->cell_count;
    widget->columns = (uint16_t)columns;
}

void ui_page_cell(UiPage *page, UiTone tone, const char *format, ...)
{
    assert(format != NULL);
    UiWidget *widget = last_widget(page, UI_KIND_TABLE);
    if (page->cell_count == UI_PAGE_CELLS_MAX) {
        ++page->left_out;
        return;
    }
    UiCell *cell = &page->cells[page->cell_count++];
    ++widget->count;
    cell->tone = tone;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(cell->text, sizeof cell->text, format, arguments);
    va_end(arguments);
}

void ui_page_act(UiActions *actions, UiActionKind kind, int id, double number)
{
    assert(actions != NULL);
    if (actions->count == UI_PAGE_ACTIONS_MAX) {
        ++actions->left_out;
        return;
    }
    actions->items[actions->count++] = (UiAction){kind, id, (float)number};
}
