#include "render/gl_caps.h"

#include "base/log.h"
#include <assert.h>
#include <glad/gl.h>
#include <stdio.h>
#include <string.h>

#define ERRORS_PER_CHECK_MAX 16 // a lost context reports an error for ever

static void copy_name(char *out, const GLubyte *name)
{
    snprintf(out, GL_CAPS_NAME_MAX, "%s", name != NULL ? (const char *)name : "unknown");
}

static bool is_software(const char *renderer)
{
    static const char *const names[] = {"llvmpipe", "softpipe", "swrast", "Software Rasterizer",
                                        "SWR"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strstr(renderer, names[i]) != NULL)
            return true;
    }
    return false;
}

static void read_limits(GlCaps *caps)
{
    glGetIntegerv(GL_MAX_SAMPLES, &caps->samples_max);
    glGetIntegerv(GL_MAX_ARRAY_TEXTURE_LAYERS, &caps->layers_max);
    if (GLAD_GL_EXT_texture_filter_anisotropic)
        glGetFloatv(GL_MAX_TEXTURE_MAX_ANISOTROPY_EXT, &caps->anisotropy_max);
}

Result gl_caps_load(GlGetProc get_proc, bool force_gl33, GlCaps *out, ResultText *text)
{
    assert(get_proc != NULL && out != NULL);
    memset(out, 0, sizeof *out);
    int version = gladLoadGL((GLADloadfunc)get_proc);
    if (version == 0)
        return result_fail(text, RESULT_UNSUPPORTED,
                           "no OpenGL functions could be loaded; OpenGL %d.%d core is needed",
                           GL_CAPS_MAJOR_MIN, GL_CAPS_MINOR_MIN);
    out->major = GLAD_VERSION_MAJOR(version);
    out->minor = GLAD_VERSION_MINOR(version);
    copy_name(out->renderer, glGetString(GL_RENDERER));
    copy_name(out->version, glGetString(GL_VERSION));
    if (version < GLAD_MAKE_VERSION(GL_CAPS_MAJOR_MIN, GL_CAPS_MINOR_MIN))
        return result_fail(
            text, RESULT_UNSUPPORTED,
            "found OpenGL %d.%d (%s), but %d.%d core is needed: update the graphics driver, or fly "
            "without pictures with 'arete soak --gpu none'",
            out->major, out->minor, out->renderer, GL_CAPS_MAJOR_MIN, GL_CAPS_MINOR_MIN);
    out->is_software = is_software(out->renderer);
    out->khr_debug = GLAD_GL_KHR_debug != 0;
    out->base_instance =
        !force_gl33 && (version >= GLAD_MAKE_VERSION(4, 2) || GLAD_GL_ARB_base_instance);
    out->clip_control =
        !force_gl33 && (version >= GLAD_MAKE_VERSION(4, 5) || GLAD_GL_ARB_clip_control);
    out->buffer_storage =
        !force_gl33 && (version >= GLAD_MAKE_VERSION(4, 4) || GLAD_GL_ARB_buffer_storage);
    read_limits(out);
    return RESULT_OK;
}

static void GLAD_API_PTR on_message(GLenum source, GLenum type, GLuint id, GLenum severity,
                                    GLsizei length, const GLchar *message, const void *user)
{
    (void)length;
    // What the compiler says of our shaders is gl_program's to report, warnings included.
    if (source == GL_DEBUG_SOURCE_SHADER_COMPILER)
        return;
    // The driver hands back what gl_caps_watch gave it; the const comes from its own prototype only.
    GlAccount *account = (GlAccount *)(uintptr_t)user;
    if (severity == GL_DEBUG_SEVERITY_HIGH || type == GL_DEBUG_TYPE_ERROR) {
        account->errors++;
        log_error("gl %u: %s", id, message);
    } else if (severity == GL_DEBUG_SEVERITY_MEDIUM) {
        log_debug("gl %u: %s", id, message);
    }
}

void gl_caps_watch(const GlCaps *caps, GlAccount *account)
{
    assert(caps != NULL && account != NULL);
    if (!caps->khr_debug)
        return;
    glEnable(GL_DEBUG_OUTPUT);
#ifdef ARETE_DEBUG
    glEnable(GL_DEBUG_OUTPUT_SYNCHRONOUS);
#endif
    glDebugMessageCallback(on_message, account);
    glDebugMessageControl(GL_DONT_CARE, GL_DONT_CARE, GL_DONT_CARE, 0, NULL, GL_TRUE);
}

void gl_caps_check_errors(GlAccount *account)
{
    for (int i = 0; i < ERRORS_PER_CHECK_MAX; i++) {
        GLenum code = glGetError();
        if (code == GL_NO_ERROR)
            return;
        account->errors++;
        log_error("gl error 0x%04x", code);
    }
}
