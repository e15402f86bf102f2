// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Fuzzes the parser of a build's output, which a submission writes as it likes.
 */
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "kernel/diagnostics.h"
#include "kernel/text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const std::string_view output(reinterpret_cast<const char *>(data), size);
    const auto found = klass::kernel::parse_build_output(output, "/klass/submission");
    if (found.size() > klass::kernel::most_diagnostics)
        std::abort();
    for (const auto &diagnostic : found) {
        const bool place_is_sane = diagnostic.line >= 0 && diagnostic.column >= 0;
        // What is safe already stays as it is.
        const bool texts_are_safe =
            klass::kernel::safe_text(diagnostic.message) == diagnostic.message &&
            klass::kernel::safe_text(diagnostic.file) == diagnostic.file &&
            klass::kernel::safe_text(diagnostic.option) == diagnostic.option &&
            klass::kernel::safe_text(diagnostic.text) == diagnostic.text;
        if (!place_is_sane || !texts_are_safe || diagnostic.severity.empty() ||
            diagnostic.tool.empty())
            std::abort();
    }
    return 0;
}
