// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Collects the stacks that one kernel report prints, and tells the blamed one.
 */
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/stack_trace.h"

namespace klass::kernel {

/** Reads a report line by line. */
class ReportStacks {
  public:
    /** @param stuck  the report comes from an interrupt, and blames what that interrupted */
    explicit ReportStacks(bool stuck) : stuck_(stuck) {}

    void read(std::string_view line);

    /** A whole call trace was read. */
    [[nodiscard]] bool trace_ended() const { return trace_ended_; }
    /** A call trace was begun. */
    [[nodiscard]] bool trace_begun() const { return traces_ > 0; }

    /** The blamed stack, then the others, as LogReport::frames has them. */
    [[nodiscard]] std::vector<Frame> frames(std::string_view summary) const;

  private:
    bool read_mark(std::string_view line);
    void add(Frame frame, const std::string &stack);

    bool stuck_;
    unsigned traces_ = 0;
    bool trace_ended_ = false;
    bool in_nmi_ = false;
    bool in_trace_ = false;
    bool once_ = false;                 // the section is one frame long
    std::optional<std::string> stack_;  // that frames belong to now; none: they are of no interest
    std::vector<Frame> frames_;
};

}  // namespace klass::kernel
