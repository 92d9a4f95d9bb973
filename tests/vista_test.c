// Land that threads read together: each tile is made once, and who finds one being made goes on with the others.
#include "base/os_clock.h"
#include "base/os_thread.h"
#include "terrain/vista.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define SIDE (2 * VISTA_SIDE) // two tiles each way
#define TILES 4
#define PATIENCE_MS 20000

typedef struct Rig {
    Vista *vista;
    atomic_int begun, made;
    bool waits; // who makes the first tile, until the others are made
    float windows[2][SIDE * SIDE];
} Rig;

static Result fill(const void *object, int level, int64_t x, int64_t z, Arena *scratch,
                   float *out_m)
{
    (void)level;
    (void)scratch;
    Rig *rig = *(Rig *const *)object;
    int number = atomic_fetch_add(&rig->begun, 1);
    for (int ms = 0; rig->waits && number == 0 && atomic_load(&rig->made) < TILES - 1; ms++) {
        if (ms == PATIENCE_MS)
            return RESULT_LIMIT;
        os_clock_sleep_until_ns(os_clock_now_ns() + 1000000);
    }
    for (int i = 0; i < VISTA_SIDE * VISTA_SIDE; i++)
        out_m[i] = (float)((x + i % VISTA_SIDE) * 1000 + z + i / VISTA_SIDE);
    atomic_fetch_add(&rig->made, 1);
    return RESULT_OK;
}

static void read_window(Rig *rig, int which)
{
    VistaWindow window = {VISTA_LEVEL_MIN, 0, 0, SIDE, SIDE, rig->windows[which]};
    unsigned char memory[64];
    Arena none = {.memory = memory, .capacity_bytes = sizeof memory};
    assert_int_equal(vista_read(rig->vista, &window, 1, &none), RESULT_OK);
}

static void read_beside(void *object)
{
    Rig *rig = object;
    while (atomic_load(&rig->begun) == 0)
        os_clock_sleep_until_ns(os_clock_now_ns() + 100000);
    read_window(rig, 1);
}

static void test_two_threads_share_the_making(void **state)
{
    (void)state;
    static Rig rig;
    Rig *object = &rig;
    rig.waits = true;
    assert_int_equal(vista_create(&(VistaDesc){fill, &object}, &rig.vista), RESULT_OK);
    OsThread *beside = NULL;
    assert_int_equal(os_thread_create("beside", 0, read_beside, &rig, &beside), RESULT_OK);
    read_window(&rig, 0);
    os_thread_join(beside);
    assert_int_equal(atomic_load(&rig.begun), TILES);
    assert_memory_equal(rig.windows[0], rig.windows[1], sizeof rig.windows[0]);
    for (int i = 0; i < SIDE * SIDE; i++)
        assert_true(rig.windows[0][i] == (float)(i % SIDE * 1000 + i / SIDE));
    vista_destroy(rig.vista);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_two_threads_share_the_making)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
