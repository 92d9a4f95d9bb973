// Purpose: draws a page of figures into the ImGui window that is open: tabs, rows, plots, tables, the map, knobs.
// Owns: nothing.
// Threads: the main thread, between imgui_bridge_begin and imgui_bridge_end.
// Fails: never.
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

#include "ui/ui_page.h"

// Of the font, before scale. Its characters are all as wide, so that figures stand in columns.
#define IMGUI_PAGE_FONT_PX 15.0f

// One line of text as an item of its own.
void imgui_page_text(UiTone tone, const char *words);
// Adds what was changed on the page to `*out`.
void imgui_page_draw(const UiPage *page, UiActions *out);

#ifdef __cplusplus
}
#endif
