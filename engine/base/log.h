// Purpose: one line per event to stderr, with a level; quiet below the level that is set.
// Owns: the level and the sink.
// Threads: any; a line is written with one call.
// Fails: never.
#pragma once

typedef enum LogLevel { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG } LogLevel;

void log_set_level(LogLevel level);

// Sends lines to `sink` instead of stderr; NULL restores stderr. The text is borrowed.
void log_set_sink(void (*sink)(void *object, LogLevel level, const char *text), void *object);

void log_write(LogLevel level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...) log_write(LOG_ERROR, __VA_ARGS__)
#define log_warn(...) log_write(LOG_WARN, __VA_ARGS__)
#define log_info(...) log_write(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_write(LOG_DEBUG, __VA_ARGS__)
