// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief A check as it goes: its operations, and between them what the guest's kernel says.
 */
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "report/text.h"

namespace klass::report {

/**
 * Prints each operation when it is asked for, and its outcome behind it, as strace(1) does:
 *
 *     write(/dev/cicv, 17 bytes) = 17
 *
 * A line of the kernel's that comes before the outcome stands between the two, so that one sees
 * which call provoked it:
 *
 *     insmod chardev.ko ...
 *         [   12.345678] chardev: loading out-of-tree module taints kernel.
 *     insmod chardev.ko = 0
 */
class LiveConsole {
  public:
    using Print = std::function<void(const std::string &text)>;

    LiveConsole(Print print, const TextStyle &style) : print_(std::move(print)), style_(style) {}

    /** An operation is sent to the guest. */
    void asked(std::string_view what);
    /** What came of one, beginning with the same words; or something else that was done. */
    void done(std::string_view line);
    /** The guest printed a line. */
    void console(std::string_view line);
    /** Nothing more comes. */
    void end();

  private:
    Print print_;
    TextStyle style_;
    std::string open_;  ///< the operation on whose line the cursor is
};

}  // namespace klass::report
