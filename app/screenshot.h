// Purpose: where a picture that a person takes goes: a folder for pictures, a name that says seed and position.
// Owns: nothing.
// Threads: the main thread.
// Fails: with a Result and a text.
#pragma once
#include "base/result.h"
#include "shot.h"
#include <stddef.h>

// Path of a picture that does not exist yet: $XDG_PICTURES_DIR, else ~/Pictures if it is there, else this folder.
RESULT_MUST Result screenshot_path(const ShotNote *note, char *out, size_t bytes, ResultText *text);

// Reads the scene's picture from the sink and writes it; `out_path` is where it went.
RESULT_MUST Result screenshot_take(Graphics *graphics, const ShotNote *note, char *out_path,
                                   size_t bytes, ResultText *text);
