# terrain_kernel.c is compiled once per SIMD width; the width is chosen at run time. No width may use fused
# multiply-add: its results would differ. Nobody reads floating-point exceptions: that they may come in another order
# changes no result.
set(ARETE_TERRAIN_OBJECTS)
function(arete_terrain_kernel suffix lanes)
    add_library(terrain_kernel_${suffix} OBJECT engine/terrain/terrain_kernel.c)
    target_compile_definitions(terrain_kernel_${suffix} PRIVATE
        TERRAIN_LANES=${lanes} TERRAIN_KERNEL_SUFFIX=${suffix})
    target_compile_options(terrain_kernel_${suffix} PRIVATE
        -fno-math-errno -fno-trapping-math ${ARGN})
    list(APPEND ARETE_TERRAIN_OBJECTS terrain_kernel_${suffix})
    set(ARETE_TERRAIN_OBJECTS ${ARETE_TERRAIN_OBJECTS} PARENT_SCOPE)
endfunction()

arete_terrain_kernel(scalar 1 -fno-tree-vectorize)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    arete_terrain_kernel(sse2 4)
    arete_terrain_kernel(avx2 8 -mavx2 -mtune=haswell)
    # With 32 registers there is room to schedule before they are given out: 4 % of noise, measured.
    arete_terrain_kernel(avx512 16 -mavx512f -mavx512dq -mavx512bw -mavx512vl
        -mprefer-vector-width=512 -mtune=icelake-server $<$<C_COMPILER_ID:GNU>:-fschedule-insns>)
    set_source_files_properties(engine/terrain/terrain.c PROPERTIES COMPILE_DEFINITIONS
        "ARETE_TERRAIN_SSE2=1;ARETE_TERRAIN_AVX2=1;ARETE_TERRAIN_AVX512=1")
endif()
