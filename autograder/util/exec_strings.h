// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Words and environment of a program, as execve(2) wants them.
 */
#pragma once

#include <map>
#include <string>
#include <vector>

namespace klass {

/** A null-terminated array for execve(2), made before the fork: after it, malloc is not safe. */
class ExecStrings {
  public:
    explicit ExecStrings(std::vector<std::string> strings);
    char *const *get() { return pointers_.data(); }

  private:
    std::vector<std::string> strings_;
    std::vector<char *> pointers_;
};

/** Our environment, and over it what is added: NAME=VALUE each. */
std::vector<std::string> environment_with(const std::map<std::string, std::string> &added);

}  // namespace klass
