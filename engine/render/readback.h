// Purpose: pixels back from the GPU for pictures and tests: rows from top to bottom.
// Owns: nothing.
// Threads: the main thread, with a current context; waits for the GPU, so never in a flight's frame.
// Fails: never.
#pragma once
#include <stdint.h>

// Fills width * height * 4 bytes from the framebuffer's colour.
void readback_rgba8(uint32_t frame, int width, int height, uint8_t *out);
// The same as floats; for float targets.
void readback_rgba32f(uint32_t frame, int width, int height, float *out);
