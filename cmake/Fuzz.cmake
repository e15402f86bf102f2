# SPDX-License-Identifier: Apache-2.0
# libFuzzer needs clang, and the program is built with g++: so a fuzz target is
# compiled apart, its sources and those under test with it, all of them
# instrumented. That keeps one build folder and one configuration.
find_program(KLASS_FUZZ_CXX NAMES clang++)

# klass_fuzz(NAME SOURCES ... [USES ...] [INCLUDES ...] [CORPUS folder] [SECONDS n])
#
# NAME.run, label fuzz: fuzzes for SECONDS (15) from the seeds in CORPUS. What
# it finds stands in the build folder as crash-HASH; put that among the seeds
# with the mend, and it is a regression test.
#   SOURCES  the target and every source of ours that it runs; generated ones too
#   USES     Debian's libraries by pkg-config's name
#   INCLUDES folders of headers beside the autograder's
function(klass_fuzz name)
  cmake_parse_arguments(FUZZ "" "CORPUS;SECONDS" "SOURCES;USES;INCLUDES" ${ARGN})
  if(NOT KLASS_FUZZ_CXX)
    message(STATUS "No clang++: ${name} is left out")
    return()
  endif()
  if(NOT FUZZ_SECONDS)
    set(FUZZ_SECONDS 15)
  endif()
  set(flags)
  if(FUZZ_USES)
    pkg_check_modules(${name}_USES REQUIRED QUIET ${FUZZ_USES})
    set(flags ${${name}_USES_CFLAGS} ${${name}_USES_LDFLAGS})
  endif()
  foreach(folder IN LISTS FUZZ_INCLUDES)
    list(APPEND flags -I ${folder})
  endforeach()
  set(sources)
  foreach(source IN LISTS FUZZ_SOURCES)
    cmake_path(ABSOLUTE_PATH source NORMALIZE)
    list(APPEND sources ${source})
  endforeach()

  set(folder ${CMAKE_CURRENT_BINARY_DIR}/${name}.d)
  set(program ${folder}/${name})
  file(MAKE_DIRECTORY ${folder}/found)
  # The generated headers are included as those of the program are: beside
  # their folder, and by their own name.
  add_custom_command(OUTPUT ${program}
    COMMAND ${CMAKE_COMMAND} -E env ${KLASS_FUZZ_CXX} -std=c++20 -g -O1 -fno-omit-frame-pointer
            -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined
            -I ${PROJECT_SOURCE_DIR}/autograder -I ${PROJECT_BINARY_DIR}/autograder
            -isystem ${CMAKE_CURRENT_BINARY_DIR}
            ${sources} ${flags} -MD -MF ${program}.d -MT ${program} -o ${program}
    DEPENDS ${sources}
    DEPFILE ${program}.d
    COMMENT "Building fuzz target ${name}"
    VERBATIM COMMAND_EXPAND_LISTS)
  add_custom_target(${name} ALL DEPENDS ${program})

  set(seeds)
  if(FUZZ_CORPUS)
    cmake_path(ABSOLUTE_PATH FUZZ_CORPUS NORMALIZE OUTPUT_VARIABLE seeds)
    file(GLOB found LIST_DIRECTORIES false ${seeds}/*)
    if(NOT found)
      message(FATAL_ERROR "${name}: no seed in ${seeds}")
    endif()
  endif()
  # The first folder takes what widens coverage, so that a second run starts there.
  math(EXPR limit "${FUZZ_SECONDS} + 60")
  add_test(NAME ${name}.run
    COMMAND ${program} -max_total_time=${FUZZ_SECONDS} -timeout=5 -rss_limit_mb=2048
            -print_final_stats=1 found ${seeds}
    WORKING_DIRECTORY ${folder})
  set_tests_properties(${name}.run PROPERTIES LABELS fuzz TIMEOUT ${limit})
endfunction()
