#include "base/log.h"
#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LINE_BYTES 1024

typedef void LogSink(void *object, LogLevel level, const char *text);

static _Atomic int level_max = LOG_INFO;
static LogSink *_Atomic current_sink;
static void *_Atomic sink_object;

static const char *level_name(LogLevel level)
{
    static const char *const names[] = {"error", "warning", "info", "debug"};
    return names[level];
}

// Texts may quote paths and bytes from files: one event stays one line whatever they hold.
static void keep_one_line(char *text)
{
    for (; *text != 0; text++) {
        if ((unsigned char)*text < ' ' || *text == 0x7F)
            *text = ' ';
    }
}

static void write_line(LogLevel level, const char *text)
{
    char line[LINE_BYTES + 32];
    int count = snprintf(line, sizeof line, "arete: %s: %s\n", level_name(level), text);
    assert(count > 0 && (size_t)count < sizeof line);
    // Nobody is left to tell when stderr itself fails.
    ssize_t written = write(STDERR_FILENO, line, (size_t)count);
    (void)written;
}

void log_set_level(LogLevel level)
{
    assert((unsigned)level <= LOG_DEBUG);
    atomic_store(&level_max, (int)level);
}

void log_set_sink(LogSink *sink, void *object)
{
    atomic_store(&sink_object, object);
    atomic_store(&current_sink, sink);
}

void log_write(LogLevel level, const char *format, ...)
{
    assert((unsigned)level <= LOG_DEBUG);
    if ((int)level > atomic_load_explicit(&level_max, memory_order_relaxed))
        return;
    int errno_before = errno;
    char text[LINE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    keep_one_line(text);
    LogSink *sink = atomic_load(&current_sink);
    if (sink != NULL)
        sink(atomic_load(&sink_object), level, text);
    else
        write_line(level, text);
    errno = errno_before;
}
