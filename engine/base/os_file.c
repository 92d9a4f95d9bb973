#include "base/os_file.h"
#include "base/os_memory.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_UNKNOWN_BYTES 65536u // first buffer where the OS states no size (pipes, /proc)
#define TEMPORARY_TRIES_MAX 16    // names left behind by a process of the same id

static _Atomic unsigned fail_countdown; // 0: off
static _Atomic int fail_errno;
static _Atomic unsigned temporary_count;

typedef struct Path {
    char text[PATH_MAX];
} Path;

// Every system call below asks here first.
static bool injected(void)
{
    unsigned n = atomic_load(&fail_countdown);
    if (n == 0)
        return false;
    atomic_store(&fail_countdown, n - 1);
    if (n > 1)
        return false;
    errno = atomic_load(&fail_errno);
    return true;
}

static int call_open(const char *path, int flags)
{
    int fd;
    do
        fd = injected() ? -1 : open(path, flags | O_CLOEXEC, 0666);
    while (fd < 0 && errno == EINTR);
    return fd;
}

static ssize_t call_read(int fd, void *out, size_t bytes)
{
    ssize_t count;
    do
        count = injected() ? -1 : read(fd, out, bytes);
    while (count < 0 && errno == EINTR);
    return count;
}

static ssize_t call_write(int fd, const void *data, size_t bytes)
{
    ssize_t count;
    do
        count = injected() ? -1 : write(fd, data, bytes);
    while (count < 0 && errno == EINTR);
    return count;
}

static int call_fsync(int fd)
{
    int failed;
    do
        failed = injected() ? -1 : fsync(fd);
    while (failed != 0 && errno == EINTR);
    return failed;
}

// The descriptor is gone even when close reports an error: close(2), notes.
static int call_close(int fd)
{
    bool refused = injected();
    int error = errno;
    int failed = close(fd);
    if (refused)
        errno = error;
    return refused ? -1 : failed;
}

static int call_rename(const char *from, const char *to)
{
    return injected() ? -1 : rename(from, to);
}

static int call_unlink(const char *path)
{
    return injected() ? -1 : unlink(path);
}

static int call_stat(const char *path, struct stat *out)
{
    return injected() ? -1 : stat(path, out);
}

static int call_fstat(int fd, struct stat *out)
{
    return injected() ? -1 : fstat(fd, out);
}

static int call_access(const char *path, int mode)
{
    return injected() ? -1 : access(path, mode);
}

static int call_mkdir(const char *path)
{
    return injected() ? -1 : mkdir(path, 0777);
}

static Result code_of(int error)
{
    switch (error) {
    case ENOENT:
    case ENOTDIR:
        return RESULT_NOT_FOUND;
    case ENOSPC:
    case EDQUOT:
        return RESULT_NO_SPACE;
    case ENOMEM:
        return RESULT_OUT_OF_MEMORY;
    case EISDIR:
    case ENAMETOOLONG:
    case ELOOP:
        return RESULT_BAD_INPUT;
    default:
        return RESULT_IO;
    }
}

static const char *advice_for(int error)
{
    switch (error) {
    case ENOENT:
    case ENOTDIR:
        return "check the spelling; the folder must exist";
    case ENOSPC:
    case EDQUOT:
        return "free some space, or use a path on another disk";
    case EACCES:
    case EPERM:
    case EROFS:
        return "use a path that this user may open";
    case EISDIR:
        return "use the path of a file";
    case ENAMETOOLONG:
        return "use a shorter path";
    default:
        return "check the disk and try again";
    }
}

static Result fail(ResultText *text, const char *doing, const char *path, int error)
{
    const char *reason = strerrordesc_np(error);
    return result_fail(text, code_of(error), "cannot %s '%s': %s; %s", doing, path,
                       reason != NULL ? reason : "unknown error", advice_for(error));
}

typedef struct Buffer {
    uint8_t *memory;
    size_t capacity_bytes;
    size_t used_bytes;
} Buffer;

static void buffer_free(Buffer *buffer)
{
    os_memory_free(buffer->memory, buffer->capacity_bytes, OS_MEMORY_BASE);
    *buffer = (Buffer){0};
}

static bool buffer_resize(Buffer *buffer, size_t capacity_bytes)
{
    assert(capacity_bytes >= buffer->used_bytes);
    uint8_t *memory = os_memory_alloc(capacity_bytes, OS_MEMORY_BASE);
    if (memory == NULL)
        return false;
    size_t used_bytes = buffer->used_bytes;
    if (used_bytes > 0)
        memcpy(memory, buffer->memory, used_bytes);
    buffer_free(buffer);
    *buffer = (Buffer){memory, capacity_bytes, used_bytes};
    return true;
}

