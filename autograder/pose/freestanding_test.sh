#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# freestanding_test.sh CC SOURCE: compiles C as the kernel does, without floating
# point and without a library, and fails if it asks for a symbol from outside. On
# a 32-bit processor too, where a 64-bit division would be a call.
set -euo pipefail

compiler=$1 source=$2
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT

for bits in 64 32; do
    "$compiler" -m$bits -std=gnu11 -O2 -ffreestanding -fno-builtin -mgeneral-regs-only -fno-pic \
        -Wall -Wextra -Werror -Wdeclaration-after-statement -Wvla -Wframe-larger-than=1024 \
        -idirafter "/usr/include/$("$compiler" -print-multiarch)" -c "$source" -o "$folder/$bits.o"
    wanted=$(nm --undefined-only "$folder/$bits.o")
    if [[ $wanted ]]; then
        printf '%s asks for what a module has not got:\n%s\n' "$source" "$wanted" >&2
        exit 1
    fi
done
