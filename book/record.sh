#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# record.sh: writes transcripts/klass-*.txt anew, each the real output of the
# command that the book shows above it. Some minutes, on a machine with nothing
# else to do: the times are in them.
set -euo pipefail

book=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
course=$(dirname -- "$book")
klass=$course/build/default/bin/klass
transcripts=$book/transcripts
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd -- "$folder"
export LC_ALL=C.UTF-8

# record NAME COMMAND...: as a reader would see it; a lost point is no failure.
record() {
    local name=$1
    shift
    echo "$name: klass $*"
    "$klass" "$@" >"$transcripts/$name.txt" 2>/dev/null || (($? == 1))
}

# mutant NAME STAGE FOLDER: a submission with one mistake.
mutant() {
    cp -R -- "$course/solutions/$2" "$3"
    patch --quiet -p1 -d "$3" <"$course/solutions/$2/mutants/$1.patch"
    rm -r -- "$3/mutants"
}

record klass-list list
record klass-start start 03-hello-module
record klass-grade-skeleton grade 03-hello-module --seed 7
record klass-hint hint 04-chardev end-of-file --depth 2

mutant vendor-missing 01-kernel-build 01-kernel-build
record klass-grade-vendor-missing grade 01-kernel-build --seed 7 --check fragment-stands

mutant buffers-kept 02-e1000-remove 02-e1000-remove
record klass-grade-buffers-kept grade 02-e1000-remove --seed 7 --check unmaps-dma

mutant no-end-of-file 04-chardev 04-chardev
record klass-grade-no-end-of-file grade 04-chardev --seed 7 --check end-of-file
"$klass" grade 04-chardev --seed 7 --format json --output report.json >/dev/null 2>&1 || (($? == 1))
record klass-replay replay report.json end-of-file
record klass-shell shell "$course/solutions/04-chardev" --load --run 'echo hello > /dev/cicv; cat /dev/cicv'

record klass-grade-cost grade "$course/solutions/06-mymem" --seed 7 --check cost

record klass-course-check course check 04-chardev
