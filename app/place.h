// Purpose: where files of ours lie below the XDG base directories.
// Owns: nothing.
// Threads: the main thread.
// Fails: leaves an empty path.
#pragma once
#include <stddef.h>

#define PLACE_BYTES_MAX 1024

// Path of a file, as in ("XDG_CONFIG_HOME", ".config", "arete.ini"): $variable if it is absolute, else $HOME/fallback;
// then arete/name. Empty when neither is set.
void place_file(const char *variable, const char *fallback, const char *name,
                char out[PLACE_BYTES_MAX]);
