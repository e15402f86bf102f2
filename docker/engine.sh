#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# engine.sh COMMAND...: runs COMMAND with a Docker Engine that answers.
#
# One that runs already is used as it is. Else, for root, a private one is
# started for the command's time: its images stay in KLASS_CACHE/docker, and it
# touches neither the machine's engine nor its firewall. Its containers have the
# host's network or none. Ends with COMMAND's status, or with 77 and the reason
# when no engine can be had.
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin

skip() {
    printf 'No Docker Engine: %s\n' "$*" >&2
    exit 77
}

command -v docker >/dev/null || skip 'the docker client is missing: apt-get install docker.io'
if docker info >/dev/null 2>&1; then
    exec "$@"
fi
command -v dockerd >/dev/null || skip 'none answers, and dockerd is missing: apt-get install docker.io'
((EUID == 0)) || skip 'none answers, and only root may start one'

cache=${KLASS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/klass}/docker
mkdir -p -- "$cache"
exec {lock}>"$cache/lock"
flock -n "$lock" || {
    printf 'Waiting for another private engine on %s\n' "$cache" >&2
    flock "$lock"
}

# Sockets have short paths (unix(7): 107 bytes), the cache may not.
run=$(mktemp -d /tmp/klass-engine-XXXXXX)
engine=
# shellcheck disable=SC2317 # the trap below calls it
stop() {
    local status=$?
    trap '' INT TERM
    if [[ $engine ]]; then
        kill "$engine" 2>/dev/null || true
        wait "$engine" 2>/dev/null || true
    fi
    # dockerd leaves the mounts of its containers' networks behind.
    awk -v under="$run/" 'index($2, under) == 1 { print $2 }' /proc/mounts |
        xargs --no-run-if-empty umount || true
    rm -rf -- "$run" || true
    exit "$status"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# setsid: a Ctrl-C is for the command; the engine goes after it.
setsid dockerd --host "unix://$run/docker.sock" --pidfile "$run/pid" --exec-root "$run/exec" \
    --data-root "$cache/data" --bridge none --iptables=false --ip6tables=false --ip-masq=false \
    {lock}>&- >"$run/log" 2>&1 </dev/null &
engine=$!
export DOCKER_HOST=unix://$run/docker.sock
for ((tries = 0; tries < 300; tries++)); do
    if docker info >/dev/null 2>&1; then
        "$@" {lock}>&-
        exit
    fi
    kill -0 "$engine" 2>/dev/null || break
    sleep 0.1
done
tail -n 5 -- "$run/log" >&2
skip 'dockerd did not start; its last words are above'
