// Purpose: the tileable picture that both layers of clouds are made of.
// Owns: nothing.
// Threads: any; pure. About 70 ms of one core.
// Fails: without memory.
#pragma once
#include "base/result.h"
#include <stdint.h>

#define CLOUD_MAP_SIDE 512
#define CLOUD_MAP_MIPS 10
#define CLOUD_MAP_BYTES (((1u << 2 * CLOUD_MAP_MIPS) - 1) / 3 * 4) // all mips, the largest first
#define CLOUD_MAP_SLOPE 2.0f // of the thickness' rank over the shadow's reach, where a byte ends

// Fills CLOUD_MAP_BYTES with RGBA, each mip the mean of the one before: thickness of heaps, its fall towards +x and +z
// (128: none), thickness of veils. Both thicknesses are ranks: the share of the map below a value v is v, so that a
// cover c begins at 1 - c.
RESULT_MUST Result cloud_map_fill(uint8_t *out, ResultText *text);
