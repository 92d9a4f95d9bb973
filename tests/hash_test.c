#include "base/hash.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

// Vectors of xxHash's own test suite (tests/sanity_test_vectors.h): its buffer is filled from
// 2654435761, squared-prime steps of 11400714785074694797, top byte each.
static void fill(uint8_t *out, size_t bytes)
{
    uint64_t value = 2654435761u;
    for (size_t i = 0; i < bytes; i++) {
        out[i] = (uint8_t)(value >> 56);
        value *= UINT64_C(11400714785074694797);
    }
}

static void bytes_hash_as_the_specification_says(void **state)
{
    (void)state;
    uint8_t data[256];
    fill(data, sizeof data);
    assert_true(hash_bytes(data, 0, 0) == UINT64_C(0x2D06800538D394C2));
    assert_true(hash_bytes(NULL, 0, 0) == UINT64_C(0x2D06800538D394C2));
    assert_true(hash_bytes(data, 1, 0) == UINT64_C(0xC44BDFF4074EECDB));
    assert_true(hash_bytes(data, 6, 0) == UINT64_C(0x27B56A84CD2D7325));
    assert_true(hash_bytes(data, 12, 0) == UINT64_C(0xA713DAF0DFBB77E7));
    assert_true(hash_bytes(data, 24, 0) == UINT64_C(0xA3FE70BF9D3510EB));
    assert_true(hash_bytes(data, 48, 0) == UINT64_C(0x397DA259ECBA1F11));
    assert_true(hash_bytes(data, 80, 0) == UINT64_C(0xBCDEFBBB2C47C90A));
    assert_true(hash_bytes(data, 195, 0) == UINT64_C(0xCD94217EE362EC3A));
}

static void the_seed_and_every_byte_count(void **state)
{
    (void)state;
    uint8_t data[100];
    fill(data, sizeof data);
    uint64_t hash = hash_bytes(data, sizeof data, 1);
    assert_true(hash != hash_bytes(data, sizeof data, 2));
    for (size_t i = 0; i < sizeof data; i++) {
        data[i] ^= 1;
        assert_true(hash != hash_bytes(data, sizeof data, 1));
        data[i] ^= 1;
    }
    assert_true(hash == hash_bytes(data, sizeof data, 1));
}

static void the_place_in_memory_does_not_count(void **state)
{
    (void)state;
    uint8_t data[64 + 301];
    fill(data, 301);
    uint64_t hash = hash_bytes(data, 301, 9);
    for (size_t shift = 1; shift < 8; shift++) {
        memmove(data + shift, data + shift - 1, 301);
        assert_true(hash == hash_bytes(data + shift, 301, 9));
    }
}

static uint64_t undo_shift(uint64_t value, int bits)
{
    uint64_t result = value;
    for (int done = bits; done < 64; done += bits)
        result = value ^ (result >> bits);
    return result;
}

// Inverse of an odd number modulo 2^64 by Newton's method.
static uint64_t inverse(uint64_t odd)
{
    uint64_t x = odd;
    for (int i = 0; i < 6; i++)
        x *= 2 - odd * x;
    return x;
}

static void the_mix_can_be_undone_so_no_two_values_meet(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 1000; i++) {
        uint64_t value = i * UINT64_C(0x123456789ABCDEF) + i;
        uint64_t x = undo_shift(hash_u64(value), 31) * inverse(0x94D049BB133111EBu);
        x = undo_shift(x, 27) * inverse(0xBF58476D1CE4E5B9u);
        assert_true(undo_shift(x, 30) == value);
    }
}

static void the_mix_flips_about_half_of_the_bits(void **state)
{
    (void)state;
    for (int bit = 0; bit < 64; bit++) {
        int flipped = 0;
        for (uint64_t i = 1; i <= 256; i++)
            flipped += __builtin_popcountll(hash_u64(i) ^ hash_u64(i ^ (UINT64_C(1) << bit)));
        assert_in_range(flipped, 256 * 28, 256 * 36);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_hash_as_the_specification_says),
        cmocka_unit_test(the_seed_and_every_byte_count),
        cmocka_unit_test(the_place_in_memory_does_not_count),
        cmocka_unit_test(the_mix_can_be_undone_so_no_two_values_meet),
        cmocka_unit_test(the_mix_flips_about_half_of_the_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
