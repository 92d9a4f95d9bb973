#include "base/os_exit.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static int exit_code_of(void (*call)(void))
{
    pid_t child = fork();
    if (child == 0) {
        call();
        exit(1);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int code_at(void *object)
{
    return *(int *)object;
}

static int five = 5, seven = 7;

static void arm(void)
{
    os_exit_arm(code_at, &five);
}

static void arm_twice(void)
{
    os_exit_arm(code_at, &five);
    os_exit_arm(code_at, &seven);
}

static void arm_and_disarm(void)
{
    os_exit_arm(code_at, &five);
    os_exit_disarm();
}

static void arm_anew(void)
{
    arm_and_disarm();
    os_exit_arm(code_at, &seven);
}

static void an_exit_takes_the_code_of_the_last_word(void **state)
{
    (void)state;
    assert_int_equal(exit_code_of(arm), 5);
    assert_int_equal(exit_code_of(arm_twice), 7);
    assert_int_equal(exit_code_of(arm_anew), 7);
}

static void an_exit_after_disarm_keeps_its_code(void **state)
{
    (void)state;
    assert_int_equal(exit_code_of(arm_and_disarm), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_exit_takes_the_code_of_the_last_word),
        cmocka_unit_test(an_exit_after_disarm_keeps_its_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
