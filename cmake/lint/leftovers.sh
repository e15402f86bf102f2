#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# What an edit or a merge leaves behind: conflict markers, notes to oneself,
# somebody's home folder, blanks at a line's end. TODO is the skeletons' word
# for what the student does, and stands nowhere else.
. "$(dirname -- "$0")/common.sh"

status=0
# complain REASON PATTERN [PATHSPEC...]: every line with the pattern is wrong.
complain() {
    local reason=$1 pattern=$2
    shift 2
    mapfile -d '' -t list < <(files "$@" ':!cmake/lint/leftovers.sh')
    ((${#list[@]})) || return 0
    if printf '%s\0' "${list[@]}" | xargs -0 grep -nHIE -e "$pattern"; then
        printf '  %s\n' "$reason"
        status=1
    fi
}

complain 'a merge is not finished' '^(<{7}|>{7}|\|{7})( |$)'
complain 'a note to oneself: do it, or open an issue' '\<(FIXME|XXX|HACK)\>'
complain 'TODO is for the skeletons' '\<TODO\>' 'autograder/*.cpp' 'autograder/*.h' kmod cmake \
    docker klass ':!autograder/judge' ':!*_test.cpp'
complain 'a path on one machine only' '/(home|root|Users)/[a-z]' ':!*_test.cpp' ':!*/testdata/*'
complain 'blanks at the end of a line' '[[:blank:]]+$' ':!*.patch' ':!*/testdata/*' ':!*.md' \
    ':!*.golden' ':!*.svg'
exit "$status"
