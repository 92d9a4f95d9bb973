// Purpose: an interrupt or a request to end becomes a question that a loop asks, not a jump.
// Owns: the process's mask of SIGINT and SIGTERM between begin and the first signal seen.
// Threads: begin before other threads start (they inherit the mask); seen by the main thread.
// Fails: never.
#pragma once
#include <stdbool.h>

// From now on the two signals wait until they are asked for.
void stop_signal_begin(void);

// True when one has come; a second one then ends the process at once.
bool stop_signal_seen(void);
