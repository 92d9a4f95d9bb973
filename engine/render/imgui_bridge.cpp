#include "render/imgui_bridge.h"
#include "render/imgui_page.h"
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
#define MARGIN_PX 12.0f   // before scale, as the next two
#define OVERLAY_PX 620.0f // width
#define SIDE_PX 300.0f    // width at which attribution and messages wrap

struct ImguiBridge {
    ImGuiContext *context;
    float scale;
    ImVec2 hud_px; // largest so far, so that the overlay does not jump with a figure's digits
};

namespace
{

// How much smaller the card's letters must be for a small window, by their count and the room around them.
float help_scale(const Hud *hud, int rows, ImVec2 display)
{
    size_t longest[4] = {0};
    for (int i = 0; i < hud->key_count; ++i) {
        size_t *pair = &longest[i < rows ? 0 : 2];
        size_t key = strlen(hud->keys[i].key), does = strlen(hud->keys[i].does);
        pair[0] = key > pair[0] ? key : pair[0];
        pair[1] = does > pair[1] ? does : pair[1];
    }
    float em = ImGui::GetFont()->FontSize; // not the window's, which this scales
    float chars = (float)(longest[0] + longest[1] + longest[2] + longest[3]);
    float wide = (display.x - 8.0f * em) / (chars * ImGui::GetFont()->GetCharAdvance('0'));
    float high = (display.y - 3.0f * em) / ((float)(rows + 1) * 1.2f * em);
    return fmaxf(fminf(fminf(wide, high), 1.0f), 0.4f);
}

void draw_help(const Hud *hud, ImVec2 display)
{
    ImGui::SetNextWindowPos(ImVec2(display.x * 0.5f, display.y * 0.5f), 0, ImVec2(0.5f, 0.5f));
    ImGui::SetNextWindowBgAlpha(1.0f); // the overlay may lie below
    ImGui::Begin("help", nullptr,
                 ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoInputs |
                     ImGuiWindowFlags_AlwaysAutoResize | ImGuiWindowFlags_NoSavedSettings);
    // Two pairs a row, read down the left side first.
    int rows = (hud->key_count + 1) / 2;
    ImGui::SetWindowFontScale(help_scale(hud, rows, display));
    imgui_page_text(UI_TONE_DIM, "keys");
    if (ImGui::BeginTable("keys", 4, ImGuiTableFlags_SizingFixedFit)) {
        for (int i = 0; i < rows * 2; ++i) {
            int index = i / 2 + (i % 2) * rows;
            const HudKey *key = index < hud->key_count ? &hud->keys[index] : nullptr;
            ImGui::TableNextColumn();
            imgui_page_text(UI_TONE_PLAIN, key != nullptr ? key->key : "");
            ImGui::TableNextColumn();
            imgui_page_text(UI_TONE_DIM, key != nullptr ? key->does : "");
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
    style.Colors[ImGuiCol_ButtonHovered] = ImVec4(1.0f, 1.0f, 1.0f, 0.18f);
    style.Colors[ImGuiCol_ButtonActive] = ImVec4(1.0f, 1.0f, 1.0f, 0.28f);
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
    float size_px = roundf((desc->font_px > 0.0f ? desc->font_px : IMGUI_PAGE_FONT_PX) * scale);
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
        {ImGuiKey_LeftArrow, UI_INPUT_KEY_LEFT}, {ImGuiKey_RightArrow, UI_INPUT_KEY_RIGHT},
        {ImGuiKey_UpArrow, UI_INPUT_KEY_UP},     {ImGuiKey_DownArrow, UI_INPUT_KEY_DOWN},
        {ImGuiKey_Home, UI_INPUT_KEY_HOME},      {ImGuiKey_End, UI_INPUT_KEY_END},
        {ImGuiKey_Delete, UI_INPUT_KEY_DELETE},  {ImGuiKey_Backspace, UI_INPUT_KEY_BACKSPACE},
        {ImGuiKey_Enter, UI_INPUT_KEY_ENTER},    {ImGuiKey_Escape, UI_INPUT_KEY_ESCAPE},
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
    bridge->hud_px = ImVec2(0.0f, 0.0f);
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
    for (int i = 0; i < UI_INPUT_BUTTONS; ++i) {
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
    float margin = MARGIN_PX * bridge->scale;
    float wrap = SIDE_PX * bridge->scale;
    ImGui::SetNextWindowPos(ImVec2(margin, display.y - margin), 0, ImVec2(0.0f, 1.0f));
    ImGui::SetNextWindowBgAlpha(0.5f);
    ImGui::Begin("hud", nullptr, plain);
    for (int i = 0; i < hud->line_count; ++i) {
        imgui_page_text(UI_TONE_DIM, hud->lines[i].label);
        ImGui::SameLine(ImGui::GetFontSize() * 8.0f);
        imgui_page_text(hud->lines[i].tone, hud->lines[i].text);
    }
    if (hud->attribution[0] != '\0') {
        ImGui::PushTextWrapPos(wrap);
        imgui_page_text(UI_TONE_DIM, hud->attribution);
        ImGui::PopTextWrapPos();
    }
    ImVec2 size = ImGui::GetWindowSize();
    bridge->hud_px = ImVec2(fmaxf(size.x, bridge->hud_px.x), fmaxf(size.y, bridge->hud_px.y));
    ImGui::End();
    if (hud->message[0] != '\0') {
        // Beside the figures, where no overlay is at any size of the window.
        ImGui::SetNextWindowPos(ImVec2(bridge->hud_px.x + 2.0f * margin, display.y - margin), 0,
                                ImVec2(0.0f, 1.0f));
        ImGui::Begin("message", nullptr, plain);
        ImGui::PushTextWrapPos(wrap);
        imgui_page_text(UI_TONE_PLAIN, hud->message);
        ImGui::PopTextWrapPos();
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
    float margin = MARGIN_PX * bridge->scale;
    float width = fminf(OVERLAY_PX * bridge->scale, display.x - 2.0f * margin);
    float height = display.y - 2.0f * margin;
    // A narrow window has no room beside the HUD: the overlay ends above it.
    if (width + bridge->hud_px.x + 3.0f * margin > display.x) {
        height -= bridge->hud_px.y + margin;
    }
    ImGui::SetNextWindowPos(ImVec2(display.x - width - margin, margin));
    ImGui::SetNextWindowSize(ImVec2(width, fmaxf(height, 64.0f)));
    // Behind HUD and help card, whichever was clicked last.
    ImGui::Begin("overlay", nullptr,
                 ImGuiWindowFlags_NoBringToFrontOnFocus | ImGuiWindowFlags_NoTitleBar |
                     ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoResize |
                     ImGuiWindowFlags_NoCollapse | ImGuiWindowFlags_NoSavedSettings);
    imgui_page_draw(page, out);
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
