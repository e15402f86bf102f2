# SPDX-License-Identifier: Apache-2.0
#
# A solution as the book quotes it: every comment that holds a klass: mark goes.
# A comment that spans lines starts with a line of its own.
/^[[:space:]]*\/\*$/ {
:more
    /\*\// !{
        N
        b more
    }
}
/klass:/ d
