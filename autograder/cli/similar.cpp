// SPDX-License-Identifier: Apache-2.0
#include "similar/similar.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "cli/output.h"
#include "cli/verb.h"
#include "gradebook/records.h"
#include "intake/archive.h"
#include "intake/hand_in.h"
#include "judge/manifest.h"
#include "kernel/text.h"
#include "report/phrases.h"
#include "util/digest.h"
#include "util/paths.h"
#include "util/progress.h"
#include "util/temporary_folder.h"

namespace klass::cli {

namespace {

namespace fs = std::filesystem;

constexpr const char *caution =
    "A lead, and no finding: alike code has many reasons. People learn together, follow the same\n"
    "book, and a small task has few solutions. Read the passages, then talk with both.\n";

struct SimilarOptions {
    std::vector<std::string> inputs;
    std::string gradebook;
    std::string stage;
    std::string format = "text";
    std::string file;
    similar::Threshold threshold;
};

/** A submission's files in a folder of our own. */
class Sources {
  public:
    void take_from(const std::vector<std::string> &inputs, const judge::Manifest &manifest) {
        std::map<std::string, std::chrono::sys_seconds> times;
        std::vector<std::string> marks = manifest.files;
        marks.emplace_back("stage.toml");
        for (const std::string &input : inputs)
            intake::for_each_hand_in(input, {.marks = marks}, [&](const intake::HandIn &hand_in) {
                auto &time = times[hand_in.student];
                if (hand_in.finding.empty() && hand_in.time >= time)
                    add(hand_in);
                time = std::max(time, hand_in.time);
            });
    }
    void take_from(gradebook::Database &database, const std::string &stage) {
        for (const gradebook::Entry &entry : gradebook::entries(database, {.stage = stage}))
            if (entry.hand_in && !entry.hand_in->submission.empty())
                intake::unpack_text(gradebook::source_of(database, entry.hand_in->submission),
                                    place_of(entry.student.id), intake::student_archive);
    }
    [[nodiscard]] std::vector<similar::Author> authors() const {
        std::vector<similar::Author> authors;
        for (const auto &[student, place] : places_)
            authors.push_back({student, place});
        return authors;
    }

  private:
    void add(const intake::HandIn &hand_in) {
        try {
            const auto submission = kernel::Submission::from_folder(hand_in.folder);
            fs::remove_all(place_of(hand_in.student));
            submission.copy_to(place_of(hand_in.student));
        } catch (const UsageError &error) {
            fmt::print(stderr, "klass: {} is left out: {}\n", hand_in.student, error.what());
            places_.erase(hand_in.student);
        }
    }
    fs::path place_of(const std::string &student) {
        const auto place =
            places_.emplace(student, folder_.path() / std::to_string(places_.size())).first->second;
        fs::create_directories(place);
        return place;
    }

