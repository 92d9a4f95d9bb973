// Purpose: a clock that stands still until a test or a sleep moves it on.
// Owns: its time.
// Threads: one moves it, while no other reads.
// Fails: never.
#pragma once
#include <stdint.h>

extern uint64_t fake_clock_ns; // now; a test may add to it

// The program's clock from now on, at `now_ns`; CPU times stay real.
void fake_clock_begin(uint64_t now_ns);
// The real clock again; allowed without begin.
void fake_clock_end(void);
