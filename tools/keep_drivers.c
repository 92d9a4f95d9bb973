// Purpose: lets the leak sanitizer tell the GL driver's own leaks from ours; linked in that build only.
// A driver that has been unloaded has no name in a report, so it stays loaded and is then named here.
// Nothing of ours may stand in this list.
int dlclose(void *handle);
const char *__lsan_default_suppressions(void);

int dlclose(void *handle)
{
    (void)handle;
    return 0;
}

const char *__lsan_default_suppressions(void)
{
    return "leak:swrast_dri.so\n"
           "leak:libgallium\n"
           "leak:libLLVM\n"
           "leak:libEGL_mesa.so\n"
           "leak:libGLX_mesa.so\n"
           "leak:libglapi.so\n"
           "leak:libEGL_nvidia\n"
           "leak:libnvidia\n";
}
