#include "png_file.h"
#include "base/os_file.h"
#include <assert.h>
#include <spng.h>
#include <stdlib.h>
#include <string.h>

static Result png_fail(const char *path, int error, ResultText *text)
{
    return result_fail(text, error == SPNG_EMEM ? RESULT_OUT_OF_MEMORY : RESULT_IO,
                       "%.200s: the picture could not be packed: %s", path, spng_strerror(error));
}

static int set_texts(spng_ctx *context, const PngFileImage *image)
{
    struct spng_text texts[PNG_FILE_TEXTS_MAX];
    assert(image->text_count <= PNG_FILE_TEXTS_MAX);
    memset(texts, 0, sizeof texts);
    for (int i = 0; i < image->text_count; i++) {
        const PngFileText *from = &image->texts[i];
        assert(strlen(from->keyword) < sizeof texts[i].keyword);
        strncpy(texts[i].keyword, from->keyword, sizeof texts[i].keyword - 1);
        texts[i].type = SPNG_TEXT;
        texts[i].length = strlen(from->text);
        // The library only reads it, though its struct serves reading files as well.
        texts[i].text = (char *)(uintptr_t)from->text;
    }
    return image->text_count ? spng_set_text(context, texts, (uint32_t)image->text_count) : 0;
}

static size_t pixel_bytes(PngFileKind kind)
{
    return kind == PNG_FILE_RGB8 ? 3 : kind == PNG_FILE_RGBA8 ? 4 : 2;
}

static int encode(spng_ctx *context, const PngFileImage *image)
{
    static const uint8_t colours[] = {
        [PNG_FILE_RGB8] = SPNG_COLOR_TYPE_TRUECOLOR,
        [PNG_FILE_RGBA8] = SPNG_COLOR_TYPE_TRUECOLOR_ALPHA,
        [PNG_FILE_GRAY16] = SPNG_COLOR_TYPE_GRAYSCALE,
    };
    struct spng_ihdr header = {
        .width = image->width,
        .height = image->height,
        .bit_depth = image->kind == PNG_FILE_GRAY16 ? 16 : 8,
        .color_type = colours[image->kind],
    };
    size_t bytes = pixel_bytes(image->kind) * image->width * image->height;
    int error = spng_set_option(context, SPNG_ENCODE_TO_BUFFER, 1);
    if (!error)
        error = spng_set_ihdr(context, &header);
    if (!error)
        error = set_texts(context, image);
    if (!error)
        error =
            spng_encode_image(context, image->pixels, bytes, SPNG_FMT_PNG, SPNG_ENCODE_FINALIZE);
    return error;
}

Result png_file_write(const char *path, const PngFileImage *image, ResultText *text)
{
    assert(path && image && image->pixels && image->width > 0 && image->height > 0);
    spng_ctx *context = spng_ctx_new(SPNG_CTX_ENCODER);
    if (!context)
        return png_fail(path, SPNG_EMEM, text);
    int error = encode(context, image);
    size_t bytes = 0;
    void *data = error ? NULL : spng_get_png_buffer(context, &bytes, &error);
    Result result = data ? os_file_write(path, data, bytes, text) : png_fail(path, error, text);
    free(data); // spng's own buffer, from the C heap
    spng_ctx_free(context);
    return result;
}

void png_file_flip(void *pixels, uint32_t row_bytes, uint32_t rows)
{
    assert(pixels || rows == 0);
    uint8_t *low = pixels;
    for (uint32_t i = 0, j = rows - 1; rows > 1 && i < j; i++, j--) {
        for (uint32_t k = 0; k < row_bytes; k++) {
            uint8_t swap = low[(size_t)i * row_bytes + k];
            low[(size_t)i * row_bytes + k] = low[(size_t)j * row_bytes + k];
            low[(size_t)j * row_bytes + k] = swap;
        }
    }
}
