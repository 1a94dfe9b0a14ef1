# Compiler cache, linker, warnings and sanitizers, alike for every target.
find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()

option(SURGE_FUZZ "Build the libFuzzer targets (clang)" OFF)
set(SURGE_SANITIZE "" CACHE STRING "address,undefined | thread | empty")

add_compile_options(-Wall -Wextra -Wpedantic -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual -Werror
                    -fno-omit-frame-pointer)
# Shapes take offsetof members of types that are not standard layout (std::map): conditionally supported, and both compilers do.
add_compile_options(-Wno-invalid-offsetof)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC's full -Wshadow also objects to scoped enumerators named like a type.
  add_compile_options(-ftrack-macro-expansion=0 -Wshadow=local)
  # GCC 12 takes what a std::variant or std::optional does not hold for uninitialised members.
  add_compile_options(-Wno-maybe-uninitialized)
else()
  add_compile_options(-Wshadow)
endif()
if(SURGE_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)  # the fuzzers see the coverage of what they test
endif()
add_compile_definitions($<$<CONFIG:Debug>:_GLIBCXX_ASSERTIONS>)
if(SURGE_SANITIZE)
  add_compile_options(-fsanitize=${SURGE_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${SURGE_SANITIZE})
endif()

# Names for the Debian libraries that ship no CMake package.
function(surge_import name library)
  add_library(${name} INTERFACE IMPORTED GLOBAL)
  target_link_libraries(${name} INTERFACE ${library})
endfunction()
surge_import(boost_json -lboost_json)