static Result too_long(ResultText *text, const char *path, size_t bytes_max)
{
    return result_fail(text, RESULT_LIMIT, "'%s' is longer than %zu bytes, the limit here", path,
                       bytes_max);
}

// One byte more than the size is asked for: it finds a file that grows, and becomes the end mark.
static Result read_all(int fd, const char *path, size_t bytes_max, Buffer *buffer, ResultText *text)
{
    for (;;) {
        if (buffer->used_bytes == buffer->capacity_bytes) {
            size_t grown_bytes = buffer->capacity_bytes * 2;
            if (grown_bytes > bytes_max + 1)
                grown_bytes = bytes_max + 1;
            if (buffer->used_bytes > bytes_max)
                return too_long(text, path, bytes_max);
            if (!buffer_resize(buffer, grown_bytes))
                return fail(text, "read", path, ENOMEM);
        }
        ssize_t count = call_read(fd, buffer->memory + buffer->used_bytes,
                                  buffer->capacity_bytes - buffer->used_bytes);
        if (count < 0)
            return fail(text, "read", path, errno);
        if (count == 0)
            break;
        buffer->used_bytes += (size_t)count;
    }
    if (buffer->capacity_bytes != buffer->used_bytes + 1 &&
        !buffer_resize(buffer, buffer->used_bytes + 1))
        return fail(text, "read", path, ENOMEM);
    buffer->memory[buffer->used_bytes] = 0;
    return RESULT_OK;
}

static Result read_open(int fd, const char *path, size_t bytes_max, Buffer *buffer,
                        ResultText *text)
{
    struct stat status;
    if (call_fstat(fd, &status) != 0)
        return fail(text, "read", path, errno);
    if (S_ISDIR(status.st_mode))
        return fail(text, "read", path, EISDIR);
    size_t first_bytes = READ_UNKNOWN_BYTES;
    if (S_ISREG(status.st_mode) && status.st_size > 0) {
        if ((uint64_t)status.st_size > bytes_max)
            return too_long(text, path, bytes_max);
        first_bytes = (size_t)status.st_size;
    }
    if (first_bytes > bytes_max)
        first_bytes = bytes_max;
    if (!buffer_resize(buffer, first_bytes + 1))
        return fail(text, "read", path, ENOMEM);
    return read_all(fd, path, bytes_max, buffer, text);
}

Result os_file_read(const char *path, size_t bytes_max, uint8_t **out, size_t *out_bytes,
                    ResultText *text)
{
    assert(path != NULL && out != NULL && out_bytes != NULL);
    assert(bytes_max < SIZE_MAX / 2);
    *out = NULL;
    *out_bytes = 0;
    int fd = call_open(path, O_RDONLY);
    if (fd < 0)
        return fail(text, "read", path, errno);
    Buffer buffer = {0};
    Result result = read_open(fd, path, bytes_max, &buffer, text);
    call_close(fd); // nothing was written: its error says nothing about the data
    if (result != RESULT_OK) {
        buffer_free(&buffer);
        return result;
    }
    assert(buffer.capacity_bytes == buffer.used_bytes + 1);
    *out = buffer.memory;
    *out_bytes = buffer.used_bytes;
    return RESULT_OK;
}

// The part of `path` up to and with its last slash; "./" without one. False when too long.
static bool folder_of(const char *path, Path *out)
{
    const char *slash = strrchr(path, '/');
    size_t length = slash == NULL ? 0 : (size_t)(slash - path) + 1;
    if (length >= sizeof out->text)
        return false;
    snprintf(out->text, sizeof out->text, "%.*s", (int)length, slash == NULL ? "" : path);
    if (slash == NULL)
        snprintf(out->text, sizeof out->text, "./");
    return true;
}

static int write_bytes(int fd, const uint8_t *data, size_t bytes)
{
    while (bytes > 0) {
        ssize_t count = call_write(fd, data, bytes);
        if (count < 0)
            return -1;
        assert((size_t)count <= bytes);
        data += count;
        bytes -= (size_t)count;
    }
    return 0;
}

// The name does not grow with the final one, so a name of full length can still be written.
static int open_temporary(const char *folder, Path *out)
{
    for (int i = 0; i < TEMPORARY_TRIES_MAX; i++) {
        unsigned n = atomic_fetch_add(&temporary_count, 1);
        int length =
            snprintf(out->text, sizeof out->text, "%s.arete-%ld-%u.tmp", folder, (long)getpid(), n);
        if (length < 0 || (size_t)length >= sizeof out->text) {
            errno = ENAMETOOLONG;
            return -1;
        }
        int fd = call_open(out->text, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);
        if (fd >= 0 || errno != EEXIST)
            return fd;
    }
    return -1;
}

