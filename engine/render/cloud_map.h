// Purpose: the tileable picture that both layers of clouds are made of.
// Owns: nothing.
// Threads: any; pure. About 70 ms of one core.
// Fails: without memory.
#pragma once
#include "base/result.h"
#include <stdint.h>

#define CLOUD_MAP_SIDE 512
#define CLOUD_MAP_BYTES (CLOUD_MAP_SIDE * CLOUD_MAP_SIDE * 4u)
#define CLOUD_MAP_SLOPE 2.0f // of the thickness' rank over the shadow's reach, where a byte ends

// Fills CLOUD_MAP_BYTES with RGBA: thickness of heaps, its fall towards +x and +z (128: none), thickness of veils. Both
// thicknesses are ranks: the share of the map below a value v is v, so that a cover c begins at 1 - c.
RESULT_MUST Result cloud_map_fill(uint8_t *out, ResultText *text);
