#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Every file that can carry a comment begins with its licence: kernel code is
# GPL-2.0-only, the book CC-BY-4.0, all else Apache-2.0.
. "$(dirname -- "$0")/common.sh"

# licence FILE: what it has to be, or nothing for a file that carries none.
licence() {
    case $1 in
    LICENSE*) ;;                               # the licences themselves
    *.json | *.patch | *.onnx | *.png | *.svg) ;; # no comments, or not written by hand
    */testdata/* | book/transcripts/*) ;;      # compared byte by byte
    .git*) ;;
    *.md | book/*.dot) echo CC-BY-4.0 ;;
    exercises/*.[ch]pp | solutions/*.[ch]pp | exercises/*.toml | solutions/*.toml) echo Apache-2.0 ;;
    # The interface to programs: the course's, and what a submission gets of it.
    kmod/*/uapi/*.h | */07-camera-offload/camera_offload*.h)
        echo 'GPL-2.0-only WITH Linux-syscall-note'
        ;;
    kmod/* | exercises/* | solutions/*) echo GPL-2.0-only ;;
    packages.txt | cmake/lint/words.txt) ;; # plain lists
    *) echo Apache-2.0 ;;
    esac
}

status=0
some_files
for file in "${list[@]}"; do
    wanted=$(licence "$file")
    [[ $wanted ]] || continue
    # First, or second where the first belongs to the kernel's exec (#!) or to XML.
    line=$(head -n 2 -- "$file" | grep -n -a -m 1 -F 'SPDX-License-Identifier:' || true)
    found=${line#*SPDX-License-Identifier: }
    found=${found%% -->*}
    found=${found%% \*/*}
    if [[ ! $line ]]; then
        printf '%s:1: no SPDX line; it should say "SPDX-License-Identifier: %s"\n' "$file" "$wanted"
        status=1
    elif [[ $found != "$wanted" ]]; then
        printf '%s:%s: licence is "%s", but here it is %s\n' "$file" "${line%%:*}" "$found" "$wanted"
        status=1
    fi
done
exit "$status"
