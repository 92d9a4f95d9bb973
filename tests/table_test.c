#include "base/hash.h"
#include "base/rng.h"
#include "base/table.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dies.h"
#include <string.h>

#define KEYS 512

// The caller's side: values are indices into an array of keys.
typedef struct Keys {
    uint64_t keys[KEYS];
} Keys;

static bool same_key(const void *object, const void *key, uint32_t value)
{
    const Keys *keys = object;
    return keys->keys[value] == *(const uint64_t *)key;
}

static Keys numbered_keys(void)
{
    Keys keys;
    for (uint64_t i = 0; i < KEYS; i++)
        keys.keys[i] = i;
    return keys;
}

static Table *make(uint32_t capacity, const Keys *keys)
{
    Table *table;
    assert_int_equal(table_create(capacity, OS_MEMORY_TABLES, same_key, keys, &table), RESULT_OK);
    return table;
}

static void finds_what_was_inserted_and_nothing_else(void **state)
{
    (void)state;
    Keys keys = numbered_keys();
    Table *table = make(KEYS, &keys);
    for (uint32_t i = 0; i < KEYS; i += 2)
        assert_true(table_try_insert(table, hash_u64(i), &keys.keys[i], i));
    for (uint32_t i = 0; i < KEYS; i++) {
        uint32_t value = 999999;
        assert_int_equal(table_find(table, hash_u64(i), &keys.keys[i], &value), i % 2 == 0);
        assert_int_equal(value, i % 2 == 0 ? i : 999999);
        assert_int_equal(table_find(table, hash_u64(i), &keys.keys[i], NULL), i % 2 == 0);
    }
    assert_int_equal(table_stats(table).count, KEYS / 2);
    table_destroy(table);
}

static void a_full_table_refuses_and_counts_it(void **state)
{
    (void)state;
    Keys keys = numbered_keys();
    for (uint32_t capacity = 1; capacity <= 9; capacity++) {
        Table *table = make(capacity, &keys);
        for (uint32_t i = 0; i < capacity; i++)
            assert_true(table_try_insert(table, hash_u64(i), &keys.keys[i], i));
        assert_false(table_try_insert(table, hash_u64(100), &keys.keys[100], 100));
        assert_false(table_find(table, hash_u64(100), &keys.keys[100], NULL));
        assert_int_equal(table_stats(table).refused, 1);
        assert_int_equal(table_stats(table).count, capacity);
        assert_true(table_remove(table, hash_u64(0), &keys.keys[0], NULL));
        assert_true(table_try_insert(table, hash_u64(100), &keys.keys[100], 100));
        table_destroy(table);
    }
}

static void equal_hashes_are_told_apart_by_key(void **state)
{
    (void)state;
    Keys keys = numbered_keys();
    Table *table = make(64, &keys);
    for (uint32_t i = 0; i < 64; i++)
        assert_true(table_try_insert(table, 7, &keys.keys[i], i));
    for (uint32_t i = 0; i < 64; i += 3)
        assert_true(table_remove(table, 7, &keys.keys[i], NULL));
    for (uint32_t i = 0; i < 64; i++) {
        uint32_t value = 999;
        assert_int_equal(table_find(table, 7, &keys.keys[i], &value), i % 3 != 0);
        assert_int_equal(value, i % 3 != 0 ? i : 999);
    }
    table_destroy(table);
}

// Hashes from a small set pile up into long runs that wrap around the end: the hard case of
// deletion by backward shift. A plain array of flags says what must be there.
static void agrees_with_a_plain_model_over_many_changes(void **state)
{
    (void)state;
    Keys keys = numbered_keys();
    for (uint64_t crowd = 1; crowd <= 256; crowd *= 4) {
        Table *table = make(100, &keys);
        bool present[KEYS] = {false};
        uint32_t count = 0;
        for (uint64_t n = 0; n < 20000; n++) {
            uint32_t i = (uint32_t)(rng_u64(42, crowd, n) % 160);
            uint64_t hash = (uint64_t)(i % crowd) << 56;
            uint32_t value = 0;
            if (present[i]) {
                assert_true(table_remove(table, hash, &keys.keys[i], &value));
                assert_int_equal(value, i);
                present[i] = false;
                count--;
            } else if (table_try_insert(table, hash, &keys.keys[i], i)) {
                present[i] = true;
                count++;
            } else {
                assert_int_equal(count, 100);
                assert_false(table_remove(table, hash, &keys.keys[i], NULL));
            }
            uint32_t k = (uint32_t)(n % 160);
            assert_int_equal(table_find(table, (uint64_t)(k % crowd) << 56, &keys.keys[k], NULL),
                             present[k]);
            assert_int_equal(table_stats(table).count, count);
        }
        assert_in_range(table_stats(table).count_max, 50, 100);
        table_destroy(table);
    }
}

static void clear_empties_it(void **state)
{
    (void)state;
    Keys keys = numbered_keys();
    Table *table = make(10, &keys);
    assert_true(table_try_insert(table, 1, &keys.keys[1], 1));
    table_clear(table);
    assert_false(table_find(table, 1, &keys.keys[1], NULL));
    assert_int_equal(table_stats(table).count, 0);
    assert_true(table_try_insert(table, 1, &keys.keys[1], 1));
    table_destroy(table);
}

static void memory_comes_at_create_only_and_goes_back(void **state)
{
    (void)state;
    Keys keys = numbered_keys();
    Table *table;
    OsMemoryStats before = os_memory_stats();
    os_memory_fail_at(1, 0);
    assert_int_equal(table_create(50, OS_MEMORY_TABLES, same_key, &keys, &table),
                     RESULT_OUT_OF_MEMORY);
    assert_null(table);
    table = make(50, &keys);
    OsMemoryStats made = os_memory_stats();
    assert_int_equal(made.live_bytes[OS_MEMORY_TABLES] - before.live_bytes[OS_MEMORY_TABLES],
                     table_stats(table).bytes);
    for (uint32_t i = 0; i < 50; i++)
        assert_true(table_try_insert(table, hash_u64(i), &keys.keys[i], i));
    assert_int_equal(os_memory_stats().allocation_count, made.allocation_count);
    table_destroy(table);
    table_destroy(NULL);
    assert_int_equal(os_memory_stats().live_total_bytes, before.live_total_bytes);
}

static void insert_twice(void)
{
    Keys keys = numbered_keys();
    Table *table;
    if (table_create(4, OS_MEMORY_TABLES, same_key, &keys, &table) == RESULT_OK &&
        table_try_insert(table, 1, &keys.keys[1], 1))
        (void)table_try_insert(table, 1, &keys.keys[1], 1);
}

static void inserting_a_key_twice_asserts(void **state)
{
    (void)state;
    assert_true(dies(insert_twice));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_was_inserted_and_nothing_else),
        cmocka_unit_test(a_full_table_refuses_and_counts_it),
        cmocka_unit_test(equal_hashes_are_told_apart_by_key),
        cmocka_unit_test(agrees_with_a_plain_model_over_many_changes),
        cmocka_unit_test(clear_empties_it),
        cmocka_unit_test(memory_comes_at_create_only_and_goes_back),
        cmocka_unit_test(inserting_a_key_twice_asserts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