// fsync of the folder makes the new name last through a power cut: fsync(2).
static int sync_folder(const char *folder)
{
    int fd = call_open(folder, O_RDONLY | O_DIRECTORY);
    if (fd < 0)
        return -1;
    int failed = call_fsync(fd);
    int error = errno;
    if (failed != 0 && error == EINVAL) // file systems without it
        failed = 0;
    call_close(fd);
    errno = error;
    return failed;
}

static Result write_beside(const char *path, const void *data, size_t bytes, ResultText *text)
{
    Path folder, temporary;
    if (!folder_of(path, &folder))
        return fail(text, "write", path, ENAMETOOLONG);
    int fd = open_temporary(folder.text, &temporary);
    if (fd < 0)
        return fail(text, "write", path, errno);
    int failed = write_bytes(fd, data, bytes);
    if (failed == 0)
        failed = call_fsync(fd);
    int error = errno;
    if (call_close(fd) != 0 && failed == 0) {
        failed = -1;
        error = errno;
    }
    if (failed == 0 && call_rename(temporary.text, path) != 0) {
        failed = -1;
        error = errno;
    }
    if (failed != 0) {
        call_unlink(temporary.text);
        return fail(text, "write", path, error);
    }
    return sync_folder(folder.text) == 0 ? RESULT_OK : fail(text, "write", path, errno);
}

// Pipes and devices (/dev/null, /dev/stdout) are written in place: a rename would replace them.
static Result write_in_place(const char *path, const void *data, size_t bytes, ResultText *text)
{
    int fd = call_open(path, O_WRONLY);
    if (fd < 0)
        return fail(text, "write", path, errno);
    int failed = write_bytes(fd, data, bytes);
    int error = errno;
    if (call_close(fd) != 0 && failed == 0) {
        failed = -1;
        error = errno;
    }
    return failed == 0 ? RESULT_OK : fail(text, "write", path, error);
}

Result os_file_write(const char *path, const void *data, size_t bytes, ResultText *text)
{
    assert(path != NULL && (data != NULL || bytes == 0));
    struct stat status;
    if (call_stat(path, &status) != 0) {
        if (errno != ENOENT)
            return fail(text, "write", path, errno);
        return write_beside(path, data, bytes, text);
    }
    if (S_ISDIR(status.st_mode))
        return fail(text, "write", path, EISDIR);
    if (!S_ISREG(status.st_mode))
        return write_in_place(path, data, bytes, text);
    Path target; // behind a symbolic link the file is replaced, not the link
    if (injected() || realpath(path, target.text) == NULL)
        return fail(text, "write", path, errno);
    return write_beside(target.text, data, bytes, text);
}

// Asks what is there only when mkdir refuses: an existing folder may refuse for many reasons.
static int make_directory(const char *path)
{
    if (call_mkdir(path) == 0)
        return 0;
    int error = errno;
    struct stat status;
    if (call_stat(path, &status) == 0 && S_ISDIR(status.st_mode))
        return 0;
    errno = error == EEXIST ? ENOTDIR : error;
    return -1;
}

Result os_file_make_directories(const char *path, ResultText *text)
{
    assert(path != NULL);
    Path prefix;
    size_t length = strlen(path);
    if (length == 0)
        return fail(text, "create the folder", path, ENOENT);
    if (length >= sizeof prefix.text)
        return fail(text, "create the folder", path, ENAMETOOLONG);
    memcpy(prefix.text, path, length + 1);
    for (size_t i = 1; i <= length; i++) {
        bool ends = prefix.text[i] == '/' || prefix.text[i] == 0;
        if (!ends || prefix.text[i - 1] == '/')
            continue;
        prefix.text[i] = 0;
        if (make_directory(prefix.text) != 0)
            return fail(text, "create the folder", prefix.text, errno);
        prefix.text[i] = path[i];
    }
    return RESULT_OK;
}

int os_file_exists(const char *path)
{
    return call_access(path, R_OK) == 0;
}

int os_file_can_write(const char *path)
{
    Path folder;
    struct stat status;
    if (call_stat(path, &status) == 0) {
        if (S_ISDIR(status.st_mode))
            return 0;
        if (!S_ISREG(status.st_mode))
            return call_access(path, W_OK) == 0;
    }
    return folder_of(path, &folder) && call_access(folder.text, W_OK | X_OK) == 0;
}

uint64_t os_file_modified_ns(const char *path)
{
    struct stat status;
    if (call_stat(path, &status) != 0 || status.st_mtim.tv_sec < 0)
        return 0;
    return (uint64_t)status.st_mtim.tv_sec * 1000000000u + (uint64_t)status.st_mtim.tv_nsec;
}

void os_file_fail_at(unsigned nth, int error_number)
{
    assert(nth == 0 || error_number > 0);
    atomic_store(&fail_errno, error_number);
    atomic_store(&fail_countdown, nth);
}
