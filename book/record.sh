#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# record.sh: writes transcripts/klass-*.txt anew, each the real output of the
# command that the book shows above it, and *.svg, the plots of its figures. Some
# minutes, on a machine with nothing else to do: the times are in them.
set -euo pipefail

book=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
course=$(dirname -- "$book")
klass=$course/build/default/bin/klass
transcripts=$book/transcripts
folder=$(mktemp -d)
server=
trap '[[ -z $server ]] || kill "$server"; rm -rf -- "$folder"' EXIT
cd -- "$folder"
export LC_ALL=C.UTF-8
# A reader who has begun nothing yet.
export KLASS_STATE=$folder/state

# record NAME COMMAND...: as a reader would see it; a lost point is no failure.
record() {
    local name=$1
    shift
    echo "$name: klass $*"
    "$klass" "$@" 2>/dev/null | sed "s:$folder/::g" >"$transcripts/$name.txt" || (($? == 1))
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
# The second time, when the first hint was not enough.
"$klass" hint 04-chardev end-of-file >/dev/null
record klass-hint hint 04-chardev end-of-file

mutant vendor-missing 01-kernel-build 01-kernel-build
record klass-grade-vendor-missing grade 01-kernel-build --seed 7 --check fragment-stands

mutant buffers-kept 02-e1000-remove 02-e1000-remove
record klass-grade-buffers-kept grade 02-e1000-remove --seed 7 --check unmaps-dma

mutant no-end-of-file 04-chardev 04-chardev
record klass-grade-no-end-of-file grade 04-chardev --seed 7 --check end-of-file
"$klass" grade 04-chardev --seed 7 --format json --output report.json >/dev/null 2>&1 || (($? == 1))
record klass-replay replay report.json end-of-file
record klass-shell shell "$course/solutions/04-chardev" --load --run 'echo hello > /dev/cicv; cat /dev/cicv'

# The other end of the camera's connection, as long as it is needed.
"$klass" pose-server 2>/dev/null &
server=$!
record klass-shell-camera shell "$course/solutions/07-camera-offload" --pose-port 7707 --run './camera_client --frames 3 10.0.2.2:7707 | cut -c1-64'
kill "$server"
wait "$server" || true
server=

record klass-grade-cost grade "$course/solutions/06-mymem" --seed 7 --check cost
record klass-grade-frame-cost grade "$course/solutions/07-camera-offload" --seed 7 --check cost \
    --format html --output frame-cost.html
(cd -- "$transcripts" && "$book/plots.py" "$folder/frame-cost.html" frame-cost frame-rate)

# A class of seven for the instructor's desk; one has packed a link, one handed in nothing.
mkdir submissions
cp -R -- "$course/solutions/03-hello-module" submissions/ada
cp -R -- "$course/exercises/03-hello-module" submissions/dan
mutant silent-exit 03-hello-module submissions/bob
mutant small-buffer 03-hello-module submissions/eve
mutant overrun-buffer 03-hello-module submissions/fay
rm -r -- submissions/ada/mutants
mkdir zoe
ln -s /etc/passwd zoe/hello.c
tar -czf submissions/zoe.tar.gz -C zoe .
cat >class.csv <<'END'
id,name
ada,"Lovelace, Ada"
bob,Bob
dan,Dan
eve,Eve
fay,Fay
sue,Sue
zoe,Zoe
END
record klass-batch batch submissions --stage 03-hello-module --roster class.csv --seed 7 \
    --report-dir reports
record klass-gradebook gradebook --stage 03-hello-module
record klass-gradebook-stats gradebook stats
record klass-similar similar submissions --stage 03-hello-module

# The course as an instructor changed it: the greeting is worth less, the farewell more.
mkdir changed
cp -R -- "$course/exercises" "$course/solutions" "$course/kmod" changed
sed -i 's/^points = 20$/points = 5/; s/^points = 15$/points = 30/' \
    changed/exercises/03-hello-module/stage.toml
KLASS_COURSE=$folder/changed record klass-regrade regrade

record klass-course-check course check 04-chardev
