// Purpose: what an engine's config means: its defaults, its limits, and what the stream takes from it.
// Owns: nothing.
// Threads: any.
// Fails: check returns a Result with a text.
#pragma once
#include "engine.h"
#include "stream/streamer.h"

// With defaults in place of zeros.
EngineConfig engine_config_fill(const EngineConfig *config);
// As engine_check, of a filled config; so are the next two.
RESULT_MUST Result engine_config_check(const EngineConfig *config, ResultText *text);
ThrottleDesc engine_config_throttle(const EngineConfig *config);
// Without source, sink and run.
StreamerDesc engine_config_streamer(const EngineConfig *config);
