#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# TOML and JSON that can be read at all; what they mean, their readers' tests check.
. "$(dirname -- "$0")/common.sh"

some_files '*.toml' '*.json' ':!*/testdata/*'
python3 - "${list[@]}" <<'END'
import json
import sys
import tomllib

bad = False
for name in sys.argv[1:]:
    try:
        with open(name, "rb") as file:
            (tomllib if name.endswith(".toml") else json).load(file)
    except ValueError as problem:
        print(f"{name}: {problem}", file=sys.stderr)
        bad = True
sys.exit(bad)
END
