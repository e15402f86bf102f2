// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief What stage 07's module takes hold of, and must let go of.
 */
#pragma once

#include <string>
#include <vector>

#include "judge/trial.h"

namespace klass::stages::camera {

/** What the kernel holds for others that a module may forget to let go of. */
class Holdings {
  public:
    /** Looks at it before the module is loaded. */
    explicit Holdings(judge::Trial &t);

    /** All of it is let go of, memory included; the module is unloaded. */
    void expect_the_same();

  private:
    std::string modules();
    int sockets();
    int pages();
    std::vector<std::string> threads();
    std::vector<std::string> new_threads();

    judge::Trial &t_;
    std::string modules_;
    int sockets_;
    int pages_;
    std::vector<std::string> threads_;
};

}  // namespace klass::stages::camera
