// The account of a tick, wall time from a fake clock and CPU time from the real one.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/os_clock.h"
#include "base/rng.h"
#include "dies.h"
#include "fake_clock.h"
#include "profile/ledger.h"
#include <string.h>
#include <sys/mman.h>

static int start(void **state)
{
    (void)state;
    fake_clock_begin(1000000);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    fake_clock_end();
    return 0;
}

static void burn(uint64_t cpu_ns)
{
    uint64_t end_ns = os_clock_thread_cpu_ns() + cpu_ns;
    while (os_clock_thread_cpu_ns() < end_ns) {
    }
}

static void assert_sums(const Ledger *ledger)
{
    uint64_t cpu_ns = 0, wall_ns = 0, stream_cpu_ns = 0, stream_wall_ns = 0;
    for (int row = 0; row < LEDGER_ROW_COUNT; ++row) {
        cpu_ns += ledger->cpu_ns[row];
        wall_ns += ledger->wall_ns[row];
        if (ledger_row_is_stream((LedgerRow)row)) {
            stream_cpu_ns += ledger->cpu_ns[row];
            stream_wall_ns += ledger->wall_ns[row];
        }
    }
    assert_int_equal(cpu_ns, ledger->tick_cpu_ns);
    assert_int_equal(wall_ns, ledger->tick_wall_ns);
    assert_int_equal(stream_cpu_ns, ledger->stream_cpu_ns);
    assert_int_equal(stream_wall_ns, ledger->stream_wall_ns);
}

static void test_ledger_rows_and_unexplained_sum_exactly_to_the_tick(void **state)
{
    (void)state;
    for (uint64_t tick = 0; tick < 200; ++tick) {
        LedgerPen pen;
        ledger_begin_tick(&pen);
        for (uint64_t step = 0; step < 30; ++step) {
            uint64_t dice = rng_u64(7, tick, step);
            fake_clock_ns += dice % 1000;
            ledger_begin(&pen, (LedgerRow)(dice % LEDGER_UNEXPLAINED));
            fake_clock_ns += dice / 1000 % 1000;
            if (dice >> 40 & 1) {
                ledger_end(&pen);
            }
        }
        fake_clock_ns += 13;
        Ledger ledger = ledger_end_tick(&pen);
        assert_sums(&ledger);
        assert_true(ledger.tick_cpu_ns > 0);
    }
}

static void test_ledger_puts_time_where_it_was_spent(void **state)
{
    (void)state;
    LedgerPen pen;
    ledger_begin_tick(&pen);
    fake_clock_ns += 5;
    ledger_begin(&pen, LEDGER_PLAN);
    fake_clock_ns += 10;
    ledger_begin(&pen, LEDGER_SUBMIT);
    fake_clock_ns += 100;
    ledger_begin(&pen, LEDGER_PLAN); // a second time: adds up
    fake_clock_ns += 1000;
    ledger_end(&pen);
    fake_clock_ns += 10000;
    Ledger ledger = ledger_end_tick(&pen);
    assert_int_equal(ledger.wall_ns[LEDGER_PLAN], 1010);
    assert_int_equal(ledger.wall_ns[LEDGER_SUBMIT], 100);
    assert_int_equal(ledger.wall_ns[LEDGER_UNEXPLAINED], 10005);
    assert_int_equal(ledger.tick_wall_ns, 11115);
    assert_int_equal(ledger.stream_wall_ns, 1010);
    assert_sums(&ledger);
}

static void test_ledger_cpu_time_belongs_to_the_row_that_worked(void **state)
{
    (void)state;
    LedgerPen pen;
    ledger_begin_tick(&pen);
    ledger_begin(&pen, LEDGER_UPLOAD);
    burn(2000000);
    ledger_begin(&pen, LEDGER_SELECT);
    ledger_end(&pen);
    burn(1000000);
    Ledger ledger = ledger_end_tick(&pen);
    assert_true(ledger.cpu_ns[LEDGER_UPLOAD] >= 2000000);
    assert_true(ledger.cpu_ns[LEDGER_SELECT] < 1000000);
    assert_true(ledger.cpu_ns[LEDGER_UNEXPLAINED] >= 1000000);
    assert_int_equal(ledger.stream_cpu_ns, ledger.cpu_ns[LEDGER_UPLOAD]);
    assert_int_equal(ledger.wall_ns[LEDGER_UPLOAD], 0); // the fake clock stood still
    assert_sums(&ledger);
}

static void test_ledger_keeps_the_largest_item_of_a_row(void **state)
{
    (void)state;
    LedgerPen pen;
    ledger_begin_tick(&pen);
    ledger_begin(&pen, LEDGER_UPLOAD);
    ledger_item(&pen, "heights", 1, 50);
    ledger_item(&pen, "surface", 2, 70);
    ledger_item(&pen, "tint", 3, 60);
    ledger_begin(&pen, LEDGER_EVICT);
    ledger_item(&pen, "free", 4, 0);
    Ledger ledger = ledger_end_tick(&pen);
    assert_string_equal(ledger.largest[LEDGER_UPLOAD].name, "surface");
    assert_int_equal(ledger.largest[LEDGER_UPLOAD].key, 2);
    assert_int_equal(ledger.largest[LEDGER_UPLOAD].cpu_ns, 70);
    assert_string_equal(ledger.largest[LEDGER_EVICT].name, "free");
    assert_null(ledger.largest[LEDGER_PLAN].name);
}

