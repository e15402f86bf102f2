#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# C++ in the layout of .clang-format. Kernel C is checkpatch's business.
. "$(dirname -- "$0")/common.sh"

some_files '*.cpp' '*.hpp' 'autograder/*.h'
printf '%s\0' "${list[@]}" | xargs -0 clang-format --dry-run -Werror || {
    printf 'To put it right: clang-format -i FILE\n' >&2
    exit 1
}
