#include "base/log.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct Caught {
    int count;
    LogLevel level;
    char text[4096];
} Caught;

static void catch_line(void *object, LogLevel level, const char *text)
{
    Caught *caught = object;
    caught->count++;
    caught->level = level;
    snprintf(caught->text, sizeof caught->text, "%s", text);
}

static void lines_above_the_level_are_quiet(void **state)
{
    (void)state;
    Caught caught = {0};
    log_set_sink(catch_line, &caught);
    log_set_level(LOG_WARN);
    log_info("not this");
    log_debug("nor this");
    assert_int_equal(caught.count, 0);
    log_warn("chunk %d", 3);
    assert_int_equal(caught.count, 1);
    assert_int_equal(caught.level, LOG_WARN);
    assert_string_equal(caught.text, "chunk 3");
    log_set_level(LOG_DEBUG);
    log_debug("now");
    assert_int_equal(caught.count, 2);
    log_set_sink(NULL, NULL);
}

static void a_text_stays_one_line_and_is_cut(void **state)
{
    (void)state;
    Caught caught = {0};
    log_set_sink(catch_line, &caught);
    log_set_level(LOG_INFO);
    log_info("a\nb\rc\033[0m\x7F");
    assert_string_equal(caught.text, "a b c [0m ");
    char wide[3000];
    memset(wide, 'x', sizeof wide - 1);
    wide[sizeof wide - 1] = 0;
    log_info("%s", wide);
    assert_true(strlen(caught.text) >= 512 && strlen(caught.text) < 2048);
    log_set_sink(NULL, NULL);
}

// Reads what one call puts on stderr; a pipe in packet mode would show two writes as two reads.
static void stderr_gets_one_whole_line_in_one_write(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe2(ends, O_DIRECT), 0);
    int before = dup(STDERR_FILENO);
    dup2(ends[1], STDERR_FILENO);
    log_set_level(LOG_INFO);
    errno = ERANGE;
    log_error("no %s", "space");
    int errno_after = errno;
    dup2(before, STDERR_FILENO);
    close(before);
    close(ends[1]);
    char text[256] = {0};
    ssize_t count = read(ends[0], text, sizeof text - 1);
    assert_string_equal(text, "arete: error: no space\n");
    assert_int_equal(count, strlen(text));
    assert_int_equal(read(ends[0], text, sizeof text), 0);
    close(ends[0]);
    assert_int_equal(errno_after, ERANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_above_the_level_are_quiet),
        cmocka_unit_test(a_text_stays_one_line_and_is_cut),
        cmocka_unit_test(stderr_gets_one_whole_line_in_one_write),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
