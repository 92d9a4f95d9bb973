#include "render/gl_program.h"

#include "base/log.h"
#include "base/os_file.h"
#include "base/os_memory.h"
#include "render/shader_data.h"
#include <assert.h>
#include <ctype.h>
#include <glad/gl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SOURCE_BYTES_MAX (192u * 1024u)
#define FILE_BYTES_MAX (64u * 1024u)
#define INCLUDE_DEPTH_MAX 4
#define LOG_BYTES_MAX 4096
#define PATH_BYTES_MAX 1024

static const char *const sampler_names[] = {
#define SAMPLER_NAME(name, text) text,
    GL_PROGRAM_SAMPLER_LIST(SAMPLER_NAME)
#undef SAMPLER_NAME
};

// One shader's text as it grows, and the files that went into it.
typedef struct Source {
    char *text; // SOURCE_BYTES_MAX
    size_t used_bytes;
    const char *directory; // NULL: embedded
    char (*files)[GL_PROGRAM_NAME_MAX];
    int *file_count;
    int seen[GL_PROGRAM_FILES_MAX]; // files already in this text
    int seen_count;
} Source;

static Result append(Source *source, const char *text, size_t bytes, ResultText *error)
{
    if (source->used_bytes + bytes + 1 > SOURCE_BYTES_MAX)
        return result_fail(error, RESULT_LIMIT, "a shader with its includes is over %u KiB",
                           SOURCE_BYTES_MAX / 1024);
    memcpy(source->text + source->used_bytes, text, bytes);
    source->used_bytes += bytes;
    source->text[source->used_bytes] = 0;
    return RESULT_OK;
}

static Result append_line_mark(Source *source, int line, int file_index, ResultText *error)
{
    char mark[48];
    int bytes = snprintf(mark, sizeof mark, "#line %d %d\n", line, file_index);
    return append(source, mark, (size_t)bytes, error);
}

static int file_index(Source *source, const char *name)
{
    for (int i = 0; i < *source->file_count; i++) {
        if (strcmp(source->files[i], name) == 0)
            return i;
    }
    if (*source->file_count == GL_PROGRAM_FILES_MAX)
        return -1;
    snprintf(source->files[*source->file_count], GL_PROGRAM_NAME_MAX, "%s", name);
    return (*source->file_count)++;
}

static const ShaderFile *embedded(const char *name)
{
    for (int i = 0; i < shader_files_count; i++) {
        if (strcmp(shader_files[i].name, name) == 0)
            return &shader_files[i];
    }
    return NULL;
}

static Result append_file(Source *source, const char *name, int depth, ResultText *error);

// Takes the name out of `#include "name"`; false when the line is something else.
static bool include_name(const char *line, size_t bytes, char *out)
{
    static const char start[] = "#include \"";
    if (bytes < sizeof start || strncmp(line, start, sizeof start - 1) != 0)
        return false;
    const char *name = line + sizeof start - 1;
    const char *end = memchr(name, '"', bytes - (sizeof start - 1));
    if (end == NULL || (size_t)(end - name) >= GL_PROGRAM_NAME_MAX)
        return false;
    memcpy(out, name, (size_t)(end - name));
    out[end - name] = 0;
    return true;
}

static Result append_lines(Source *source, const char *text, int index, int depth,
                           ResultText *error)
{
    Result result = append_line_mark(source, 1, index, error);
    int line = 1;
    for (const char *at = text; result == RESULT_OK && *at != 0; line++) {
        const char *end = strchr(at, '\n');
        size_t bytes = end != NULL ? (size_t)(end - at) + 1 : strlen(at);
        char name[GL_PROGRAM_NAME_MAX];
        if (include_name(at, bytes, name)) {
            result = append_file(source, name, depth + 1, error);
            if (result == RESULT_OK)
                result = append_line_mark(source, line + 1, index, error);
        } else {
            result = append(source, at, bytes, error);
        }
        at += bytes;
    }
    return result != RESULT_OK ? result : append(source, "\n", 1, error);
}

static Result append_from_directory(Source *source, const char *name, int index, int depth,
                                    ResultText *error)
{
    char path[PATH_BYTES_MAX];
    int length = snprintf(path, sizeof path, "%s/%s", source->directory, name);
    if (length < 0 || (size_t)length >= sizeof path)
        return result_fail(error, RESULT_BAD_INPUT, "the shader path '%.100s…' is too long", path);
    uint8_t *text = NULL;
    size_t bytes = 0;
    Result result = os_file_read(path, FILE_BYTES_MAX, &text, &bytes, error);
    if (result != RESULT_OK)
        return result;
    result = append_lines(source, (const char *)text, index, depth, error);
    os_memory_free(text, bytes + 1, OS_MEMORY_BASE);
    return result;
}

