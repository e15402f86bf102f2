#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# tidy.sh BUILD_FOLDER: clang-tidy over the autograder, two or more at a time.
#
# It takes seconds a file, so a file that passed is not looked at again until
# its text, a header of ours that it includes, its command line, .clang-tidy or
# clang-tidy itself has changed. Tests are left out: GoogleTest's macros expand
# to what these checks object to.
. "$(dirname -- "$0")/common.sh"

build=$(cd -- "$1" && pwd -P)
passed=$(cache_folder)/lint/tidy
mkdir -p -- "$passed"
todo=$(mktemp -d)
trap 'rm -rf -- "$todo"' EXIT

# Reserved names: clang's own warning, because clang-tidy's check finds a hundred thousand of
# the standard library's first, and drops them.
# The static analyzer does not follow a path into the templates of the libraries. It took
# most of its time there, and finds in our own functions what it found before.
options=(--extra-arg=-Wno-unknown-warning-option --extra-arg=-Wreserved-identifier
    --extra-arg=-Xclang --extra-arg=-analyzer-config
    --extra-arg=-Xclang --extra-arg=c++-template-inlining=false)

# What every file's key depends on.
clang-tidy --version >"$todo/common"
printf '%s\n' "${options[@]}" | cat - .clang-tidy >>"$todo/common"
# ninja's record of the headers that each object was made from, as lines of
# "source TAB header", of ours only. An object's record is indented, and begins
# with its source; generated headers are relative to the build folder.
ninja -C "$build" -t deps | awk -v top="$PWD/" -v build="$build/" '
    !/^ / { source = ""; next }
    { sub(/^ +/, ""); if ($0 !~ /^\//) $0 = build $0 }
    source == "" { source = $0 }
    index($0, top) == 1 { print source "\t" $0 }' | sort -u >"$todo/headers"

# key SOURCE: a hash over all that its result depends on. The checkout's place
# is no part of it, so that two checkouts share results.
key() {
    {
        cat "$todo/common"
        grep -F -B 2 "\"file\": \"$PWD/$1\"" "$build/compile_commands.json"
        { printf '%s\n' "$PWD/$1"; awk -F '\t' -v source="$PWD/$1" '$1 == source { print $2 }' \
            "$todo/headers"; } | xargs -d '\n' sha256sum
    } | sed "s:$PWD::g" | sha256sum | cut -c 1-64
}

some_files 'autograder/*.cpp'
sources=()
for file in "${list[@]}"; do
    [[ $file == *_test.cpp || $file == *_fuzz.cpp ]] || sources+=("$file")
done
list=("${sources[@]}")
fresh=0
for source in "${list[@]}"; do
    grep -qF "\"file\": \"$PWD/$source\"" "$build/compile_commands.json" || continue
    name=$(key "$source")
    if [[ -e $passed/$name ]]; then
        touch -- "$passed/$name"
    else
        printf '%s %s\0' "$name" "$source" >>"$todo/list"
        fresh=$((fresh + 1))
    fi
done
find "$passed" -type f -mtime +60 -delete
printf '%d files, of which %d are to be looked at\n' "${#list[@]}" "$fresh"
((fresh > 0)) || exit 0

# A .capnp header is only there once the program is built; say so, not "not found".
[[ -n $(find "$build" -name '*.capnp.h' -print -quit) ]] || {
    printf 'build Klass first: its generated headers are missing in %s\n' "$build" >&2
    exit 2
}

export build passed
# The variables are the inner shell's.
# shellcheck disable=SC2016
xargs -0 -a "$todo/list" -n 1 -P "$(nproc)" bash -c '
    source=${@: -1} name=${source%% *}
    source=${source#* }
    if clang-tidy --quiet -p "$build" "${@:1:$#-1}" "$source" \
        2> >(grep -v -e "warnings generated" -e "^Suppressed" -e "^Use -header-filter" >&2); then
        : >"$passed/$name"
    else
        printf "%s: clang-tidy objects\n" "$source" >&2
        exit 1
    fi' - "${options[@]}"
