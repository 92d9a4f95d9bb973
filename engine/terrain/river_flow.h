// Purpose: from the links of a river net to its segments: orders, widths and lakes.
// Owns: nothing.
// Threads: any.
// Fails: never.
#pragma once
#include "terrain/river.h"

// No lake lies lower: the sea takes it.
#define RIVER_LAKE_HEIGHT_M 4.0f

// Raises the nodes of lattice 0 in small basins (see RIVER_BASIN_LINKS), by links as they are, until they drain. The
// heights of the outer RIVER_BASIN_CELLS all round stay.
void river_flow_drain(const RiverNet *net);
// Fills the segments of a lattice whose nodes have been linked; the coarser ones are filled.
void river_flow(RiverNet *net, int lattice);
