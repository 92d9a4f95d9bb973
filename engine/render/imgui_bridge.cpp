#include "render/imgui_bridge.h"
extern "C" {
#include "base/os_memory.h"
#include "render/asset_data.h"
}
#include <backends/imgui_impl_opengl3.h>
#include <cassert>
#include <cfloat>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <imgui.h>

#define GLSL_VERSION "#version 330 core"
#define FONT_NAME "DejaVuSansMono.ttf"
#define FONT_PX 15.0f
#define PLOT_POINTS 200 // peaks of neighbours are kept; more points than pixels show nothing more

struct ImguiBridge {
    ImGuiContext *context;
    float scale;
};

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

void draw_value(const UiWidget *widget)
{
    label_of(widget);
    text(tone_colour(widget->tone), widget->text);
    if (widget->unit[0] != '\0') {
        ImGui::SameLine();
        text(tone_colour(UI_TONE_DIM), widget->unit);
    }
}

// Reserves a canvas of the page's width and returns its north-west corner.
ImVec2 begin_canvas(float height_px, ImVec2 *out_size)
{
    ImVec2 corner = ImGui::GetCursorScreenPos();
    *out_size = ImVec2(ImGui::GetContentRegionAvail().x, height_px);
    ImGui::Dummy(*out_size);
    ImGui::GetWindowDrawList()->AddRectFilled(
        corner, ImVec2(corner.x + out_size->x, corner.y + out_size->y), canvas, 3.0f);
    return corner;
}

void draw_meter(const UiWidget *widget)
{
    draw_value(widget);
    ImVec2 size;
    ImVec2 corner = begin_canvas(ImGui::GetFontSize() * 0.4f, &size);
    float part =
        widget->high > 0.0f ? fminf(fmaxf(widget->number / widget->high, 0.0f), 1.0f) : 0.0f;
    UiTone tone = widget->tone == UI_TONE_PLAIN ? UI_TONE_GOOD : widget->tone;
    ImGui::GetWindowDrawList()->AddRectFilled(
        corner, ImVec2(corner.x + size.x * part, corner.y + size.y), tone_colour(tone), 3.0f);
}

void draw_plot(const UiPage *page, const UiWidget *widget)
{
    draw_value(widget);
    ImVec2 size;
    ImVec2 corner = begin_canvas(ImGui::GetFontSize() * 3.4f, &size);
    ImDrawList *list = ImGui::GetWindowDrawList();
    float bottom = corner.y + size.y;
    float scale = widget->high > widget->low ? size.y / (widget->high - widget->low) : 0.0f;
    int group = (widget->count + PLOT_POINTS - 1) / PLOT_POINTS;
    int points = group > 0 ? widget->count / group : 0;
    for (int i = 0; i < points; ++i) {
        float value = widget->low;
        for (int k = 0; k < group; ++k) {
            value = fmaxf(value, page->values[widget->first + i * group + k]);
        }
        float x = corner.x + size.x * ((float)i + 0.5f) / (float)points;
        list->PathLineTo(ImVec2(x, bottom - (value - widget->low) * scale));
    }
    list->PushClipRect(corner, ImVec2(corner.x + size.x, bottom), true);
    list->PathStroke(accent, 0, 1.2f);
    list->PopClipRect();
    char label[48];
    if (widget->mark >= 0.0f) {
        float y = bottom - (widget->mark - widget->low) * scale;
        list->AddLine(ImVec2(corner.x, y), ImVec2(corner.x + size.x, y), tone_colour(UI_TONE_WARN));
        snprintf(label, sizeof label, "%.4g %s", (double)widget->mark, widget->unit);
        list->AddText(ImVec2(corner.x + 4.0f, y + 1.0f), tone_colour(UI_TONE_WARN), label);
    }
    snprintf(label, sizeof label, widget->high < 100.0f ? "%.2f %s" : "%.0f %s",
             (double)widget->high, widget->unit);
    float width = ImGui::CalcTextSize(label).x;
    list->AddText(ImVec2(corner.x + size.x - width - 4.0f, corner.y + 1.0f),
                  tone_colour(UI_TONE_DIM), label);
}

