// Purpose: a world that keeps every chunk it has read: most of a picture's time goes into its land.
// Owns: the copies, and the terrain where it made that.
// Threads: the source as any; create and destroy on the main thread, with no engine on the source.
// Fails: by assertion of the test.
#pragma once
#include "world/source.h"

typedef struct RenderKept RenderKept;

RenderKept *render_kept_create(uint64_t seed);
RenderKept *render_kept_of(const Source *inner);
Source render_kept_source(RenderKept *kept);
void render_kept_destroy(RenderKept *kept);
