#include "render/imgui_page.h"
#include <cassert>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <imgui.h>

#define PLOT_POINTS 200 // peaks of neighbours are kept; more points than pixels show nothing more

namespace
{

ImU32 tone_colour(UiTone tone)
{
    static const ImU32 colours[] = {
        IM_COL32(226, 230, 235, 255), IM_COL32(142, 150, 160, 255), IM_COL32(126, 208, 140, 255),
        IM_COL32(240, 190, 92, 255),  IM_COL32(244, 112, 104, 255),
    };
    return colours[tone];
}

const ImU32 accent = IM_COL32(122, 178, 232, 255);
const ImU32 canvas = IM_COL32(8, 10, 14, 170);

ImU32 series_colour(int index)
{
    static const ImU32 colours[] = {
        IM_COL32(128, 128, 140, 255), IM_COL32(190, 190, 200, 255), IM_COL32(240, 190, 92, 255),
        IM_COL32(126, 208, 140, 255), IM_COL32(86, 180, 170, 255),  IM_COL32(244, 112, 104, 255),
        IM_COL32(214, 140, 200, 255), IM_COL32(160, 150, 240, 255), IM_COL32(122, 178, 232, 255),
        IM_COL32(220, 215, 130, 255), IM_COL32(90, 120, 170, 255),  IM_COL32(170, 120, 90, 255),
    };
    return colours[index % IM_ARRAYSIZE(colours)];
}

void text(ImU32 colour, const char *words)
{
    ImGui::PushStyleColor(ImGuiCol_Text, colour);
    ImGui::TextUnformatted(words);
    ImGui::PopStyleColor();
}

void help_of(const UiWidget *widget)
{
    if (widget->help != nullptr && ImGui::IsItemHovered()) {
        ImGui::SetTooltip("%s", widget->help);
    }
}

// Label on the left, the rest from the middle on.
void label_of(const UiWidget *widget)
{
    text(tone_colour(UI_TONE_DIM), widget->label);
    help_of(widget);
    ImGui::SameLine(ImGui::GetWindowContentRegionMax().x * 0.54f);
}

// Words at a place, without an item: an item of ImGui's for each of a row's texts costs several times as much.
void put(float x, float y, ImU32 colour, const char *words)
{
    ImGui::GetWindowDrawList()->AddText(ImVec2(x, y), colour, words);
}

// Of one character: the figures stand in columns, so the font is one of equal widths.
float advance_px()
{
    return ImGui::GetFont()->GetCharAdvance('0') * ImGui::GetFontSize() /
           ImGui::GetFont()->FontSize;
}

// Reserves the page's width and returns the north-west corner; false: scrolled out of sight.
bool begin_area(float height_px, ImVec2 *out_corner, float *out_width_px)
{
    *out_corner = ImGui::GetCursorScreenPos();
    *out_width_px = ImGui::GetContentRegionAvail().x;
    ImGui::Dummy(ImVec2(*out_width_px, height_px));
    return ImGui::IsItemVisible();
}

void draw_value(const UiWidget *widget)
{
    ImVec2 at;
    float width;
    if (!begin_area(ImGui::GetFontSize(), &at, &width)) {
        return;
    }
    put(at.x, at.y, tone_colour(UI_TONE_DIM), widget->label);
    float x = at.x + floorf(width * 0.54f);
    put(x, at.y, tone_colour(widget->tone), widget->text);
    x += (float)(strlen(widget->text) + 1) * advance_px();
    put(x, at.y, tone_colour(UI_TONE_DIM), widget->unit);
}

void fill(float x, float y, float width, float height, ImU32 colour)
{
    ImGui::GetWindowDrawList()->AddRectFilled(ImVec2(x, y), ImVec2(x + width, y + height), colour);
}

void draw_meter(const UiWidget *widget)
{
    draw_value(widget);
    ImVec2 at;
    float width;
    float height = ImGui::GetFontSize() * 0.4f;
    if (!begin_area(height, &at, &width)) {
        return;
    }
    float part = widget->high > 0.0f ? widget->number / widget->high : 0.0f;
    part = part < 0.0f ? 0.0f : part < 1.0f ? part : 1.0f;
    UiTone tone = widget->tone == UI_TONE_PLAIN ? UI_TONE_GOOD : widget->tone;
    fill(at.x, at.y, width, height, canvas);
    fill(at.x, at.y, width * part, height, tone_colour(tone));
}

// Words over a curve, on a ground of their own.
void put_over(float x, float y, ImU32 colour, const char *words)
{
    float width = (float)strlen(words) * advance_px();
    fill(x - 2.0f, y, width + 4.0f, ImGui::GetFontSize(), IM_COL32(8, 10, 14, 230));
    put(x, y, colour, words);
}

void draw_curve(const float *values, const UiWidget *widget, ImVec2 corner, ImVec2 size)
{
    ImDrawList *list = ImGui::GetWindowDrawList();
    float scale = widget->high > widget->low ? size.y / (widget->high - widget->low) : 0.0f;
    int group = (widget->count + PLOT_POINTS - 1) / PLOT_POINTS;
    int points = group > 0 ? widget->count / group : 0;
    float step = points > 0 ? size.x / (float)points : 0.0f;
    for (int i = 0; i < points; ++i) {
        float value = widget->low;
        for (int k = 0; k < group; ++k) {
            float next = values[i * group + k];
            value = next > value ? next : value;
        }
        float rise = (value - widget->low) * scale;
        list->PathLineTo(ImVec2(corner.x + ((float)i + 0.5f) * step, corner.y + size.y - rise));
    }
    // A peak's mitre would reach above the canvas. A whole number of pixels is drawn from a texture: half the
    // vertices.
    list->PushClipRect(corner, ImVec2(corner.x + size.x, corner.y + size.y), true);
    list->PathStroke(accent, 0, roundf(fmaxf(ImGui::GetFontSize() / IMGUI_PAGE_FONT_PX, 1.0f)));
    list->PopClipRect();
}

void draw_plot(const UiPage *page, const UiWidget *widget)
{
    draw_value(widget);
    ImVec2 at, size(0.0f, ImGui::GetFontSize() * 3.4f);
    if (!begin_area(size.y, &at, &size.x)) {
        return;
    }
    fill(at.x, at.y, size.x, size.y, canvas);
    draw_curve(page->values + widget->first, widget, at, size);
    char label[48];
    if (widget->mark >= 0.0f && widget->high > widget->low) {
        float part = (widget->mark - widget->low) / (widget->high - widget->low);
        float y = at.y + size.y * (1.0f - part);
        fill(at.x, y, size.x, 1.0f, tone_colour(UI_TONE_WARN));
        snprintf(label, sizeof label, "%.4g %s", (double)widget->mark, widget->unit);
        float below = part < 0.5f ? -ImGui::GetFontSize() : 2.0f;
        put_over(at.x + 4.0f, y + below, tone_colour(UI_TONE_WARN), label);
    }
    snprintf(label, sizeof label, widget->high < 100.0f ? "top %.2f %s" : "top %.0f %s",
             (double)widget->high, widget->unit);
    float width = (float)strlen(label) * advance_px();
    put_over(at.x + size.x - width - 4.0f, at.y + 1.0f, tone_colour(UI_TONE_DIM), label);
}

// A small square of a legend, and the words beside it.
float put_swatch(float x, float y, ImU32 colour, const char *words)
{
    float side = floorf(ImGui::GetFontSize() * 0.6f);
    fill(x, y + floorf(side * 0.4f), side, side, colour);
    put(x + side * 1.8f, y, tone_colour(UI_TONE_PLAIN), words);
    return x + side * 1.8f + (float)(strlen(words) + 2) * advance_px();
}

void draw_legend(const UiPage *page, const UiWidget *widget)
{
    const int columns = 3;
    float height = ImGui::GetFontSize() + 2.0f;
    ImVec2 at;
    float width;
    int rows = (widget->count + columns - 1) / columns;
    if (!begin_area((float)rows * height, &at, &width)) {
        return;
    }
    for (int i = 0; i < widget->count; ++i) {
        const UiSegment *segment = &page->segments[widget->first + i];
        char words[48];
        snprintf(words, sizeof words, "%-11s %.3f", segment->label, (double)segment->number);
        float x = at.x + floorf(width * (float)(i % columns) / (float)columns);
        put_swatch(x, at.y + (float)(i / columns) * height, series_colour(i), words);
    }
}

void draw_bars(const UiPage *page, const UiWidget *widget)
{
    text(tone_colour(UI_TONE_DIM), widget->label);
    ImGui::SameLine();
    ImGui::Text("%.3f %s", (double)widget->high, widget->unit);
    ImVec2 at;
    float width;
    float height = ImGui::GetFontSize() * 1.2f;
    begin_area(height, &at, &width);
    fill(at.x, at.y, width, height, canvas);
    float scale = widget->high > 0.0f ? width / widget->high : 0.0f;
    float x = at.x;
    for (int i = 0; i < widget->count; ++i) {
        float part = page->segments[widget->first + i].number * scale;
        fill(x, at.y, part, height, series_colour(i));
        x += part;
    }
    draw_legend(page, widget);
}

// Left edges of a table's columns, whose widths are shared out by their longest words; the last entry is the end.
void place_columns(const UiCell *cells, const UiWidget *widget, float width, float *out_x)
{
    size_t longest[UI_PAGE_COLUMNS_MAX] = {0};
    size_t sum = 0;
    for (int i = 0; i < widget->count; ++i) {
        size_t length = strlen(cells[i].text) + 2;
        size_t *most = &longest[i % widget->columns];
        sum += length > *most ? length - *most : 0;
        *most = length > *most ? length : *most;
    }
    size_t before = 0;
    for (int column = 0; column < widget->columns; ++column) {
        out_x[column] = floorf(width * (float)before / (float)(sum > 0 ? sum : 1));
        before += longest[column];
    }
}

void draw_table(const UiPage *page, const UiWidget *widget)
{
    text(tone_colour(UI_TONE_DIM), widget->label);
    const UiCell *cells = &page->cells[widget->first];
    float height = ImGui::GetFontSize() + 2.0f;
    int rows = (widget->count + widget->columns - 1) / widget->columns;
    ImVec2 at;
    float width;
    if (!begin_area((float)rows * height, &at, &width)) {
        return;
    }
    float columns_x[UI_PAGE_COLUMNS_MAX];
    place_columns(cells, widget, width, columns_x);
    for (int row = 1; row < rows; row += 2) {
        fill(at.x, at.y + (float)row * height, width, height, IM_COL32(255, 255, 255, 8));
    }
    for (int i = 0; i < widget->count; ++i) {
        float y = at.y + (float)(i / widget->columns) * height + 1.0f;
        put(at.x + columns_x[i % widget->columns], y, tone_colour(cells[i].tone), cells[i].text);
    }
}

ImU32 shade_colour(uint8_t shade)
{
    static const ImU32 colours[UI_MAP_SHADE_COUNT] = {
        IM_COL32(118, 196, 120, 255), IM_COL32(74, 150, 140, 255), IM_COL32(62, 102, 150, 255),
        IM_COL32(56, 61, 71, 255),    IM_COL32(150, 110, 60, 255), IM_COL32(232, 190, 90, 255),
        IM_COL32(120, 124, 132, 255), IM_COL32(230, 84, 78, 255),
    };
    return colours[shade < UI_MAP_SHADE_COUNT ? shade : (uint8_t)UI_MAP_SHADE_ABSENT];
}

void draw_squares(const UiMap *map, ImVec2 corner, float square)
{
    ImDrawList *list = ImGui::GetWindowDrawList();
    int room = map->side * map->side * 2, used = 0;
    list->PrimReserve(room * 6,
                      room * 4); // once: a call for each square costs as much as the square
    for (int i = 0; i < map->side * map->side; ++i) {
        ImVec2 low(corner.x + (float)(i % map->side) * square,
                   corner.y + (float)(i / map->side) * square);
        ImVec2 high(low.x + square - 1.0f, low.y + square - 1.0f);
        // A frame is a brighter square below: outlines cost ten times as much.
        if (map->wants[i] == UI_MAP_WANT_LOBE || map->wants[i] == UI_MAP_WANT_DEMAND) {
            bool lobe = map->wants[i] == UI_MAP_WANT_LOBE;
            list->PrimRect(low, high, lobe ? IM_COL32_WHITE : IM_COL32(150, 156, 166, 255));
            float frame = lobe && square > 7.0f ? square * 0.14f : 1.0f;
            low = ImVec2(low.x + frame, low.y + frame);
            high = ImVec2(high.x - frame, high.y - frame);
            ++used;
        }
        list->PrimRect(low, high, shade_colour(map->shades[i]));
        ++used;
    }
    list->PrimUnreserve((room - used) * 6, (room - used) * 4);
}

void draw_map_legend()
{
    static const char *const names[UI_MAP_SHADE_COUNT] = {"L0",     "L1",      "L2",    "absent",
                                                          "queued", "running", "ready", "failed"};
    ImVec2 at;
    float width;
    begin_area(ImGui::GetFontSize(), &at, &width);
    float x = at.x;
    for (int i = 0; i < UI_MAP_SHADE_COUNT; ++i) {
        x = put_swatch(x, at.y, shade_colour((uint8_t)i), names[i]);
    }
    text(tone_colour(UI_TONE_DIM), "white frame: velocity lobe, grey frame: view square");
}

void draw_map(const UiPage *page, const UiWidget *widget)
{
    const UiMap *map = &page->map;
    text(tone_colour(UI_TONE_DIM), widget->label);
    if (map->side <= 0) {
        return;
    }
    draw_map_legend();
    ImVec2 room = ImGui::GetContentRegionAvail();
    float square = floorf(fmaxf(fminf(room.x, room.y), 300.0f) / (float)map->side);
    ImVec2 corner = ImGui::GetCursorScreenPos();
    ImGui::Dummy(ImVec2(square * (float)map->side, square * (float)map->side));
    draw_squares(map, corner, square);
    ImDrawList *list = ImGui::GetWindowDrawList();
    float edge = square * (float)map->side;
    list->PushClipRect(corner, ImVec2(corner.x + edge, corner.y + edge), true);
    ImVec2 eye(corner.x + map->eye[0] * square, corner.y + map->eye[1] * square);
    ImVec2 ahead(corner.x + map->predicted[0] * square, corner.y + map->predicted[1] * square);
    list->AddLine(eye, ahead, IM_COL32(255, 255, 255, 255), 1.5f);
    list->AddCircle(ahead, square * 0.6f, tone_colour(UI_TONE_WARN), 16, 2.0f);
    list->AddCircleFilled(eye, square * 0.45f, IM_COL32(255, 255, 255, 255), 16);
    list->PopClipRect();
}

void draw_slider(const UiWidget *widget, UiActions *out)
{
    ImGui::AlignTextToFramePadding();
    label_of(widget);
    ImGui::SetNextItemWidth(-1.0f);
    char format[32];
    float number = widget->number;
    // A unit with a percent sign would be read as a format.
    bool whole = widget->whole || std::fabs(number) >= 100.0f;
    snprintf(format, sizeof format, whole ? "%%.0f %.16s" : "%%.3g %.16s",
             strchr(widget->unit, '%') == nullptr ? widget->unit : "");
    if (ImGui::SliderFloat("##knob", &number, widget->low, widget->high,
                           widget->text[0] != 0 ? widget->text : format,
                           ImGuiSliderFlags_AlwaysClamp)) {
        ui_page_act(out, UI_ACTION_KNOB, widget->id,
                    (double)(widget->whole ? rintf(number) : number));
    }
    help_of(widget);
}

void draw_widget(const UiPage *page, const UiWidget *widget, UiActions *out)
{
    bool on = widget->number != 0.0f;
    switch (widget->kind) {
    case UI_KIND_HEADING:
        ImGui::Spacing();
        text(accent, widget->label);
        break;
    case UI_KIND_NOTE:
        ImGui::PushStyleColor(ImGuiCol_Text, tone_colour(widget->tone));
        ImGui::TextWrapped("%s", widget->label);
        ImGui::PopStyleColor();
        break;
    case UI_KIND_VALUE:
        draw_value(widget);
        break;
    case UI_KIND_METER:
        draw_meter(widget);
        break;
    case UI_KIND_PLOT:
        draw_plot(page, widget);
        break;
    case UI_KIND_BARS:
        draw_bars(page, widget);
        break;
    case UI_KIND_TABLE:
        draw_table(page, widget);
        break;
    case UI_KIND_MAP:
        draw_map(page, widget);
        break;
    case UI_KIND_SLIDER:
        draw_slider(widget, out);
        break;
    case UI_KIND_SWITCH:
        if (widget->id % 2 == 1) { // two a row
            ImGui::SameLine(ImGui::GetWindowContentRegionMax().x * 0.54f);
        }
        if (ImGui::Checkbox(widget->label, &on)) {
            ui_page_act(out, UI_ACTION_SWITCH, widget->id, on ? 1.0 : 0.0);
        }
        help_of(widget);
        break;
    case UI_KIND_BUTTON:
        if (ImGui::Button(widget->label)) {
            ui_page_act(out, UI_ACTION_BUTTON, widget->id, 1.0);
        }
        help_of(widget);
        break;
    }
}

void draw_tabs(const UiPage *page, UiActions *out)
{
    for (int i = 0; i < page->name_count; ++i) {
        if (i > 0) {
            ImGui::SameLine();
        }
        ImGui::PushStyleColor(ImGuiCol_Text,
                              i == page->current ? accent : tone_colour(UI_TONE_DIM));
        if (ImGui::Button(page->names[i])) {
            ui_page_act(out, UI_ACTION_PAGE, i, 1.0);
        }
        ImGui::PopStyleColor();
    }
    ImGui::Separator();
}

} // namespace

void imgui_page_text(UiTone tone, const char *words)
{
    text(tone_colour(tone), words);
}

void imgui_page_draw(const UiPage *page, UiActions *out)
{
    assert(page != nullptr && out != nullptr);
    draw_tabs(page, out);
    for (int i = 0; i < page->widget_count; ++i) {
        ImGui::PushID(i);
        draw_widget(page, &page->widgets[i], out);
        ImGui::PopID();
    }
    if (page->left_out > 0) {
        ImGui::Text("%u figures found no place", page->left_out);
    }
}