// A small square of a legend; what follows stands beside it.
void swatch(ImU32 colour)
{
    ImVec2 at = ImGui::GetCursorScreenPos();
    float side = ImGui::GetFontSize() * 0.6f;
    ImGui::GetWindowDrawList()->AddRectFilled(
        ImVec2(at.x, at.y + side * 0.4f), ImVec2(at.x + side, at.y + side * 1.4f), colour, 2.0f);
    ImGui::Dummy(ImVec2(side, side));
    ImGui::SameLine();
}

void draw_legend(const UiPage *page, const UiWidget *widget)
{
    if (!ImGui::BeginTable("legend", 3)) {
        return;
    }
    for (int i = 0; i < widget->count; ++i) {
        const UiSegment *segment = &page->segments[widget->first + i];
        ImGui::TableNextColumn();
        ImVec2 at = ImGui::GetCursorScreenPos();
        float side = ImGui::GetFontSize() * 0.6f;
        ImGui::GetWindowDrawList()->AddRectFilled(ImVec2(at.x, at.y + side * 0.4f),
                                                  ImVec2(at.x + side, at.y + side * 1.4f),
                                                  series_colour(i), 2.0f);
        ImGui::Dummy(ImVec2(side, side));
        ImGui::SameLine();
        ImGui::Text("%-11s %.3f", segment->label, (double)segment->number);
    }
    ImGui::EndTable();
}

void draw_bars(const UiPage *page, const UiWidget *widget)
{
    text(tone_colour(UI_TONE_DIM), widget->label);
    ImGui::SameLine();
    ImGui::Text("%.3f %s", (double)widget->high, widget->unit);
    ImVec2 size;
    ImVec2 corner = begin_canvas(ImGui::GetFontSize() * 1.2f, &size);
    float scale = widget->high > 0.0f ? size.x / widget->high : 0.0f;
    float x = corner.x;
    for (int i = 0; i < widget->count; ++i) {
        float next = x + page->segments[widget->first + i].number * scale;
        ImGui::GetWindowDrawList()->AddRectFilled(
            ImVec2(x, corner.y), ImVec2(next, corner.y + size.y), series_colour(i));
        x = next;
    }
    draw_legend(page, widget);
}

void draw_table(const UiPage *page, const UiWidget *widget)
{
    text(tone_colour(UI_TONE_DIM), widget->label);
    ImGuiTableFlags flags = ImGuiTableFlags_RowBg | ImGuiTableFlags_SizingStretchProp;
    if (!ImGui::BeginTable("table", widget->columns, flags)) {
        return;
    }
    for (int i = 0; i < widget->count; ++i) {
        const UiCell *cell = &page->cells[widget->first + i];
        ImGui::TableNextColumn();
        text(tone_colour(cell->tone), cell->text);
    }
    ImGui::EndTable();
}

ImU32 shade_colour(uint8_t shade)
{
    static const ImU32 colours[UI_MAP_SHADE_COUNT] = {
        IM_COL32(118, 196, 120, 255), IM_COL32(74, 150, 140, 255), IM_COL32(62, 102, 150, 255),
        IM_COL32(38, 42, 50, 255),    IM_COL32(150, 110, 60, 255), IM_COL32(232, 190, 90, 255),
        IM_COL32(120, 124, 132, 255), IM_COL32(230, 84, 78, 255),
    };
    return colours[shade < UI_MAP_SHADE_COUNT ? shade : (uint8_t)UI_MAP_SHADE_ABSENT];
}

void draw_squares(const UiMap *map, ImVec2 corner, float square)
{
    ImDrawList *list = ImGui::GetWindowDrawList();
    for (int row = 0; row < map->side; ++row) {
        for (int column = 0; column < map->side; ++column) {
            int index = row * map->side + column;
            ImVec2 low(corner.x + (float)column * square, corner.y + (float)row * square);
            ImVec2 high(low.x + square - 1.0f, low.y + square - 1.0f);
            // A frame is a brighter square below: outlines cost ten times as much.
            float frame = 0.0f;
            if (map->wants[index] == UI_MAP_WANT_LOBE) {
                list->AddRectFilled(low, high, IM_COL32(255, 255, 255, 255));
                frame = fmaxf(1.0f, square * 0.14f);
            } else if (map->wants[index] == UI_MAP_WANT_DEMAND) {
                list->AddRectFilled(low, high, IM_COL32(150, 156, 166, 255));
                frame = 1.0f;
            }
            list->AddRectFilled(ImVec2(low.x + frame, low.y + frame),
                                ImVec2(high.x - frame, high.y - frame),
                                shade_colour(map->shades[index]));
        }
    }
}