// A file goes into a text once, so that two includes may share a third.
static Result append_file(Source *source, const char *name, int depth, ResultText *error)
{
    int index = file_index(source, name);
    if (index < 0 || depth > INCLUDE_DEPTH_MAX)
        return result_fail(error, RESULT_LIMIT, "'%s' is included too deep or with too many others",
                           name);
    for (int i = 0; i < source->seen_count; i++) {
        if (source->seen[i] == index)
            return RESULT_OK;
    }
    source->seen[source->seen_count++] = index;
    if (source->directory != NULL)
        return append_from_directory(source, name, index, depth, error);
    const ShaderFile *file = embedded(name);
    if (file == NULL)
        return result_fail(error, RESULT_NOT_FOUND, "there is no shader '%s' in this binary", name);
    return append_lines(source, file->text, index, depth, error);
}

// Turns the compiler's "2:15(3): error: x" or "2(15) : error x" into "file.glsl:15: ..." and logs each line.
static void report(const GlProgram *program, char *messages, ResultText *error)
{
    char *save = NULL;
    bool first = true;
    for (char *line = strtok_r(messages, "\n", &save); line != NULL;
         line = strtok_r(NULL, "\n", &save)) {
        char *after = line;
        long index = strtol(line, &after, 10);
        bool marked = after != line && (*after == ':' || *after == '(') && index >= 0 &&
                      index < program->file_count;
        char text[RESULT_TEXT_MAX - 64];
        if (marked) {
            char *rest = after;
            long number = strtol(after + 1, &rest, 10);
            snprintf(text, sizeof text, "%s:%ld%s", program->files[index], number, rest);
        } else {
            snprintf(text, sizeof text, "%s", line);
        }
        if (first && error != NULL)
            (void)result_fail(error, RESULT_BAD_INPUT, "shader: %s", text);
        first = false;
        log_error("shader: %s", text);
    }
}

static Result compile(GLenum stage, Source *source, const GlProgram *program, GLuint *out,
                      ResultText *error)
{
    GLuint shader = glCreateShader(stage);
    const GLchar *text = source->text;
    glShaderSource(shader, 1, &text, NULL);
    glCompileShader(shader);
    GLint good = GL_FALSE;
    glGetShaderiv(shader, GL_COMPILE_STATUS, &good);
    if (good) {
        *out = shader;
        return RESULT_OK;
    }
    char messages[LOG_BYTES_MAX] = "no message";
    glGetShaderInfoLog(shader, sizeof messages, NULL, messages);
    glDeleteShader(shader);
    report(program, messages, error);
    return RESULT_BAD_INPUT;
}

static Result make_stage(GLenum stage, const char *name, const char *directory, GlProgram *program,
                         GLuint *out, ResultText *error)
{
    Source source = {
        .directory = directory, .files = program->files, .file_count = &program->file_count};
    source.text = os_memory_alloc(SOURCE_BYTES_MAX, OS_MEMORY_RENDER);
    if (source.text == NULL)
        return result_fail(error, RESULT_OUT_OF_MEMORY, "no memory for the text of '%s'", name);
    static const char version[] = "#version 330 core\n";
    Result result = append(&source, version, sizeof version - 1, error);
    if (result == RESULT_OK)
        result = append(&source, program->defines, strlen(program->defines), error);
    if (result == RESULT_OK)
        result = append_file(&source, name, 0, error);
    if (result == RESULT_OK)
        result = compile(stage, &source, program, out, error);
    os_memory_free(source.text, SOURCE_BYTES_MAX, OS_MEMORY_RENDER);
    return result;
}

// The numbers of samplers and blocks are fixed here once, so a reload cannot change what a pass binds.
static void bind_names(GLuint handle)
{
    glUseProgram(handle);
    for (int i = 0; i < GL_PROGRAM_UNIT_COUNT; i++) {
        GLint location = glGetUniformLocation(handle, sampler_names[i]);
        if (location >= 0)
            glUniform1i(location, i);
    }
    GLuint block = glGetUniformBlockIndex(handle, "Frame");
    if (block != GL_INVALID_INDEX)
        glUniformBlockBinding(handle, block, GL_PROGRAM_FRAME_BINDING);
    glUseProgram(0);
}

