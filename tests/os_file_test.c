#include "base/os_file.h"
#include "base/os_memory.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CALLS_MAX 64 // far above what one operation makes

static char folder[] = "/tmp/os_file_test_XXXXXX";
static char path[128];
static char other[128];

static int make_folder(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/data", folder);
    snprintf(other, sizeof other, "%s/other", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

static int entries_in(const char *name)
{
    int count = 0;
    DIR *listing = opendir(name);
    assert_non_null(listing);
    for (struct dirent *entry = readdir(listing); entry != NULL; entry = readdir(listing))
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(listing);
    return count;
}

static int open_descriptors(void)
{
    return entries_in("/proc/self/fd");
}

static int each_test_starts_empty(void **state)
{
    (void)state;
    unlink(path);
    unlink(other);
    os_file_fail_at(0, 0);
    return 0;
}

static void put(const char *text)
{
    assert_int_equal(os_file_write(path, text, strlen(text), NULL), RESULT_OK);
}

static void expect_content(const char *text)
{
    uint8_t *data;
    size_t bytes;
    assert_int_equal(os_file_read(path, 1 << 20, &data, &bytes, NULL), RESULT_OK);
    assert_string_equal((char *)data, text);
    assert_int_equal(bytes, strlen(text));
    os_memory_free(data, bytes + 1, OS_MEMORY_BASE);
}

static void what_was_written_is_read_back(void **state)
{
    (void)state;
    uint64_t live_bytes = os_memory_stats().live_total_bytes;
    put("ridge");
    expect_content("ridge");
    put("");
    expect_content("");
    put("a longer text than before");
    expect_content("a longer text than before");
    assert_int_equal(entries_in(folder), 1);
    assert_int_equal(os_memory_stats().live_total_bytes, live_bytes);
}

static void a_large_file_survives_the_round_trip(void **state)
{
    (void)state;
    const size_t bytes = 3000001;
    uint8_t *data = os_memory_alloc(bytes, OS_MEMORY_BASE);
    for (size_t i = 0; i < bytes; i++)
        data[i] = (uint8_t)(i * 31 >> 3);
    assert_int_equal(os_file_write(path, data, bytes, NULL), RESULT_OK);
    uint8_t *read;
    size_t read_bytes;
    assert_int_equal(os_file_read(path, bytes, &read, &read_bytes, NULL), RESULT_OK);
    assert_int_equal(read_bytes, bytes);
    assert_memory_equal(read, data, bytes);
    os_memory_free(read, read_bytes + 1, OS_MEMORY_BASE);
    os_memory_free(data, bytes, OS_MEMORY_BASE);
}

static void the_limit_is_met_exactly(void **state)
{
    (void)state;
    uint8_t *data;
    size_t bytes;
    ResultText text = {0};
    put("12345");
    assert_int_equal(os_file_read(path, 5, &data, &bytes, &text), RESULT_OK);
    os_memory_free(data, bytes + 1, OS_MEMORY_BASE);
    assert_int_equal(os_file_read(path, 4, &data, &bytes, &text), RESULT_LIMIT);
    assert_null(data);
    assert_non_null(strstr(text.text, path));
    assert_non_null(strstr(text.text, "4 bytes"));
    assert_int_equal(os_file_read("/dev/zero", 200000, &data, &bytes, &text), RESULT_LIMIT);
}

static void a_file_without_a_stated_size_is_read_whole(void **state)
{
    (void)state;
    uint8_t *data;
    size_t bytes;
    assert_int_equal(os_file_read("/proc/self/stat", 1 << 20, &data, &bytes, NULL), RESULT_OK);
    assert_true(bytes > 20);
    assert_int_equal(data[bytes], 0);
    assert_int_equal(data[bytes - 1], '\n');
    os_memory_free(data, bytes + 1, OS_MEMORY_BASE);
}

static void reading_what_is_not_there_says_so(void **state)
{
    (void)state;
    uint8_t *data;
    size_t bytes;
    ResultText text = {0};
    assert_int_equal(os_file_read(path, 100, &data, &bytes, &text), RESULT_NOT_FOUND);
    assert_non_null(strstr(text.text, path));
    assert_non_null(strstr(text.text, "No such file"));
    assert_int_equal(os_file_read(folder, 100, &data, &bytes, &text), RESULT_BAD_INPUT);
    assert_non_null(strstr(text.text, "path of a file"));
}

static void writing_where_it_cannot_be_says_why(void **state)
{
    (void)state;
    ResultText text = {0};
    assert_int_equal(os_file_write("/nowhere/at/all", "x", 1, &text), RESULT_NOT_FOUND);
    assert_non_null(strstr(text.text, "/nowhere/at/all"));
    assert_int_equal(os_file_write(folder, "x", 1, &text), RESULT_BAD_INPUT);
    assert_int_equal(os_file_write("/proc/none", "x", 1, NULL), RESULT_NOT_FOUND);
    put("x");
    char below[160];
    snprintf(below, sizeof below, "%s/file", path);
    assert_int_equal(os_file_write(below, "x", 1, &text), RESULT_NOT_FOUND);
}

static void a_full_disk_is_told_from_other_errors(void **state)
{
    (void)state;
    ResultText text = {0};
    assert_int_equal(os_file_write("/dev/full", "x", 1, &text), RESULT_NO_SPACE);
    assert_non_null(strstr(text.text, "/dev/full"));
    assert_non_null(strstr(text.text, "No space left on device"));
    assert_non_null(strstr(text.text, "free some space"));
}

static void a_device_is_written_and_not_replaced(void **state)
{
    (void)state;
    struct stat status;
    assert_int_equal(os_file_write("/dev/null", "x", 1, NULL), RESULT_OK);
    assert_int_equal(stat("/dev/null", &status), 0);
    assert_true(S_ISCHR(status.st_mode));
}

static void behind_a_link_the_file_is_replaced_and_the_link_stays(void **state)
{
    (void)state;
    struct stat status;
    put("old");
    assert_int_equal(symlink(path, other), 0);
    assert_int_equal(os_file_write(other, "new", 3, NULL), RESULT_OK);
    assert_int_equal(lstat(other, &status), 0);
    assert_true(S_ISLNK(status.st_mode));
    expect_content("new");
}

static void a_name_of_full_length_can_be_written(void **state)
{
    (void)state;
    char name[512];
    int length = snprintf(name, sizeof name, "%s/", folder);
    memset(name + length, 'n', 255);
    name[length + 255] = 0;
    assert_int_equal(os_file_write(name, "x", 1, NULL), RESULT_OK);
    assert_true(os_file_exists(name));
    unlink(name);
    name[length + 255] = 'n';
    name[length + 256] = 0;
    assert_int_equal(os_file_write(name, "x", 1, NULL), RESULT_BAD_INPUT);
    assert_int_equal(entries_in(folder), 0);
}

static void a_temporary_file_left_by_a_crash_is_stepped_over(void **state)
{
    (void)state;
    char name[256];
    for (int i = 0; i < 200; i++) {
        snprintf(name, sizeof name, "%s/.arete-%ld-%d.tmp", folder, (long)getpid(), i);
        if (i % 3 != 0)
            close(open(name, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    }
    for (int i = 0; i < 5; i++)
        put("through");
    expect_content("through");
    for (int i = 0; i < 200; i++) {
        snprintf(name, sizeof name, "%s/.arete-%ld-%d.tmp", folder, (long)getpid(), i);
        unlink(name);
    }
}

// Every system call of a write fails once, with the file there before or not. Returns the calls.
static unsigned write_with_every_call_failing(int error_number, Result expected, bool exists)
{
    int descriptors = open_descriptors();
    for (unsigned n = 1; n < CALLS_MAX; n++) {
        unlink(path);
        if (exists)
            put("old");
        ResultText text = {0};
        os_file_fail_at(n, error_number);
        Result result = os_file_write(path, "new content", 11, &text);
        os_file_fail_at(0, 0);
        assert_int_equal(entries_in(folder), os_file_exists(path));
        assert_int_equal(open_descriptors(), descriptors);
        if (result == RESULT_OK) {
            expect_content("new content");
            return n - 1;
        }
        assert_int_equal(result, expected);
        assert_non_null(strstr(text.text, path));
        assert_non_null(strstr(text.text, strerror(error_number)));
        uint8_t *data = NULL;
        size_t bytes = 0;
        Result again = os_file_read(path, 100, &data, &bytes, NULL);
        if (again == RESULT_OK)
            assert_true((exists && strcmp((char *)data, "old") == 0) ||
                        strcmp((char *)data, "new content") == 0);
        else
            assert_false(exists);
        os_memory_free(data, bytes + 1, OS_MEMORY_BASE);
    }
    fail();
    return 0;
}

static void a_write_that_fails_anywhere_leaves_old_or_new_and_no_temporary(void **state)
{
    (void)state;
    // Stat, open, write, fsync, close, rename, open and fsync of the folder.
    assert_in_range(write_with_every_call_failing(EIO, RESULT_IO, false), 8, 12);
    assert_in_range(write_with_every_call_failing(EIO, RESULT_IO, true), 9, 12);
    assert_in_range(write_with_every_call_failing(ENOSPC, RESULT_NO_SPACE, true), 9, 12);
    assert_in_range(write_with_every_call_failing(EDQUOT, RESULT_NO_SPACE, false), 8, 12);
}

static void a_read_that_fails_anywhere_leaks_nothing(void **state)
{
    (void)state;
    put("content");
    int descriptors = open_descriptors();
    uint64_t live_bytes = os_memory_stats().live_total_bytes;
    Result result = RESULT_IO;
    unsigned failures = 0;
    for (unsigned n = 1; n < CALLS_MAX && failures + 1 >= n; n++) {
        uint8_t *data;
        size_t bytes;
        os_file_fail_at(n, EIO);
        result = os_file_read(path, 100, &data, &bytes, NULL);
        os_file_fail_at(0, 0);
        failures += result != RESULT_OK;
        assert_int_equal(data == NULL, result != RESULT_OK);
        os_memory_free(data, bytes + 1, OS_MEMORY_BASE);
        assert_int_equal(open_descriptors(), descriptors);
        assert_int_equal(os_memory_stats().live_total_bytes, live_bytes);
    }
    assert_int_equal(result, RESULT_OK);
    assert_int_equal(failures, 4); // open, fstat, read, read of the end
}

static void a_read_short_of_memory_fails_cleanly(void **state)
{
    (void)state;
    int descriptors = open_descriptors();
    uint64_t live_bytes = os_memory_stats().live_total_bytes;
    Result result = RESULT_OUT_OF_MEMORY;
    int failures = -1;
    for (uint64_t n = 1; n < CALLS_MAX && result != RESULT_OK; n++) {
        uint8_t *data;
        size_t bytes;
        os_memory_fail_at(n, 0);
        result = os_file_read("/proc/self/stat", 1 << 20, &data, &bytes, NULL);
        os_memory_fail_at(0, 0);
        failures++;
        if (result != RESULT_OK)
            assert_int_equal(result, RESULT_OUT_OF_MEMORY);
        os_memory_free(data, bytes + 1, OS_MEMORY_BASE);
        assert_int_equal(open_descriptors(), descriptors);
        assert_int_equal(os_memory_stats().live_total_bytes, live_bytes);
    }
    assert_int_equal(result, RESULT_OK);
    assert_int_equal(failures, 2); // the first buffer and the one of exact size
}

static void an_interrupted_call_is_made_again(void **state)
{
    (void)state;
    put("old");
    for (unsigned n = 3; n <= 5; n++) { // open, write, fsync of the temporary file
        os_file_fail_at(n, EINTR);
        assert_int_equal(os_file_write(path, "new", 3, NULL), RESULT_OK);
        os_file_fail_at(0, 0);
    }
    expect_content("new");
}

static void folders_are_made_with_their_parents(void **state)
{
    (void)state;
    char deep[256];
    snprintf(deep, sizeof deep, "%s/a//b/c/", folder);
    assert_int_equal(os_file_make_directories(deep, NULL), RESULT_OK);
    assert_int_equal(os_file_make_directories(deep, NULL), RESULT_OK);
    assert_int_equal(os_file_make_directories("/", NULL), RESULT_OK);
    assert_true(os_file_exists(deep));
    put("a file in the way");
    ResultText text = {0};
    char below[256];
    snprintf(below, sizeof below, "%s/more", path);
    assert_int_equal(os_file_make_directories(below, &text), RESULT_NOT_FOUND);
    assert_int_equal(os_file_make_directories(path, &text), RESULT_NOT_FOUND);
    assert_non_null(strstr(text.text, path));
    assert_int_equal(os_file_make_directories("", &text), RESULT_NOT_FOUND);
    os_file_fail_at(1, ENOSPC);
    snprintf(deep, sizeof deep, "%s/new", folder);
    assert_int_equal(os_file_make_directories("new_folder_of_os_file_test", &text),
                     RESULT_NO_SPACE);
    snprintf(deep, sizeof deep, "rm -r '%s/a'", folder);
    assert_int_equal(system(deep), 0);
}

static void exists_and_can_write_say_what_would_happen(void **state)
{
    (void)state;
    assert_false(os_file_exists(path));
    assert_true(os_file_can_write(path));
    put("x");
    assert_true(os_file_exists(path));
    assert_true(os_file_can_write(path));
    assert_true(os_file_can_write("/dev/null"));
    assert_false(os_file_can_write(folder));
    assert_false(os_file_can_write("/nowhere/file"));
}

static void the_modification_time_moves_with_a_write(void **state)
{
    (void)state;
    assert_int_equal(os_file_modified_ns(path), 0);
    put("x");
    uint64_t written_ns = os_file_modified_ns(path);
    assert_true(written_ns > 1600000000u * UINT64_C(1000000000));
    struct timespec times[2] = {{.tv_sec = 5}, {.tv_sec = 7, .tv_nsec = 9}};
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    assert_int_equal(os_file_modified_ns(path), UINT64_C(7000000009));
}

#define TEST(name) cmocka_unit_test_setup(name, each_test_starts_empty)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_written_is_read_back),
        TEST(a_large_file_survives_the_round_trip),
        TEST(the_limit_is_met_exactly),
        TEST(a_file_without_a_stated_size_is_read_whole),
        TEST(reading_what_is_not_there_says_so),
        TEST(writing_where_it_cannot_be_says_why),
        TEST(a_full_disk_is_told_from_other_errors),
        TEST(a_device_is_written_and_not_replaced),
        TEST(behind_a_link_the_file_is_replaced_and_the_link_stays),
        TEST(a_name_of_full_length_can_be_written),
        TEST(a_temporary_file_left_by_a_crash_is_stepped_over),
        TEST(a_write_that_fails_anywhere_leaves_old_or_new_and_no_temporary),
        TEST(a_read_that_fails_anywhere_leaks_nothing),
        TEST(a_read_short_of_memory_fails_cleanly),
        TEST(an_interrupted_call_is_made_again),
        TEST(folders_are_made_with_their_parents),
        TEST(exists_and_can_write_say_what_would_happen),
        TEST(the_modification_time_moves_with_a_write),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
