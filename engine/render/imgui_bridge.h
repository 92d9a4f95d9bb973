// Purpose: draws the overlay's pages and the HUD with Dear ImGui; with imgui_page the only C++ of the program.
// Owns: the ImGui context, its font and its GL objects.
// Threads: the main thread with the GL context current.
// Fails: create returns a Result; drawing does not fail.
#pragma once
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#include "base/result.h"
#include "ui/hud.h"
#include "ui/ui_input.h"
#include "ui/ui_page.h"

typedef struct ImguiBridge ImguiBridge;

// Zero means the default that is named.
typedef struct ImguiBridgeDesc {
    const void *
        font; // TrueType; NULL: the font inside the binary, else ImGui's own. Borrowed until destroy
    size_t font_bytes;
    float scale;   // pixels per point of the desktop; 1
    float font_px; // before scale; 15
} ImguiBridgeDesc;

// Owned by the caller; at most one bridge lives at a time. GL objects are made by the first frame.
RESULT_MUST Result imgui_bridge_create(const ImguiBridgeDesc *desc, ImguiBridge **out,
                                       ResultText *text);
void imgui_bridge_destroy(ImguiBridge *bridge); // NULL is allowed; the GL context is still current

// The GL context was replaced: forgets the old one's objects without a GL call; the next frame makes new ones.
RESULT_MUST Result imgui_bridge_context_lost(ImguiBridge *bridge, ResultText *text);

// Between begin and end: any of the two draw calls, in any order.
void imgui_bridge_begin(ImguiBridge *bridge, const UiInput *input);
void imgui_bridge_draw_hud(ImguiBridge *bridge, const Hud *hud);
// Adds what was changed on the page to `*out`, which the caller has cleared.
void imgui_bridge_draw_overlay(ImguiBridge *bridge, const UiPage *page, UiActions *out);
// Draws into the current framebuffer and leaves GL's state as it was.
void imgui_bridge_end(ImguiBridge *bridge);

// Of the last frame: the pointer is over the overlay, or a field is being typed into.
bool imgui_bridge_wants_mouse(const ImguiBridge *bridge);
bool imgui_bridge_wants_keyboard(const ImguiBridge *bridge);

#ifdef __cplusplus
}
#endif
