// Purpose: what stands on each page of the overlay.
// Owns: nothing; they fill the overlay's page.
// Threads: the main thread.
// Fails: never; there is at least one frame when they are called.
#pragma once
#include "ui/overlay.h"

void overlay_pages_frame(Overlay *overlay, const OverlayInput *input);
void overlay_pages_streaming(Overlay *overlay, const OverlayInput *input);
void overlay_pages_memory(Overlay *overlay, const OverlayInput *input);
void overlay_pages_map(Overlay *overlay, const OverlayInput *input);
void overlay_pages_knobs(Overlay *overlay, const OverlayInput *input);
void overlay_pages_soak(Overlay *overlay, const OverlayInput *input);
