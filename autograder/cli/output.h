// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Where a verb's text goes: standard output, or the file of its --output.
 */
#pragma once

#include <cerrno>
#include <cstdio>
#include <string>

#include "util/digest.h"
#include "util/error.h"

namespace klass::cli {

/** @throws GraderFault when standard output takes no more */
inline void print(const std::string &text) {
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
        throw GraderFault("cannot write: " + errno_text(errno));
}

/** Nothing was said, or "-", as other programs have it. */
inline bool is_standard_output(const std::string &file) {
    return file.empty() || file == "-";
}

/** Writes a text where --output says. @throws GraderFault when it cannot be written there */
inline void write_out(const std::string &file, const std::string &text) {
    if (is_standard_output(file))
        print(text);
    else
        write_file_atomically(file, text);
}

}  // namespace klass::cli