void draw_map_legend()
{
    static const char *const names[UI_MAP_SHADE_COUNT] = {"L0",     "L1",      "L2",    "absent",
                                                          "queued", "running", "ready", "failed"};
    for (int i = 0; i < UI_MAP_SHADE_COUNT; ++i) {
        swatch(shade_colour((uint8_t)i));
        text(tone_colour(UI_TONE_DIM), names[i]);
        if (i % 4 != 3) {
            ImGui::SameLine();
        }
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
    float square = floorf(fmaxf(fminf(room.x, room.y), 200.0f) / (float)map->side);
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
    label_of(widget);
    ImGui::SetNextItemWidth(-1.0f);
    char format[32];
    // A unit with a percent sign would be read as a format.
    snprintf(format, sizeof format, widget->whole ? "%%.0f %.16s" : "%%.3g %.16s",
             strchr(widget->unit, '%') == nullptr ? widget->unit : "");
    float number = widget->number;
    if (ImGui::SliderFloat("##knob", &number, widget->low, widget->high, format,
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

void draw_help(const Hud *hud, ImVec2 display)
{
    ImGui::SetNextWindowPos(ImVec2(display.x * 0.5f, display.y * 0.5f), 0, ImVec2(0.5f, 0.5f));
    ImGui::Begin("help", nullptr,
                 ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoInputs |
                     ImGuiWindowFlags_AlwaysAutoResize | ImGuiWindowFlags_NoSavedSettings);
    text(accent, "keys");
    // Two pairs a row, read down the left side first.
    int rows = (hud->key_count + 1) / 2;
    if (ImGui::BeginTable("keys", 4, ImGuiTableFlags_SizingFixedFit)) {
        for (int i = 0; i < rows * 2; ++i) {
            int index = i / 2 + (i % 2) * rows;
            const HudKey *key = index < hud->key_count ? &hud->keys[index] : nullptr;
            ImGui::TableNextColumn();
            text(tone_colour(UI_TONE_PLAIN), key != nullptr ? key->key : "");
            ImGui::TableNextColumn();
            text(tone_colour(UI_TONE_DIM), key != nullptr ? key->does : "");
            ImGui::SameLine();
            ImGui::Dummy(ImVec2(ImGui::GetFontSize(), 0.0f));
        }
        ImGui::EndTable();
    }
    ImGui::End();
}

void set_style(float scale)
{
    ImGuiStyle &style = ImGui::GetStyle();
    ImGui::StyleColorsDark();
    style.WindowRounding = 6.0f;
    style.FrameRounding = 3.0f;
    style.WindowBorderSize = 0.0f;
    style.WindowPadding = ImVec2(10.0f, 8.0f);
    style.ItemSpacing = ImVec2(8.0f, 3.0f);
    style.CellPadding = ImVec2(4.0f, 1.0f);
    style.Colors[ImGuiCol_WindowBg] = ImVec4(0.05f, 0.06f, 0.08f, 0.82f);
    style.Colors[ImGuiCol_Button] = ImVec4(1.0f, 1.0f, 1.0f, 0.07f);
    style.Colors[ImGuiCol_FrameBg] = ImVec4(1.0f, 1.0f, 1.0f, 0.09f);
    style.Colors[ImGuiCol_TableRowBgAlt] = ImVec4(1.0f, 1.0f, 1.0f, 0.03f);
    style.ScaleAllSizes(scale);
}

void add_font(const ImguiBridgeDesc *desc, float scale)
{
    ImFontConfig config;
    config.FontDataOwnedByAtlas = false;
    const void *font = desc->font;
    size_t bytes = desc->font_bytes;
    for (int i = 0; font == nullptr && i < asset_files_count; ++i) {
        if (strcmp(asset_files[i].name, FONT_NAME) == 0) {
            font = asset_files[i].text;
            bytes = asset_files[i].bytes;
        }
    }
    float size_px = roundf((desc->font_px > 0.0f ? desc->font_px : FONT_PX) * scale);
    ImFontAtlas *atlas = ImGui::GetIO().Fonts;
    if (font != nullptr) {
        // ImGui only reads font data that it does not own.
        atlas->AddFontFromMemoryTTF(const_cast<void *>(font), (int)bytes, size_px, &config);
    } else {
        config.SizePixels = size_px;
        atlas->AddFontDefault(&config);
    }
}

void map_keys(ImGuiIO &io)
{
    static const struct {
        ImGuiKey imgui;
        UiInputKey ours;
    } keys[] = {
        {ImGuiKey_Tab, UI_INPUT_KEY_TAB},
        {ImGuiKey_LeftArrow, UI_INPUT_KEY_LEFT},
        {ImGuiKey_RightArrow, UI_INPUT_KEY_RIGHT},
        {ImGuiKey_UpArrow, UI_INPUT_KEY_UP},
        {ImGuiKey_DownArrow, UI_INPUT_KEY_DOWN},
        {ImGuiKey_Home, UI_INPUT_KEY_HOME},
        {ImGuiKey_End, UI_INPUT_KEY_END},
        {ImGuiKey_Delete, UI_INPUT_KEY_DELETE},
        {ImGuiKey_Backspace, UI_INPUT_KEY_BACKSPACE},
        {ImGuiKey_Enter, UI_INPUT_KEY_ENTER},
        {ImGuiKey_Escape, UI_INPUT_KEY_ESCAPE},
    };
    for (const auto &key : keys) {
        io.KeyMap[key.imgui] = key.ours;
    }
}

} // namespace

Result imgui_bridge_create(const ImguiBridgeDesc *desc, ImguiBridge **out, ResultText *message)
{
    assert(desc != nullptr && out != nullptr);
    assert(ImGui::GetCurrentContext() == nullptr);
    auto *bridge = (ImguiBridge *)os_memory_alloc(sizeof(ImguiBridge), OS_MEMORY_UI);
    if (bridge == nullptr) {
        return result_fail(message, RESULT_OUT_OF_MEMORY, "no memory for the overlay");
    }
    bridge->scale = desc->scale > 0.0f ? desc->scale : 1.0f;
    bridge->context = ImGui::CreateContext();
    ImGuiIO &io = ImGui::GetIO();
    io.IniFilename = nullptr;
    io.LogFilename = nullptr;
    map_keys(io);
    set_style(bridge->scale);
    add_font(desc, bridge->scale);
    if (!ImGui_ImplOpenGL3_Init(GLSL_VERSION)) {
        ImGui::DestroyContext(bridge->context);
        os_memory_free(bridge, sizeof(ImguiBridge), OS_MEMORY_UI);
        return result_fail(message, RESULT_UNSUPPORTED,
                           "the overlay's GL loader found no OpenGL: install libgl1");
    }
    *out = bridge;
    return RESULT_OK;
}

void imgui_bridge_destroy(ImguiBridge *bridge)
{
    if (bridge == nullptr) {
        return;
    }
    ImGui_ImplOpenGL3_Shutdown();
    ImGui::DestroyContext(bridge->context);
    os_memory_free(bridge, sizeof(ImguiBridge), OS_MEMORY_UI);
}

Result imgui_bridge_context_lost(ImguiBridge *bridge, ResultText *message)
{
    assert(bridge != nullptr);
    ImGuiIO &io = ImGui::GetIO();
    // The backend's own shutdown would delete names that the new context may have given to others.
    // Its data is a plain struct from ImGui's allocator.
    ImGui::MemFree(io.BackendRendererUserData);
    io.BackendRendererUserData = nullptr;
    io.BackendRendererName = nullptr;
    io.Fonts->SetTexID(nullptr);
    if (!ImGui_ImplOpenGL3_Init(GLSL_VERSION)) {
        return result_fail(message, RESULT_UNSUPPORTED, "the overlay found no OpenGL again");
    }
    return RESULT_OK;
}

void imgui_bridge_begin(ImguiBridge *bridge, const UiInput *input)
{
    assert(bridge != nullptr && input != nullptr);
    ImGuiIO &io = ImGui::GetIO();
    io.DisplaySize = ImVec2(fmaxf(input->width_px, 1.0f), fmaxf(input->height_px, 1.0f));
    io.DeltaTime = input->dt_s > 0.0f ? input->dt_s : 1.0f / 60.0f;
    io.MousePos = input->mouse_active ? ImVec2(input->mouse_x_px, input->mouse_y_px)
                                      : ImVec2(-FLT_MAX, -FLT_MAX);
    for (int i = 0; i < 3; ++i) {
        io.MouseDown[i] = input->mouse_active && input->mouse_buttons[i];
    }
    io.MouseWheel = input->mouse_active ? input->wheel_steps : 0.0f;
    for (int i = 0; i < UI_INPUT_KEY_COUNT; ++i) {
        io.KeysDown[i] = input->keys[i];
    }
    io.KeyCtrl = input->ctrl;
    io.KeyShift = input->shift;
    io.KeyAlt = input->alt;
    io.AddInputCharactersUTF8(input->text);
    ImGui_ImplOpenGL3_NewFrame();
    ImGui::NewFrame();
}

void imgui_bridge_draw_hud(ImguiBridge *bridge, const Hud *hud)
{
    assert(bridge != nullptr && hud != nullptr);
    const ImGuiWindowFlags plain = ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoInputs |
                                   ImGuiWindowFlags_AlwaysAutoResize |
                                   ImGuiWindowFlags_NoSavedSettings;
    ImVec2 display = ImGui::GetIO().DisplaySize;
    float margin = 12.0f * bridge->scale;
    ImGui::SetNextWindowPos(ImVec2(margin, display.y - margin), 0, ImVec2(0.0f, 1.0f));
    ImGui::SetNextWindowBgAlpha(0.5f);
    ImGui::Begin("hud", nullptr, plain);
    for (int i = 0; i < hud->line_count; ++i) {
        text(tone_colour(UI_TONE_DIM), hud->lines[i].label);
        ImGui::SameLine(ImGui::GetFontSize() * 8.0f);
        text(tone_colour(hud->lines[i].tone), hud->lines[i].text);
    }
    if (hud->attribution[0] != '\0') {
        text(tone_colour(UI_TONE_DIM), hud->attribution);
    }
    ImGui::End();
    if (hud->message[0] != '\0') {
        ImGui::SetNextWindowPos(ImVec2(margin, margin));
        ImGui::Begin("message", nullptr, plain);
        text(tone_colour(UI_TONE_PLAIN), hud->message);
        ImGui::End();
    }
    if (hud->keys != nullptr) {
        draw_help(hud, display);
    }
}

void imgui_bridge_draw_overlay(ImguiBridge *bridge, const UiPage *page, UiActions *out)
{
    assert(bridge != nullptr && page != nullptr && out != nullptr);
    ImVec2 display = ImGui::GetIO().DisplaySize;
    float margin = 12.0f * bridge->scale;
    float width = fminf(620.0f * bridge->scale, display.x - 2.0f * margin);
    ImGui::SetNextWindowPos(ImVec2(display.x - width - margin, margin));
    ImGui::SetNextWindowSize(ImVec2(width, fmaxf(display.y - 2.0f * margin, 64.0f)));
    // Behind HUD and help card, whichever was clicked last.
    ImGui::Begin("overlay", nullptr,
                 ImGuiWindowFlags_NoBringToFrontOnFocus | ImGuiWindowFlags_NoTitleBar |
                     ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoResize |
                     ImGuiWindowFlags_NoCollapse | ImGuiWindowFlags_NoSavedSettings);
    draw_tabs(page, out);
    for (int i = 0; i < page->widget_count; ++i) {
        ImGui::PushID(i);
        draw_widget(page, &page->widgets[i], out);
        ImGui::PopID();
    }
    if (page->left_out > 0) {
        ImGui::Text("%u figures found no place", page->left_out);
    }
    ImGui::End();
}

void imgui_bridge_end(ImguiBridge *bridge)
{
    assert(bridge != nullptr);
    (void)bridge;
    ImGui::Render();
    ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
}

bool imgui_bridge_wants_mouse(const ImguiBridge *bridge)
{
    assert(bridge != nullptr);
    (void)bridge;
    return ImGui::GetIO().WantCaptureMouse;
}

bool imgui_bridge_wants_keyboard(const ImguiBridge *bridge)
{
    assert(bridge != nullptr);
    (void)bridge;
    return ImGui::GetIO().WantTextInput;
}
