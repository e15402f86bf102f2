# SPDX-License-Identifier: Apache-2.0
# The lint tests: a script each in cmake/lint, which names the file and line at
# fault and can be run by hand from anywhere.

# klass_lint(NAME [ARGUMENT ...])
function(klass_lint name)
  add_test(NAME lint.${name} COMMAND ${PROJECT_SOURCE_DIR}/cmake/lint/${name}.sh ${ARGN})
  set_tests_properties(lint.${name} PROPERTIES LABELS lint TIMEOUT 300)
endfunction()

klass_lint(format)
klass_lint(tidy ${PROJECT_BINARY_DIR})
klass_lint(cppcheck ${PROJECT_BINARY_DIR})
klass_lint(checkpatch ${PROJECT_BINARY_DIR})
klass_lint(shell)
klass_lint(spelling)
klass_lint(spdx)
klass_lint(data)
klass_lint(leftovers)

# These use every processor; clang-tidy takes seconds a file when it has seen none of them.
cmake_host_system_information(RESULT KLASS_PROCESSORS QUERY NUMBER_OF_LOGICAL_CORES)
set_tests_properties(lint.cppcheck lint.tidy PROPERTIES PROCESSORS ${KLASS_PROCESSORS})
set_tests_properties(lint.tidy PROPERTIES TIMEOUT 1800)
