// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Where a check's section stands in the book, in words for a reader.
 */
#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace klass::judge {

/**
 * The headings of COURSE/book/pages by their anchors: "ch04-read" is "Chapter 4, Reading", "ch04"
 * is "Chapter 4: a character device". Headings are Doxygen's, `## Title {#anchor}`. Empty where the
 * book is not installed.
 * @throws UsageError when a page cannot be read
 */
std::map<std::string, std::string> section_titles(const std::filesystem::path &course);

/** "Chapter 4, Reading (ch04-read)"; the anchor alone where there is no title. */
std::string book_text(const std::string &section, const std::string &anchor);

}  // namespace klass::judge
