// Purpose: a table of options kept in an INI file; unknown keys survive, a malformed file is left alone.
// Owns: the kept lines, inline.
// Threads: the main thread.
// Fails: a malformed file gives RESULT_BAD_INPUT with the line and leaves every field at its default.
#pragma once
#include "option.h"
#include "place.h"

#define INI_FILE_KEPT_MAX 64
#define INI_FILE_LINE_MAX 192
#define INI_FILE_BYTES_MAX (64u * 1024u)

typedef struct IniFileKept {
    char section[32];
    char line[INI_FILE_LINE_MAX];
} IniFileKept;

typedef struct IniFile {
    char path[PLACE_BYTES_MAX];          // "": there is no place to keep it
    bool left_alone;                     // malformed or not readable: never written
    IniFileKept kept[INI_FILE_KEPT_MAX]; // keys that the table does not know
    int kept_count;
} IniFile;

// An empty file at the path that place_file gives.
void ini_file_place(IniFile *file, const char *variable, const char *fallback, const char *name);

// Reads `file->path` into the table's struct; a missing file is fine. Unknown keys are kept and named in the log.
RESULT_MUST Result ini_file_read(IniFile *file, const OptionTable *table, ResultText *text);

// Writes the table and the kept keys; fields at their default become comments. Does nothing when left alone.
RESULT_MUST Result ini_file_write(const IniFile *file, const OptionTable *table, ResultText *text);
