# Writes OUTPUT with VERSION and the revision of SOURCE_DIR; "unknown" outside a git checkout.
execute_process(COMMAND git rev-parse --short HEAD WORKING_DIRECTORY ${SOURCE_DIR}
    OUTPUT_VARIABLE revision OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
if(failed)
    set(revision unknown)
endif()
file(WRITE ${OUTPUT} "#include \"base/version.h\"

const char *version_string(void)
{
    return \"${VERSION}\";
}

const char *version_revision(void)
{
    return \"${revision}\";
}
")
