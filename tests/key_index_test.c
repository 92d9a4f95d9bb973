#include "base/key_index.h"
#include "base/rng.h"
#include "dies.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>

#define CAPACITY 24 // 64 cells
#define FUZZ_SEED UINT64_C(17)
#define FUZZ_STEPS 50000

static KeyIndex table;

static int begin(void **state)
{
    (void)state;
    return key_index_create(CAPACITY, OS_MEMORY_TABLES, &table) == RESULT_OK ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    key_index_destroy(&table);
    return 0;
}

// Times that a walk over `hash` meets `slot`.
static int met(uint64_t hash, uint32_t slot)
{
    int count = 0;
    uint32_t step = 0;
    for (;;) {
        uint32_t next = key_index_next(&table, hash, &step);
        if (next == KEY_INDEX_NONE)
            return count;
        count += next == slot;
    }
}

static void a_slot_is_found_by_its_hash_alone(void **state)
{
    (void)state;
    uint32_t step = 0;
    assert_int_equal(key_index_next(&table, 5, &step), KEY_INDEX_NONE);
    key_index_add(&table, 5, 9);
    assert_int_equal(met(5, 9), 1);
    // The same cell of 64, another hash: not even worth a look.
    step = 0;
    assert_int_equal(key_index_next(&table, 5 + 64, &step), KEY_INDEX_NONE);
    key_index_remove(&table, 5, 9);
    assert_int_equal(met(5, 9), 0);
}

static void keys_of_one_hash_are_all_met(void **state)
{
    (void)state;
    for (uint32_t slot = 0; slot < CAPACITY; slot++)
        key_index_add(&table, UINT64_MAX, slot); // from the last cell on, round to the first
    for (uint32_t slot = 0; slot < CAPACITY; slot += 2)
        key_index_remove(&table, UINT64_MAX, slot);
    for (uint32_t slot = 0; slot < CAPACITY; slot++)
        assert_int_equal(met(UINT64_MAX, slot), slot % 2);
}

// Random adds and removals against a plain list; hashes so few and so near that runs meet, wrap and repeat.
static void after_any_adds_and_removals_the_right_slots_are_met(void **state)
{
    (void)state;
    uint64_t hashes[CAPACITY] = {0};
    bool held[CAPACITY] = {0};
    for (uint64_t step = 0; step < FUZZ_STEPS; step++) {
        uint32_t slot = (uint32_t)(rng_u64(FUZZ_SEED, 1, step) % CAPACITY);
        if (held[slot]) {
            key_index_remove(&table, hashes[slot], slot);
        } else {
            uint64_t dice = rng_u64(FUZZ_SEED, 2, step);
            hashes[slot] = 58 + dice % 10 + 64 * (dice / 10 % 2);
            key_index_add(&table, hashes[slot], slot);
        }
        held[slot] = !held[slot];
        for (uint32_t i = 0; i < CAPACITY; i++)
            assert_int_equal(met(hashes[i], i), held[i]);
    }
}

static void add_one_too_many(void)
{
    for (uint32_t slot = 0; slot <= CAPACITY; slot++)
        key_index_add(&table, slot, slot % CAPACITY);
}

static void remove_what_is_not_there(void)
{
    key_index_add(&table, 1, 1);
    key_index_remove(&table, 1, 2);
}

static void misuse_is_a_bug(void **state)
{
    (void)state;
    assert_true(dies(add_one_too_many));
    assert_true(dies(remove_what_is_not_there));
}

static void it_allocates_once_and_fails_cleanly(void **state)
{
    (void)state;
    KeyIndex other;
    OsMemoryStats before = os_memory_stats();
    for (uint32_t slot = 0; slot < CAPACITY; slot++)
        key_index_add(&table, slot * UINT64_C(0x9E3779B97F4A7C15), slot);
    assert_int_equal(os_memory_stats().allocation_count, before.allocation_count);
    os_memory_fail_at(1, 0);
    assert_int_equal(key_index_create(1, OS_MEMORY_TABLES, &other), RESULT_OUT_OF_MEMORY);
    os_memory_fail_at(0, 0);
    key_index_destroy(&other);
    assert_int_equal(key_index_create(1, OS_MEMORY_TABLES, &other), RESULT_OK);
    key_index_destroy(&other);
    assert_int_equal(os_memory_stats().live_total_bytes, before.live_total_bytes);
}

#define INDEX_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        INDEX_TEST(a_slot_is_found_by_its_hash_alone),
        INDEX_TEST(keys_of_one_hash_are_all_met),
        INDEX_TEST(after_any_adds_and_removals_the_right_slots_are_met),
        INDEX_TEST(misuse_is_a_bug),
        INDEX_TEST(it_allocates_once_and_fails_cleanly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
