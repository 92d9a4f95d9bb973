// Purpose: how long the GPU takes for a frame, known some frames later.
// Owns: a ring of timer queries.
// Threads: the main thread, with a current context.
// Fails: never.
#pragma once
#include <stdint.h>

#define GL_TIMER_RING 4 // results are read four frames late, when they are surely there

typedef struct GlTimer {
    uint32_t queries[GL_TIMER_RING];
    uint64_t frames; // timed
    double ms;       // of the last frame known; -1: none
} GlTimer;

void gl_timer_create(GlTimer *out);
void gl_timer_destroy(GlTimer *timer);

// Around what is timed; begin takes what is known of an earlier frame and never waits.
void gl_timer_begin(GlTimer *timer);
void gl_timer_end(GlTimer *timer);