static void test_ledger_counts_switches_and_faults_in_stream_rows_only(void **state)
{
    (void)state;
    fake_clock_end();
    LedgerPen pen;
    ledger_begin_tick(&pen);
    ledger_begin(&pen, LEDGER_PRESENT);
    os_clock_sleep_until_ns(os_clock_now_ns() + 1000000);
    ledger_begin(&pen, LEDGER_UPLOAD); // from no stream row into one
    ledger_begin(&pen, LEDGER_UI);
    os_clock_sleep_until_ns(os_clock_now_ns() + 1000000);
    Ledger ledger = ledger_end_tick(&pen);
    assert_int_equal(ledger.stream_usage.voluntary_switches, 0);

    ledger_begin_tick(&pen);
    ledger_begin(&pen, LEDGER_PLAN);
    os_clock_sleep_until_ns(os_clock_now_ns() + 1000000);
    ledger_begin(&pen, LEDGER_COLLECT); // from one stream row into another
    os_clock_sleep_until_ns(os_clock_now_ns() + 1000000);
    size_t bytes = 64 * 4096;
    void *fresh = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(fresh != MAP_FAILED);
    memset(fresh, 1, bytes);
    munmap(fresh, bytes);
    ledger = ledger_end_tick(&pen);
    assert_true(ledger.stream_usage.voluntary_switches >= 2);
    assert_true(ledger.stream_usage.page_faults >= 1); // pages may be larger
}

static void test_ledger_starts_every_tick_from_nothing(void **state)
{
    (void)state;
    LedgerPen pen;
    ledger_begin_tick(&pen);
    ledger_begin(&pen, LEDGER_UI);
    ledger_item(&pen, "page", 1, 9);
    fake_clock_ns += 77;
    (void)ledger_end_tick(&pen);
    fake_clock_ns += 1000000; // sleeping for pace lies between two ticks
    ledger_begin_tick(&pen);
    Ledger ledger = ledger_end_tick(&pen);
    assert_int_equal(ledger.wall_ns[LEDGER_UI], 0);
    assert_int_equal(ledger.tick_wall_ns, 0);
    assert_null(ledger.largest[LEDGER_UI].name);
}

static void test_ledger_names_its_rows_and_knows_the_stream(void **state)
{
    (void)state;
    assert_string_equal(ledger_row_name(LEDGER_GL_WAIT), "gl_wait");
    assert_string_equal(ledger_row_name(LEDGER_UNEXPLAINED), "unexplained");
    int streams = 0;
    for (int row = 0; row < LEDGER_ROW_COUNT; ++row) {
        streams += ledger_row_is_stream((LedgerRow)row);
    }
    assert_int_equal(streams, 5);
    assert_true(ledger_row_is_stream(LEDGER_BUILD_APPLY));
    assert_false(ledger_row_is_stream(LEDGER_GL_WAIT));
}

static void end_without_a_row(void)
{
    LedgerPen pen;
    ledger_begin_tick(&pen);
    ledger_end(&pen);
}

static void begin_unexplained(void)
{
    LedgerPen pen;
    ledger_begin_tick(&pen);
    ledger_begin(&pen, LEDGER_UNEXPLAINED);
}

static void note_outside_a_row(void)
{
    LedgerPen pen;
    ledger_begin_tick(&pen);
    ledger_item(&pen, "lost", 0, 1);
}

static void test_ledger_misuse_dies(void **state)
{
    (void)state;
    assert_true(dies(end_without_a_row));
    assert_true(dies(begin_unexplained));
    assert_true(dies(note_outside_a_row));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_ledger_rows_and_unexplained_sum_exactly_to_the_tick,
                                        start, stop),
        cmocka_unit_test_setup_teardown(test_ledger_puts_time_where_it_was_spent, start, stop),
        cmocka_unit_test_setup_teardown(test_ledger_cpu_time_belongs_to_the_row_that_worked, start,
                                        stop),
        cmocka_unit_test_setup_teardown(test_ledger_keeps_the_largest_item_of_a_row, start, stop),
        cmocka_unit_test_setup_teardown(test_ledger_counts_switches_and_faults_in_stream_rows_only,
                                        start, stop),
        cmocka_unit_test_setup_teardown(test_ledger_starts_every_tick_from_nothing, start, stop),
        cmocka_unit_test_setup_teardown(test_ledger_names_its_rows_and_knows_the_stream, start,
                                        stop),
        cmocka_unit_test_setup_teardown(test_ledger_misuse_dies, start, stop),
    };
    return cmocka_run_group_tests_name("ledger", tests, NULL, NULL);
}
