#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# codespell over all text. A word that it wrongly objects to goes to words.txt,
# in lower case, one a line.
. "$(dirname -- "$0")/common.sh"

some_files ':!*.onnx' ':!*.png' ':!*.svg' ':!cmake/lint/words.txt' ':!LICENSES'
codespell --ignore-words=cmake/lint/words.txt -- "${list[@]}"
