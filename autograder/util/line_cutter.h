// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Lines out of text that comes in pieces.
 */
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace klass {

/** Hands on each line, without its line end, once it is whole. Carriage returns are dropped. */
class LineCutter {
  public:
    /** A longer line is handed on in pieces. */
    static constexpr std::size_t longest_line = 8192;

    explicit LineCutter(std::function<void(std::string_view)> on_line)
        : on_line_(std::move(on_line)) {}

    void add(std::string_view text) {
        for (const char byte : text) {
            if (byte != '\n' && byte != '\r')
                line_.push_back(byte);
            if (byte == '\n' || line_.size() == longest_line)
                flush();
        }
    }

    /** Hands on what has no line end yet, and nothing that is empty. */
    void finish() {
        if (!line_.empty())
            flush();
    }

  private:
    void flush() {
        on_line_(line_);
        line_.clear();
    }

    std::function<void(std::string_view)> on_line_;
    std::string line_;
};

}  // namespace klass
