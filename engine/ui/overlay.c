#include "ui/overlay.h"
#include "ui/overlay_pages.h"
#include <assert.h>
#include <stddef.h>

static const char *const page_names[] = {
#define OVERLAY_TEXT(name, text) text,
    OVERLAY_PAGE_LIST(OVERLAY_TEXT)
#undef OVERLAY_TEXT
};

const char *overlay_page_name(OverlayPage page)
{
    assert((unsigned)page < OVERLAY_PAGE_COUNT);
    return page_names[page];
}

void overlay_toggle(Overlay *overlay)
{
    assert(overlay != NULL);
    overlay->shown = !overlay->shown;
}

void overlay_next_page(Overlay *overlay, int step)
{
    assert(overlay != NULL && (step == 1 || step == -1));
    int next = (int)overlay->current + step;
    overlay->current = (OverlayPage)((next + OVERLAY_PAGE_COUNT) % OVERLAY_PAGE_COUNT);
}

void overlay_open(Overlay *overlay, OverlayPage page)
{
    assert(overlay != NULL && (unsigned)page < OVERLAY_PAGE_COUNT);
    overlay->current = page;
}

void overlay_build(Overlay *overlay, const OverlayInput *input)
{
    static void (*const build[])(Overlay *, const OverlayInput *) = {
        overlay_pages_frame, overlay_pages_streaming, overlay_pages_memory,
        overlay_pages_map,   overlay_pages_knobs,     overlay_pages_soak,
    };
    _Static_assert(sizeof build / sizeof *build == OVERLAY_PAGE_COUNT, "a builder for every page");
    assert(overlay != NULL && input != NULL && input->run != NULL);
    if (!overlay->shown) {
        return;
    }
    assert(input->frame_count <= OVERLAY_FRAMES_MAX && input->frame_count <= input->frame_capacity);
    ui_page_clear(&overlay->page);
    overlay->page.names = page_names;
    overlay->page.name_count = OVERLAY_PAGE_COUNT;
    overlay->page.current = (int)overlay->current;
    if (input->frame_count == 0) {
        ui_page_add(&overlay->page, UI_KIND_NOTE, "no frame yet");
        return;
    }
    build[overlay->current](overlay, input);
}
