#include "base/os_file.h"
#include "base/os_memory.h"
#include "png_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <spng.h>
#include <string.h>
#include <unistd.h>

#define PATH "/tmp/arete_png_file_test.png"

static void decode(enum spng_format format, void *pixels, size_t bytes, struct spng_text *texts,
                   uint32_t *text_count, struct spng_ihdr *header)
{
    static char kept[4][64];
    uint8_t *data = NULL;
    size_t data_bytes = 0;
    assert_int_equal(os_file_read(PATH, 1 << 20, &data, &data_bytes, NULL), RESULT_OK);
    spng_ctx *context = spng_ctx_new(0);
    assert_int_equal(spng_set_png_buffer(context, data, data_bytes), 0);
    assert_int_equal(spng_get_ihdr(context, header), 0);
    assert_int_equal(spng_decode_image(context, pixels, bytes, (int)format, 0), 0);
    if (texts) {
        assert_int_equal(spng_get_text(context, NULL, text_count), 0);
        assert_int_equal(*text_count, 2);
        assert_int_equal(spng_get_text(context, texts, text_count), 0);
        for (uint32_t i = 0; i < *text_count; i++) {
            strncpy(kept[i], texts[i].text, sizeof kept[i] - 1);
            texts[i].text = kept[i];
        }
    }
    spng_ctx_free(context);
    os_memory_free(data, data_bytes + 1, OS_MEMORY_BASE);
}

static void pictures_and_texts_come_back(void **state)
{
    (void)state;
    uint8_t pixels[2 * 3 * 3], again[sizeof pixels];
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (uint8_t)(i * 13);
    const PngFileText texts[] = {{"Software", "Arete"}, {"Seed", "42"}};
    PngFileImage image = {PNG_FILE_RGB8, 2, 3, pixels, texts, 2};
    assert_int_equal(png_file_write(PATH, &image, NULL), RESULT_OK);
    struct spng_text read[4];
    uint32_t count = 0;
    struct spng_ihdr header;
    decode(SPNG_FMT_RGB8, again, sizeof again, read, &count, &header);
    assert_int_equal(header.width, 2);
    assert_int_equal(header.height, 3);
    assert_memory_equal(pixels, again, sizeof pixels);
    assert_string_equal(read[0].keyword, "Software");
    assert_string_equal(read[0].text, "Arete");
    assert_string_equal(read[1].text, "42");
    unlink(PATH);
}

static void sixteen_bits_keep_every_value(void **state)
{
    (void)state;
    uint16_t pixels[4] = {0, 1, 0x1234, 0xffff}, again[4];
    PngFileImage image = {PNG_FILE_GRAY16, 4, 1, pixels, NULL, 0};
    assert_int_equal(png_file_write(PATH, &image, NULL), RESULT_OK);
    struct spng_ihdr header;
    decode(SPNG_FMT_RAW, again, sizeof again, NULL, NULL, &header);
    assert_int_equal(header.bit_depth, 16);
    for (int i = 0; i < 4; i++)
        assert_int_equal(__builtin_bswap16(again[i]), pixels[i]);
    unlink(PATH);
}

static void a_full_disk_leaves_no_file(void **state)
{
    (void)state;
    uint8_t pixels[4] = {1, 2, 3, 4};
    PngFileImage image = {PNG_FILE_RGBA8, 1, 1, pixels, NULL, 0};
    unsigned failed = 0;
    for (unsigned nth = 1; nth < 32; nth++) {
        os_file_fail_at(nth, ENOSPC);
        ResultText why = {0};
        Result result = png_file_write(PATH, &image, &why);
        os_file_fail_at(0, 0);
        if (result == RESULT_OK)
            break;
        failed++;
        assert_non_null(strstr(why.text, PATH));
        unlink(PATH);
    }
    assert_true(failed >= 2);
    assert_true(os_file_exists(PATH));
    unlink(PATH);
}

static void flip_turns_rows_over(void **state)
{
    (void)state;
    uint8_t odd[6] = {1, 2, 3, 4, 5, 6}, none[1] = {9};
    png_file_flip(odd, 2, 3);
    assert_memory_equal(odd, ((uint8_t[]){5, 6, 3, 4, 1, 2}), 6);
    png_file_flip(none, 1, 1);
    png_file_flip(NULL, 4, 0);
    assert_int_equal(none[0], 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures_and_texts_come_back),
        cmocka_unit_test(sixteen_bits_keep_every_value),
        cmocka_unit_test(a_full_disk_leaves_no_file),
        cmocka_unit_test(flip_turns_rows_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
