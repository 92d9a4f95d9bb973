# What the build makes before it compiles: the GL loader, the version and the embedded files.
set(GENERATED_DIR ${PROJECT_BINARY_DIR}/generated)
file(MAKE_DIRECTORY ${GENERATED_DIR})

# glad, from the specification that comes with the generator, so offline and equal every time.
# Called through the system's interpreter: another python3 may come first in PATH.
set(GLAD_DIR ${PROJECT_BINARY_DIR}/glad)
string(JOIN "," GLAD_EXTENSIONS GL_KHR_debug GL_ARB_clip_control GL_ARB_robustness
    GL_EXT_texture_filter_anisotropic GL_EXT_texture_compression_s3tc GL_ARB_buffer_storage
    GL_ARB_base_instance GL_NVX_gpu_memory_info GL_ATI_meminfo GL_KHR_parallel_shader_compile)
if(NOT EXISTS /usr/bin/glad)
    message(FATAL_ERROR "/usr/bin/glad is missing: run tools/setup, or install the package python3-glad")
endif()
file(MAKE_DIRECTORY ${GLAD_DIR}/include)
add_custom_command(OUTPUT ${GLAD_DIR}/src/gl.c ${GLAD_DIR}/include/glad/gl.h
    COMMAND /usr/bin/python3 /usr/bin/glad --quiet --api gl:core=4.5 --out-path ${GLAD_DIR}
        --reproducible --extensions ${GLAD_EXTENSIONS} c --loader
    COMMENT "Generating the GL loader" VERBATIM)
add_library(glad STATIC ${GLAD_DIR}/src/gl.c ${GLAD_DIR}/include/glad/gl.h)
target_include_directories(glad SYSTEM PUBLIC ${GLAD_DIR}/include)
target_compile_options(glad PRIVATE -w)
target_link_libraries(glad PUBLIC ${CMAKE_DL_LIBS})

# The version: made again when HEAD moves, compiled again only when its text has changed.
set(REVISION_DEPENDS "")
foreach(path HEAD logs/HEAD)
    execute_process(COMMAND git rev-parse --git-path ${path} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
        OUTPUT_VARIABLE found OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
    if(NOT failed)
        cmake_path(ABSOLUTE_PATH found BASE_DIRECTORY ${PROJECT_SOURCE_DIR} NORMALIZE)
        if(EXISTS ${found})
            list(APPEND REVISION_DEPENDS ${found})
        endif()
    endif()
endforeach()
add_custom_command(OUTPUT ${GENERATED_DIR}/version.c
    COMMAND ${CMAKE_COMMAND} -DVERSION=${PROJECT_VERSION} -DOUTPUT=${GENERATED_DIR}/version.c
        -DSOURCE_DIR=${PROJECT_SOURCE_DIR} -P ${PROJECT_SOURCE_DIR}/tools/version.cmake
    DEPENDS ${REVISION_DEPENDS} ${PROJECT_SOURCE_DIR}/tools/version.cmake
        ${PROJECT_SOURCE_DIR}/CMakeLists.txt
    COMMENT "Noting the revision" VERBATIM)

# Shaders and assets become constant arrays: the binary needs nothing beside it.
add_executable(embed tools/embed.c)
function(embed_folder folder type prefix)
    file(GLOB_RECURSE files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/*)
    set(output ${GENERATED_DIR}/${prefix}_data.c)
    # The list itself is an input: a file that goes away must change the output too.
    string(JOIN "\n" listed ${files})
    file(CONFIGURE OUTPUT ${GENERATED_DIR}/${prefix}_data.list CONTENT "${listed}\n" @ONLY)
    add_custom_command(OUTPUT ${output}
        COMMAND embed ${output} ${type} ${prefix} ${PROJECT_SOURCE_DIR}/${folder} ${files}
        DEPENDS embed ${files} ${GENERATED_DIR}/${prefix}_data.list
        COMMENT "Embedding ${folder}" VERBATIM)
endfunction()
embed_folder(shaders ShaderFile shader)
embed_folder(assets AssetFile asset)
