# SPDX-License-Identifier: Apache-2.0
#
# Out of a stage's stage.toml: its checks as a table in Markdown (part=checks),
# or its hints as HTML, one folded into the other (part=hints). Expects what the
# manifests look like: one key a line, one hint a line.

function unquoted(text) {
    sub(/^[^"]*"/, "", text)
    sub(/",?[ ]*$/, "", text)
    gsub(/\\"/, "\"", text)
    gsub(/\\\\/, "\\", text)
    return text
}

function html(text) {
    gsub(/&/, "\\&amp;", text)
    gsub(/</, "\\&lt;", text)
    gsub(/>/, "\\&gt;", text)
    return text
}

# In Markdown, nothing in a title is markup.
function markdown(text) {
    gsub(/[\\@*_%#|$]/, "\\\\&", text)
    return html(text)
}

function print_check(  i) {
    if (id == "")
        return
    if (part == "checks") {
        printf "| `%s` | %s | %s | @ref %s |\n", id, markdown(title), points, book
        return
    }
    printf "<p><b>%s</b> <code>%s</code></p>\n", html(title), id
    for (i = 1; i <= hints; i++)
        printf "<details><summary>%s</summary><p>%s</p>\n", depth[i < 4 ? i : 4], html(hint[i])
    for (i = 1; i <= hints; i++)
        printf "</details>"
    print ""
}

BEGIN {
    depth[1] = "A hint"
    depth[2] = "More"
    depth[3] = depth[4] = "Still more"
    if (part == "checks")
        print "| check | what a correct solution does | points | read |\n|---|---|---:|---|"
}

/^\[\[check\]\]/ { print_check(); in_check = 1; hints = 0 }
!in_check { next }
/^id *=/ { id = unquoted($0) }
/^title *=/ { title = unquoted($0) }
/^points *=/ { points = $NF }
/^book *=/ { book = unquoted($0) }
/^    "/ { hint[++hints] = unquoted($0) }
END { print_check() }
