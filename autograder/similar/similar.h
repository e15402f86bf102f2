// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Which submissions share code: a lead for a person to follow, and never a verdict.
 *
 * similar/ compares sources by Debian's similarity-tester, which looks at tokens: names, comments
 * and layout make no difference. It knows no points, and no gradebook.
 *
 * What every student was given is left out: a line that stands in the exercise's skeleton, blanks
 * aside, is taken for an empty one. So two who changed little share nothing by that. Whoever
 * renames things in the skeleton's own lines makes them look like theirs; the passages show it.
 */
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace klass::similar {

/** Whose sources they are. */
struct Author {
    std::string name;
    std::filesystem::path folder;
};

/** Lines of one author. */
struct Lines {
    std::string file;  ///< relative to the author's folder
    std::size_t first = 0;
    std::size_t last = 0;

    bool operator==(const Lines &) const = default;
};

/** The same code in both. */
struct Passage {
    Lines a;
    Lines b;
    std::size_t tokens = 0;
};

/** Two authors who share code. */
struct Pair {
    std::string a;
    std::string b;
    unsigned percent_of_a = 0;      ///< of a's own code, so much stands in b's
    unsigned percent_of_b = 0;      ///< and the other way round
    std::vector<Passage> passages;  ///< the largest first
};

/** What a comparison came to. */
struct Leads {
    std::size_t authors = 0;           ///< that were compared
    std::vector<std::string> too_few;  ///< who have too little code of their own to say anything
    std::vector<Pair> pairs;           ///< the most alike first
};

/** What is worth telling. */
struct Threshold {
    unsigned percent = 30;          ///< of the one of both that has more in common
    std::size_t passages = 5;       ///< that are shown of a pair, at most
    std::size_t tokens = 24;        ///< a passage's least length, sim(1)'s own default
    std::size_t least_tokens = 40;  ///< of an author's own code
};

/**
 * Compares the C and C++ sources of all authors with each other; where nobody has any, their texts.
 * @param skeleton  the exercise's folder
 * @throws GraderFault when the similarity-tester is missing or fails; UsageError as
 *         kernel::Submission does
 */
Leads compare(const std::vector<Author> &authors, const std::filesystem::path &skeleton,
              const Threshold &threshold);

/** The text without those of its lines that stand in the skeleton; as many lines as before. */
std::string without_lines_of(const std::string &text, const std::vector<std::string> &skeleton);

}  // namespace klass::similar
