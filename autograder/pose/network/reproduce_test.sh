#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# reproduce_test.sh CHECKOUT: whether figure.onnx is what its script makes.
set -euo pipefail

folder=$1/autograder/pose/network
made=$(mktemp)
trap 'rm -f -- "$made"' EXIT

PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 "$folder/make_figure_network.py" \
    "$1/kmod/vcam/figure.c" "$made"
cmp -- "$made" "$folder/figure.onnx" || {
    printf 'To make it anew: %s kmod/vcam/figure.c %s\n' autograder/pose/network/make_figure_network.py \
        autograder/pose/network/figure.onnx >&2
    exit 1
}
