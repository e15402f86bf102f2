// SPDX-License-Identifier: Apache-2.0
#include "similar/similar.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <regex>
#include <set>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "kernel/submission.h"
#include "kernel/text.h"
#include "util/digest.h"
#include "util/error.h"
#include "util/lines.h"
#include "util/subprocess.h"
#include "util/temporary_folder.h"

namespace klass::similar {

namespace {

namespace fs = std::filesystem;

bool is_c(const fs::path &file) {
    static constexpr std::array<std::string_view, 6> endings{".c",   ".h",  ".cpp",
                                                             ".hpp", ".cc", ".hh"};
    return std::find(endings.begin(), endings.end(), file.extension().string()) != endings.end();
}

std::string without_blanks(std::string_view line) {
    std::string dense;
    std::copy_if(line.begin(), line.end(), std::back_inserter(dense),
                 [](char byte) { return byte != ' ' && byte != '\t' && byte != '\r'; });
    return dense;
}

/** All files of an author as one, and which line came from where. */
struct Joined {
    std::string text;
    std::vector<std::pair<std::string, std::size_t>> origin;  ///< of each line

    void add(const std::string &file, const std::string &contents) {
        std::size_t number = 0;
        for (const std::string &line : lines_of(contents)) {
            text += line + "\n";
            origin.emplace_back(file, ++number);
        }
    }
    /** Lines of the joined text, from 1; up to the end of the file in which they begin. */
    [[nodiscard]] Lines lines(std::size_t first, std::size_t last) const {
        const auto &[file, begin] = origin.at(first - 1);
        std::size_t end = begin;
        for (std::size_t at = first; at <= last && at <= origin.size(); ++at)
            if (origin[at - 1].first == file)
                end = origin[at - 1].second;
        return {.file = kernel::safe_text(file), .first = begin, .last = end};
    }
};

Joined join(const kernel::Submission &submission, bool only_c,
            const std::vector<std::string> &skeleton) {
    Joined joined;
    for (const fs::path &file : submission.files)
        if (!only_c || is_c(file))
            joined.add(file.string(),
                       without_lines_of(read_file(submission.folder / file), skeleton));
    return joined;
}

std::string number_name(std::size_t number) {
    return fmt::format("{}.c", number);
}

/** Runs the similarity-tester over the numbered files of a folder. */
std::string run_tester(const fs::path &folder, bool only_c, const Threshold &threshold,
                       const std::vector<std::string> &options) {
    Command command{.argv = {only_c ? "sim_c" : "sim_text", "-e", "-s", "-r",
                             std::to_string(threshold.tokens), "-w", "200"},
                    .timeout = std::chrono::hours{1},
                    .output_limit = std::size_t{256} << 20};
    command.argv.insert(command.argv.end(), options.begin(), options.end());
    if (find_program(command.argv[0]).empty())
        throw GraderFault(command.argv[0] + " is not there", "apt-get install similarity-tester");
    // It names the files as it was given them; short names are easily read again.
    command.argv.insert(command.argv.begin(), {"env", "--chdir=" + folder.string(), "LC_ALL=C"});
    for (std::size_t number = 0; fs::exists(folder / number_name(number)); ++number)
        command.argv.push_back(number_name(number));
    const Outcome outcome = run(command);
    if (!outcome.ok() || outcome.output_truncated)
        throw GraderFault("the similarity-tester failed: " +
                          kernel::safe_text(outcome.output.substr(0, 500)));
    return outcome.output;
}

std::size_t number_in(const std::ssub_match &match) {
    return std::stoul(match.str());
}

/** Tokens of each file: "File 0.c: 602 tokens" (sim(1), without -T). */
std::map<std::size_t, std::size_t> token_counts(const std::string &output) {
    static const std::regex pattern(R"(^File (\d+)\.c: (\d+) (?:token|word)s?.*)");
    std::map<std::size_t, std::size_t> counts;
    for (const std::string &line : lines_of(output))
        if (std::smatch match; std::regex_match(line, match, pattern))
            counts[number_in(match[1])] = number_in(match[2]);
    return counts;
}

using Numbers = std::pair<std::size_t, std::size_t>;

/** How many per cent of the first stand in the second: "0.c consists for 13 % of 2.c material". */
std::map<Numbers, unsigned> percentages(const std::string &output) {
    static const std::regex pattern(R"(^(\d+)\.c consists for (\d+) % of (\d+)\.c material$)");
    std::map<Numbers, unsigned> all;
    for (const std::string &line : lines_of(output))
        if (std::smatch match; std::regex_match(line, match, pattern))
            all[{number_in(match[1]), number_in(match[3])}] =
                static_cast<unsigned>(number_in(match[2]));
    return all;
}

/** "0.c: line 17-223      |1.c: line 17-223        [602]". */
std::map<Numbers, std::vector<Passage>> passages_in(const std::string &output,
                                                    const std::vector<Joined> &joined) {
    static const std::regex pattern(
        R"(^(\d+)\.c: line (\d+)(?:-(\d+))?\s*\|(\d+)\.c: line (\d+)(?:-(\d+))?\s*\[(\d+)\]\s*$)");
    std::map<Numbers, std::vector<Passage>> all;
    for (const std::string &line : lines_of(output)) {
        std::smatch match;
        if (!std::regex_match(line, match, pattern))
            continue;
        const auto lines = [&](std::size_t at) {
            const std::size_t first = number_in(match[static_cast<int>(at)]);
            const auto &last = match[static_cast<int>(at + 1)];
            return joined.at(number_in(match[static_cast<int>(at - 1)]))
                .lines(first, last.matched ? number_in(last) : first);
        };
        Passage passage{.a = lines(2), .b = lines(5), .tokens = number_in(match[7])};
        Numbers pair{number_in(match[1]), number_in(match[4])};
        if (pair.first > pair.second) {
            std::swap(pair.first, pair.second);
            std::swap(passage.a, passage.b);
        }
        all[pair].push_back(std::move(passage));
    }
    return all;
}

}  // namespace

std::string without_lines_of(const std::string &text, const std::vector<std::string> &skeleton) {
    std::unordered_set<std::string> known;
    for (const std::string &line : skeleton)
        known.insert(without_blanks(line));
    std::string rest;
    for (const std::string &line : lines_of(text))
        rest += (known.contains(without_blanks(line)) ? "" : line) + "\n";
    return rest;
}

Leads compare(const std::vector<Author> &authors, const fs::path &skeleton,
              const Threshold &threshold) {
    std::vector<kernel::Submission> submissions;
    bool only_c = false;
    for (const Author &author : authors) {
        submissions.push_back(kernel::Submission::from_folder(author.folder));
        const auto &files = submissions.back().files;
        only_c = only_c || std::any_of(files.begin(), files.end(), is_c);
    }
    std::vector<std::string> given;
    for (const fs::path &file : kernel::Submission::from_folder(skeleton).files)
        for (std::string &line : lines_of(read_file(skeleton / file)))
            given.push_back(std::move(line));

    const TemporaryFolder folder("similar");
    std::vector<Joined> joined;
    for (const kernel::Submission &submission : submissions) {
        joined.push_back(join(submission, only_c, given));
        write_file_atomically(folder.path() / number_name(joined.size() - 1), joined.back().text);
    }
    const std::string found = run_tester(folder.path(), only_c, threshold, {"-n"});
    const auto tokens = token_counts(found);
    auto passages = passages_in(found, joined);
    const auto percents =
        percentages(run_tester(folder.path(), only_c, threshold, {"-T", "-p", "-a", "-t", "1"}));

    Leads leads{.authors = authors.size()};
    const auto has_code = [&](std::size_t number) {
        const auto count = tokens.find(number);
        return count != tokens.end() && count->second >= threshold.least_tokens;
    };
    for (std::size_t number = 0; number < authors.size(); ++number)
        if (!has_code(number))
            leads.too_few.push_back(authors[number].name);
    const auto percent = [&](std::size_t of, std::size_t in) {
        const auto known = percents.find({of, in});
        return known == percents.end() ? 0U : known->second;
    };
    for (auto &[numbers, shared] : passages) {
        const auto [a, b] = numbers;
        Pair pair{.a = authors[a].name,
                  .b = authors[b].name,
                  .percent_of_a = percent(a, b),
                  .percent_of_b = percent(b, a),
                  .passages = std::move(shared)};
        if (!has_code(a) || !has_code(b) || pair.a == pair.b ||
            std::max(pair.percent_of_a, pair.percent_of_b) < threshold.percent)
            continue;
        std::stable_sort(pair.passages.begin(), pair.passages.end(),
                         [](const Passage &x, const Passage &y) { return x.tokens > y.tokens; });
        if (pair.passages.size() > threshold.passages)
            pair.passages.resize(threshold.passages);
        leads.pairs.push_back(std::move(pair));
    }
    std::stable_sort(leads.pairs.begin(), leads.pairs.end(), [](const Pair &x, const Pair &y) {
        return x.percent_of_a + x.percent_of_b > y.percent_of_a + y.percent_of_b;
    });
    return leads;
}

}  // namespace klass::similar
