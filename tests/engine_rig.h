// Purpose: an engine over a fake world and the null sink, and a flight of its own through the input hook.
// Owns: all of them between create and destroy.
// Threads: one.
// Fails: create gives the engine's Result back; the rest asserts.
#pragma once
#include "engine.h"
#include "fake_world.h"
#include "stream/null_sink.h"

typedef struct EngineRig {
    FakeWorld *world;
    Source source;
    NullSink *null_sink;
    GpuSink sink;
    Engine *engine; // NULL when it could not be created
    EngineInput
        input; // what the hook hands over at each tick; starts standing at the config's start
    ResultText text;
    uint64_t holes, in_flight_max; // summed, and the most, over all ticks
} EngineRig;

// A config that is quick to make and to fill: half-size maps, wide budgets, two workers, at (128, 900, 128).
EngineConfig engine_rig_config(void);
// World and sink without an engine, so that the world can be told to misbehave before.
void engine_rig_begin(EngineRig *rig);
Result engine_rig_start(EngineRig *rig, const EngineConfig *config);
// Both at once; asserts that it works.
void engine_rig_create(EngineRig *rig, const EngineConfig *config);
void engine_rig_destroy(EngineRig *rig);

// One tick, then a moment for the workers.
const FrameStats *engine_rig_tick(EngineRig *rig);
// Ticks until everything wanted is there; false after 20 s.
bool engine_rig_settle(EngineRig *rig);
// Ticks until the view is complete; false after 20 s.
bool engine_rig_complete(EngineRig *rig);
void engine_rig_move_to(EngineRig *rig, double x_m, double y_m, double z_m);
