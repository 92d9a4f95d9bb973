// Purpose: the only door to files; a test can fail the n-th call with a chosen errno.
// Owns: nothing between calls.
// Threads: any; failure injection is for single-threaded tests.
// Fails: with a Result and a text that names the path and the reason.
#pragma once
#include "base/result.h"
#include <stddef.h>
#include <stdint.h>

// Reads a whole file of at most `bytes_max` into memory that the caller owns (os_memory_free with
// `*out_bytes + 1`, owner OS_MEMORY_BASE); a zero byte follows the data.
RESULT_MUST Result os_file_read(const char *path, size_t bytes_max, uint8_t **out,
                                size_t *out_bytes, ResultText *text);

// Writes `bytes` to `path` so that the final name holds either the old or the whole new content:
// temporary file beside it, fsync, rename. The temporary file is removed on failure.
RESULT_MUST Result os_file_write(const char *path, const void *data, size_t bytes,
                                 ResultText *text);

// Creates a directory and its parents; one that exists is fine.
RESULT_MUST Result os_file_make_directories(const char *path, ResultText *text);

// 1 when the path exists and can be read.
int os_file_exists(const char *path);

// 1 when a file could be created at `path` (its directory exists and may be written).
int os_file_can_write(const char *path);

// Modification time in nanoseconds since the epoch; 0 when there is no such file.
uint64_t os_file_modified_ns(const char *path);

// Makes the `nth` system call of this module from now fail with `error_number`; 0 switches it off.
void os_file_fail_at(unsigned nth, int error_number);
