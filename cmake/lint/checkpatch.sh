#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# checkpatch.sh BUILD_FOLDER: the kernel's own style checker over all kernel C.
# The script comes from the course's kernel source: unpacked in the cache if
# Klass has built a kernel, else taken out of Debian's package (a minute, once).
. "$(dirname -- "$0")/common.sh"

script=
for candidate in "$(cache_folder)"/source/*/scripts/checkpatch.pl "$1"/checkpatch/checkpatch.pl; do
    [[ ! -f $candidate ]] || script=$candidate
done
if [[ ! $script ]]; then
    archives=(/usr/src/linux-source-*.tar.xz)
    archive=${archives[-1]}
    [[ -f $archive ]] || {
        printf 'no kernel source: apt-get install the linux-source package of packages.txt\n' >&2
        exit 2
    }
    mkdir -p -- "$1/checkpatch"
    tar -xJf "$archive" -C "$1/checkpatch" --strip-components=2 --wildcards \
        'linux-source-*/scripts/checkpatch.pl' 'linux-source-*/scripts/spelling.txt' \
        'linux-source-*/scripts/const_structs.checkpatch'
    script=$1/checkpatch/checkpatch.pl
fi

some_files 'kmod/*.[ch]' 'exercises/*.[ch]' 'solutions/*.[ch]'
perl "$script" --no-tree --strict --terse --show-types --no-summary -f "${list[@]}"
