#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# ShellCheck over every shell script, whatever its name.
. "$(dirname -- "$0")/common.sh"

some_files
mapfile -d '' -t scripts < <(
    printf '%s\0' "${list[@]}" | xargs -0 awk \
        'FNR == 1 { if (/^#!.*[\/ ](ba)?sh( |$)/) printf "%s%c", FILENAME, 0; nextfile }'
)
shellcheck --external-sources --source-path=SCRIPTDIR -- "${scripts[@]}"
