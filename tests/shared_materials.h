// Purpose: the ground's materials for tests that draw, made once a process.
// Owns: the set, until the process ends.
// Threads: the main one.
// Fails: a failed assertion.
#pragma once
#include "world/material.h"

// A source that never lets its layers go, so that the next sink need not make them again.
MaterialSource shared_materials(void);