static Result link_program(GLuint vertex, GLuint fragment, const GlProgram *program, GLuint *out,
                           ResultText *error)
{
    GLuint handle = glCreateProgram();
    glAttachShader(handle, vertex);
    glAttachShader(handle, fragment);
    glLinkProgram(handle);
    glDetachShader(handle, vertex);
    glDetachShader(handle, fragment);
    GLint good = GL_FALSE;
    glGetProgramiv(handle, GL_LINK_STATUS, &good);
    if (!good) {
        char messages[LOG_BYTES_MAX] = "no message";
        glGetProgramInfoLog(handle, sizeof messages, NULL, messages);
        glDeleteProgram(handle);
        report(program, messages, error);
        return RESULT_BAD_INPUT;
    }
    bind_names(handle);
    *out = handle;
    return RESULT_OK;
}

static uint64_t newest_ns(const GlProgram *program)
{
    uint64_t newest = 0;
    for (int i = 0; program->directory != NULL && i < program->file_count; i++) {
        char path[PATH_BYTES_MAX];
        snprintf(path, sizeof path, "%s/%s", program->directory, program->files[i]);
        uint64_t modified = os_file_modified_ns(path);
        newest = modified > newest ? modified : newest;
    }
    return newest;
}

// Fills handle, files and time of `program` from one place; leaves handle alone on failure.
static Result build(GlProgram *program, const char *directory, GlAccount *account,
                    ResultText *error)
{
    GLuint vertex = 0, fragment = 0, handle = 0;
    program->file_count = 0;
    Result result =
        make_stage(GL_VERTEX_SHADER, program->vertex, directory, program, &vertex, error);
    if (result == RESULT_OK)
        result =
            make_stage(GL_FRAGMENT_SHADER, program->fragment, directory, program, &fragment, error);
    if (result == RESULT_OK)
        result = link_program(vertex, fragment, program, &handle, error);
    glDeleteShader(vertex);
    glDeleteShader(fragment);
    program->modified_ns = newest_ns(program);
    if (result != RESULT_OK)
        return result;
    account->objects_created++;
    program->handle = handle;
    program->from_directory = directory != NULL;
    return RESULT_OK;
}

Result gl_program_create(const GlProgramDesc *desc, GlAccount *account, GlProgram *out,
                         ResultText *text)
{
    assert(desc->vertex != NULL && desc->fragment != NULL && account != NULL);
    memset(out, 0, sizeof *out);
    out->vertex = desc->vertex;
    out->fragment = desc->fragment;
    out->directory = desc->directory;
    int length = snprintf(out->defines, sizeof out->defines, "%s",
                          desc->defines != NULL ? desc->defines : "");
    assert(length >= 0 && (size_t)length < sizeof out->defines);
    (void)length;
    if (desc->directory == NULL)
        return build(out, NULL, account, text);
    ResultText reason = {0};
    if (build(out, desc->directory, account, &reason) == RESULT_OK)
        return RESULT_OK;
    log_warn("shaders in %s are not usable (%s); using those inside the binary", desc->directory,
             reason.text);
    // The time of the broken files stays noted, so that a repair is seen.
    uint64_t broken_ns = out->modified_ns;
    Result result = build(out, NULL, account, text);
    out->modified_ns = broken_ns > out->modified_ns ? broken_ns : out->modified_ns;
    return result;
}

void gl_program_destroy(GlProgram *program)
{
    if (program->handle != 0)
        glDeleteProgram(program->handle);
    memset(program, 0, sizeof *program);
}

bool gl_program_reload(GlProgram *program, GlAccount *account)
{
    if (program->directory == NULL || newest_ns(program) <= program->modified_ns)
        return false;
    GLuint old = program->handle;
    GlProgram last = *program;
    ResultText reason = {0};
    if (build(program, program->directory, account, &reason) != RESULT_OK) {
        uint64_t tried_ns = program->modified_ns;
        *program = last;
        program->modified_ns = tried_ns > last.modified_ns ? tried_ns : newest_ns(&last);
        log_warn("keeping the last good %s", program->fragment);
        return false;
    }
    glDeleteProgram(old);
    log_info("reloaded %s + %s", program->vertex, program->fragment);
    return true;
}
