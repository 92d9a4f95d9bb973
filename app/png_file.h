// Purpose: writes pictures and height fields as PNG with text chunks, whole or not at all.
// Owns: nothing.
// Threads: any.
// Fails: with a Result and a text that names the path; no half file is left.
#pragma once
#include "base/result.h"
#include <stddef.h>
#include <stdint.h>

typedef enum PngFileKind { PNG_FILE_RGB8, PNG_FILE_RGBA8, PNG_FILE_GRAY16 } PngFileKind;

typedef struct PngFileText {
    const char *keyword; // 1-79 characters of Latin-1
    const char *text;
} PngFileText;

typedef struct PngFileImage {
    PngFileKind kind;
    uint32_t width, height;
    const void *pixels; // rows from the top without gaps; 16-bit samples in the machine's order
    const PngFileText *texts;
    int text_count; // at most 16
} PngFileImage;

#define PNG_FILE_TEXTS_MAX 16

RESULT_MUST Result png_file_write(const char *path, const PngFileImage *image, ResultText *text);

// Rows of `pixels` the other way up, in place: GL's pictures begin at the bottom.
void png_file_flip(void *pixels, uint32_t row_bytes, uint32_t rows);
