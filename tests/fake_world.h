// Purpose: a world for tests: analytic heights, reads that are counted, logged, failed, slowed or held.
// Owns: its counters and its gate.
// Threads: read by any; the rest by one, the plain settings while no worker reads.
// Fails: reads fail as they are told to; running out of room for counters asserts.
#pragma once
#include "base/os_thread.h"
#include "world/source.h"

#define FAKE_WORLD_KEYS 16384 // distinct keys that can be counted, half of it in use at most
#define FAKE_WORLD_LOG 4096

typedef struct FakeWorldCell {
    atomic_ullong name; // hash of the key, 0: empty
    atomic_uint reads;
} FakeWorldCell;

typedef struct FakeWorld {
    // Settings, before the first read.
    unsigned fail_reads;  // the first so many reads of each failing key fail; UINT_MAX: all
    unsigned fail_one_of; // one key of so many fails, chosen by hash; 0 or 1: every key
    int fail_level;       // only keys of this level fail; -1: any
    unsigned slow_us;     // each read sleeps that long, or until it is cancelled
    // Any.
    atomic_bool held; // reads wait at the gate
    atomic_uint waiting, total, running_max, running, log_count;
    OsSemaphore *gate;
    FakeWorldCell cells[FAKE_WORLD_KEYS];
    ChunkKey log[FAKE_WORLD_LOG]; // keys in the order in which their reads began
} FakeWorld;

// Ready to be read, owned by the caller (plain heap, so that it shows in no count of live bytes).
FakeWorld *fake_world_create(void);
void fake_world_destroy(FakeWorld *world);
Source fake_world_source(FakeWorld *world);

// From now on reads wait at the gate.
void fake_world_hold(FakeWorld *world);
// Lets everybody through for good; a world is held once.
void fake_world_open(FakeWorld *world);
// Waits until so many reads stand at the gate; false after 20 s.
bool fake_world_wait_held(FakeWorld *world, unsigned count);

unsigned fake_world_reads(FakeWorld *world, ChunkKey key);
unsigned fake_world_reads_max(FakeWorld *world); // of any one key
bool fake_world_fails(const FakeWorld *world, ChunkKey key);
float fake_world_ground_m(void *object, double x_m, double z_m);
