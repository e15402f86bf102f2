#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# cppcheck.sh BUILD_FOLDER: cppcheck over the autograder. It reads each file
# by itself, without the libraries' headers, and keeps what it found between runs.
#
# Not heard: glibc's readdir is safe between threads (readdir_r is what is
# deprecated); mmap takes -1 for "no file". And of cppcheck 2.10's own faults:
# its rules on lifetimes take a string_view for a string, and it gives up on a
# file that calculates with a literal such as 60s.
. "$(dirname -- "$0")/common.sh"

mkdir -p -- "$1/cppcheck"
some_files 'autograder/*.cpp'
printf '%s\n' "${list[@]}" | cppcheck --quiet --file-list=- --error-exitcode=1 -j "$(nproc)" \
    --enable=warning,performance,portability --inline-suppr --language=c++ --std=c++20 \
    --platform=unix64 --library=posix,googletest --cppcheck-build-dir="$1/cppcheck" -I autograder \
    --suppress=missingIncludeSystem --suppress=unmatchedSuppression \
    --suppress=readdirCalled --suppress=invalidFunctionArg \
    --suppress=danglingTemporaryLifetime --suppress=invalidLifetime \
    --suppress=cppcheckError