    TemporaryFolder folder_{"similar"};
    std::map<std::string, fs::path> places_;
};

std::string where(const similar::Lines &lines) {
    return fmt::format("{}:{}-{}", lines.file, lines.first, lines.last);
}

std::string as_text(const similar::Leads &leads, const similar::Threshold &threshold) {
    std::string text =
        fmt::format("{} submissions compared; {} pairs share {} % or more of what is their own\n",
                    leads.authors, leads.pairs.size(), threshold.percent);
    for (const similar::Pair &pair : leads.pairs) {
        text += fmt::format("\n{0} and {1}: {2} % of {0}'s is in {1}'s, {3} % of {1}'s in {0}'s\n",
                            report::one_line(pair.a), report::one_line(pair.b), pair.percent_of_a,
                            pair.percent_of_b);
        for (const similar::Passage &passage : pair.passages)
            text += fmt::format("  {:<32} {:<32} {} tokens\n", where(passage.a), where(passage.b),
                                passage.tokens);
    }
    if (!leads.too_few.empty())
        text += fmt::format("\nToo little code of their own to say anything: {}\n",
                            report::one_line(fmt::format("{}", fmt::join(leads.too_few, ", "))));
    return text + "\n" + caution;
}

std::string as_json(const similar::Leads &leads) {
    using Json = nlohmann::ordered_json;
    const auto lines = [](const similar::Lines &each) {
        return Json{{"file", each.file}, {"first", each.first}, {"last", each.last}};
    };
    Json pairs = Json::array();
    for (const similar::Pair &pair : leads.pairs) {
        Json passages = Json::array();
        for (const similar::Passage &passage : pair.passages)
            passages.push_back(
                {{"tokens", passage.tokens}, {"a", lines(passage.a)}, {"b", lines(passage.b)}});
        pairs.push_back({{"a", kernel::safe_text(pair.a)},
                         {"b", kernel::safe_text(pair.b)},
                         {"percent_of_a_in_b", pair.percent_of_a},
                         {"percent_of_b_in_a", pair.percent_of_b},
                         {"passages", passages}});
    }
    return Json{{"schema", "klass-similar/1"},
                {"note", caution},
                {"compared", leads.authors},
                {"pairs", pairs}}
               .dump(2) +
           "\n";
}

ExitStatus similar_verb(const SimilarOptions &options) {
    const Paths paths = Paths::from_environment();
    if (options.inputs.empty() == options.gradebook.empty())
        throw UsageError("name folders and archives, or a gradebook",
                         "klass similar submissions --stage STAGE, or klass similar --gradebook "
                         "FILE --stage STAGE");
    if (options.format != "text" && options.format != "json")
        throw UsageError(fmt::format("there is no format {}", options.format),
                         "the formats are text and json");
    const std::string first = options.inputs.empty() ? "." : options.inputs.front();
    const std::string id = judge::stage_of(paths.course, first, options.stage);
    Sources sources;
    if (options.gradebook.empty()) {
        sources.take_from(options.inputs, judge::Manifest::of_stage(paths.course, id));
    } else {
        gradebook::Database database(options.gradebook, gradebook::Database::Access::read);
        sources.take_from(database, id);
    }
    const auto authors = sources.authors();
    if (authors.size() < 2)
        throw UsageError(fmt::format("there are {} submissions to compare", authors.size()),
                         "two or more can be compared");
    const auto progress = progress_to(STDERR_FILENO);
    progress->begin(fmt::format("Comparing {} submissions", authors.size()), 0);
    const auto leads =
        similar::compare(authors, paths.course / "exercises" / id, options.threshold);
    progress->end();
    const std::string text =
        options.format == "json" ? as_json(leads) : as_text(leads, options.threshold);
    write_out(options.file, text);
    return ExitStatus::full_marks;
}

}  // namespace

void add_similar(CLI::App &app, Action &action) {
    static SimilarOptions options;
    CLI::App *verb =
        app.add_subcommand("similar", "Show which submissions share code: a lead to follow");
    verb->add_option("input", options.inputs, "Folders and archives, as `klass batch` takes them");
    verb->add_option("--gradebook", options.gradebook, "Compare what a gradebook holds");
    verb->add_option("--stage", options.stage, "The stage; its skeleton's lines are left out");
    verb->add_option("--percent", options.threshold.percent,
                     "Tell of pairs that share so much of what is their own, or more")
        ->capture_default_str()
        ->check(CLI::Range(1, 100));
    verb->add_option("--passages", options.threshold.passages, "Passages to show of a pair")
        ->capture_default_str();
    verb->add_option("--format", options.format, "text, json")->capture_default_str();
    verb->add_option("--output", options.file, "File for it; else standard output");
    verb->footer(
        "Names, comments and layout make no difference (Debian's similarity-tester compares "
        "tokens).\n"
        "What it finds is a lead: only a person who has read both can say more.\n\n"
        "Examples:\n"
        "  klass similar submissions --stage 04-chardev\n"
        "  klass similar --gradebook gradebook.sqlite --stage 04-chardev --percent 60");
    verb->callback([&] { action = [] { return similar_verb(options); }; });
}

}  // namespace klass::cli
