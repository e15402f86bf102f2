#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The image, made and used with a real Docker Engine: the reference is accepted
# and the skeleton is not, in a container with neither privileges, network nor
# a root file system to write to. Exits with 77 when no engine can be had.
set -euo pipefail

cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
if [[ ! ${KLASS_ENGINE-} ]]; then
    KLASS_ENGINE=here exec docker/engine.sh docker/test.sh
fi

image=klass-test
hardened=(--rm --network=none --cap-drop=ALL --read-only --tmpfs /tmp
    --security-opt no-new-privileges --security-opt seccomp=docker/seccomp.json)

# expect STATUS WHAT COMMAND...: runs it and says how long it took.
expect() {
    local wanted=$1 what=$2 status=0 began=$EPOCHREALTIME
    shift 2
    "$@" || status=$?
    awk -v what="$what" -v a="$began" -v b="$EPOCHREALTIME" \
        'BEGIN { printf "%s: %.1f s\n", what, b - a }'
    if ((status != wanted)); then
        printf '%s: exit status %d, expected %d\n' "$what" "$status" "$wanted"
        exit 1
    fi
}

in_image() { docker run "${hardened[@]}" --entrypoint "$1" "$image" "${@:2}"; }

# grade FOLDER [OPTION...]: a folder that has the name of its stage.
grade() {
    docker run "${hardened[@]}" -v "$PWD/$1:/submission:ro" "$image" \
        grade /submission --stage "${1##*/}" "${@:2}"
}

expect 0 'the image' docker/build.sh "$image"

# The profile: what a build's sandbox needs, and no more.
expect 0 'a sandbox in the container' in_image bwrap --unshare-all --cap-drop ALL \
    --ro-bind /usr /usr --symlink usr/lib64 /lib64 --symlink usr/lib /lib --dev /dev \
    --tmpfs /tmp /usr/bin/true
expect 32 'no mount outside of a sandbox' in_image mount -t tmpfs none /mnt
expect 0 'the image has nothing that builds Klass' in_image sh -c '! command -v cmake ninja'
expect 0 'an ordinary user grades' in_image sh -c 'id -u | grep -qx 1000'

expect 0 'the reference' grade solutions/04-chardev
expect 1 'the skeleton' grade exercises/04-chardev
# Other machines than those of stage 04. They are in the image, for nothing can be
# written here: one that had first to be booted would be a failure of the grader's.
expect 0 'a network card, with both kernels' grade solutions/02-e1000-remove \
    --check carries-frames --check twenty-cycles
expect 0 'a camera' grade solutions/07-camera-offload --check client-shows
# Here the kernel itself is built, from what the image has of its source.
expect 0 'a kernel' grade solutions/01-kernel-build --check local-version

# The same options as compose.yaml says them, where there is a Compose to read it.
compose=()
if docker compose version >/dev/null 2>&1; then
    compose=(docker compose)
elif command -v docker-compose >/dev/null; then
    compose=(docker-compose)
fi
by_compose() { (cd docker && KLASS_IMAGE=$image "${compose[@]}" run --rm klass); }
if ((${#compose[@]})); then
    expect 0 'the reference, by compose.yaml' by_compose
else
    echo 'compose.yaml is left out: there is no Docker Compose (apt-get install docker-compose)'
fi
