# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# For the lint scripts beside it, which run from the top of the checkout.
set -euo pipefail

cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."

# files [PATHSPEC...]: what git tracks or would track, NUL after each: a file
# is looked at before it is committed, and what git ignores never is.
files() {
    git ls-files -z --cached --others --exclude-standard --deduplicate -- "$@" |
        while IFS= read -r -d '' file; do
            [[ -L $file || ! -f $file ]] || printf '%s\0' "$file"
        done
}

# some_files [PATHSPEC...]: the same into the array `list`; a lint of nothing is
# an error, as it would pass for ever.
# shellcheck disable=SC2120
some_files() {
    mapfile -d '' -t list < <(files "$@")
    if ((${#list[@]} == 0)); then
        printf 'no file to look at: %s\n' "$*" >&2
        exit 2
    fi
}

# cache_folder: where Klass keeps what is costly, as the program has it.
cache_folder() {
    printf '%s\n' "${KLASS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/klass}"
}
