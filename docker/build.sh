#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# build.sh [IMAGE]: the image that grades (default: klass), the kernels and all
# frozen machines included. What the host's cache holds is taken over; what is
# missing, or was made by another compiler, is made in a container.
set -euo pipefail

image=${1:-klass}
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
cache=${KLASS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/klass}
base=debian:bookworm
scratch=$(mktemp -d)
container=
cleanup() {
    [[ ! $container ]] || docker rm --force "$container" >/dev/null 2>&1 || true
    rm -rf -- "$scratch"
}
trap cleanup EXIT

say() { printf '%s\n' "$*" >&2; }

# --- what the image starts from ----------------------------------------------

# This machine's Debian mirrors, as lines of a sources.list; none if it is not
# the image's Debian.
mirrors() {
    # The names in it are apt's.
    # shellcheck disable=SC2016
    apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' \
        'Created-By: Packages' 'Origin: Debian' 2>/dev/null | grep ' bookworm' | sort -u || true
}

if ! docker image inspect "$base" >/dev/null 2>&1 && ! docker pull --quiet "$base" >/dev/null 2>&1; then
    say "No registry has $base within reach: making it with mmdebstrap"
    mirrors >"$scratch/sources"
    sources=()
    [[ ! -s $scratch/sources ]] || sources=("$scratch/sources")
    mmdebstrap --quiet --variant=minbase bookworm "$scratch/base.tar" "${sources[@]}"
    docker import "$scratch/base.tar" "$base" >/dev/null
    rm -- "$scratch/base.tar"
fi

# --- the build's context: what git knows, and the cache ----------------------

# newest COUNT FILE...: those of the files that were written last.
newest() {
    local count=$1
    shift
    find "$@" -maxdepth 0 -printf '%T@ %p\n' 2>/dev/null | sort -rn | head -n "$count" |
        cut -d ' ' -f 2-
}

# kernel FLAVOUR: the newest that was configured as this checkout says. There may
# be those of another checkout in the cache, and last year's.
kernel() {
    local finished
    while IFS= read -r finished; do
        if cat kmod/config/base.config "kmod/config/$1.config" |
            cmp --quiet - "${finished%/*}/build/klass.config"; then
            printf '%s\n' "$finished"
            return
        fi
    done < <(newest 100 "$cache/kernel/$1"-*/kernel.json)
}

# A kernel's folder is whole once its last file is there. What is missing is made
# in the end.
mkdir -p -- "$cache" "$scratch/cache"
mapfile -t cached < <(
    {
        newest 1 "$cache"/source/*
        kernel debug
        kernel fast
    } | sed -e "s:^$cache/::" -e 's:/kernel.json$::'
)
# Of the source, what no build for x86 reads. Kconfig files stay: x86's own read those of others;
# and so does um, for fs/hostfs/Makefile is always read, and includes a file of it.
exclude=(--exclude='source/*/Documentation/*/*' --exclude='source/*/tools/testing'
    --exclude='source/*/tools/perf' --exclude='kernel/*/lock')
for folder in "$cache"/source/*/arch/*/; do
    [[ $folder == */arch/@(x86|um)/ ]] || exclude+=(--exclude="${folder#"$cache"/}*/[!K]*")
done
git ls-files -z --cached --others --exclude-standard --deduplicate -- CMakeLists.txt \
    CMakePresets.json packages.txt LICENSES autograder cmake docker kmod exercises solutions \
    >"$scratch/files"

# context: the archive that `docker build` reads. The cache goes under cache/;
# what a symbolic link points to stays as it is.
context() {
    tar -c "${exclude[@]}" --transform='s,^\(source\|kernel\)/,cache/\1/,S' \
        --null --files-from="$scratch/files" -C "$scratch" cache -C "$cache" "${cached[@]}"
}

# The mirrors may be behind a proxy; Docker hands these on without keeping them.
proxies=()
for variable in http_proxy https_proxy no_proxy; do
    [[ ! ${!variable-} ]] || proxies+=(--build-arg "$variable=${!variable}")
done

say "Building the image $image"
before=$(docker images --quiet "$image")
context | docker build --network=host --tag "$image" --file docker/Dockerfile "${proxies[@]}" - >&2

# --- what only a container can make -------------------------------------------

# A kernel is built under bubblewrap, for which `docker build` has no leave; and
# which frozen machines of the host's fit can only be told where the image's own
# kernels, agent and QEMU are. So a container reads them all, makes what is missing,
# and drops those that it had no use for: what it then has becomes part of the
# image. A verdict on a reference solution shows that the image works.
# The variables are the container's.
# shellcheck disable=SC2016
container=$(docker create --interactive --network=none \
    --security-opt seccomp=docker/seccomp.json --tmpfs /tmp --entrypoint /bin/sh "$image" -ec '
        tar -x -C "$KLASS_CACHE"
        touch /tmp/began
        klass kernel build
        for machine in "$KLASS_CACHE"/snapshot/*; do
            [ "$machine/note" -nt /tmp/began ] || rm -r -- "$machine"
        done
        klass grade "$KLASS_COURSE/solutions/04-chardev"')
# A snapshot is whole once its note is there.
mapfile -t snapshots < <(newest 100 "$cache"/snapshot/*/note |
    sed -e "s:^$cache/::" -e 's:/note$::')
tar -c --sparse -C "$cache" --files-from=/dev/null "${snapshots[@]}" |
    docker start --attach --interactive "$container" >&2
docker commit --change 'ENTRYPOINT ["klass"]' --change 'CMD ["--help"]' "$container" "$image" \
    >/dev/null

# The one that it replaces, unless somebody uses it.
after=$(docker images --quiet "$image")
[[ ! $before || $before == "$after" ]] || docker rmi "$before" >/dev/null 2>&1 || true
