// SPDX-License-Identifier: Apache-2.0
// Shell completion. Everything is asked of the command line's own description, so that it cannot
// drift; the shells' scripts know nothing but how to ask.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string_view>

#include "cli/verb.h"
#include "judge/manifest.h"
#include "report/format.h"
#include "util/digest.h"
#include "util/paths.h"

namespace klass::cli {

namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

// What a script does with a line that begins with a colon is its shell's own way of completing.
constexpr const char *files = ":files";
constexpr const char *folders = ":folders";

constexpr const char *bash_script = R"(# klass completion for bash: . <(klass complete bash)
_klass() {
    local word=${COMP_WORDS[COMP_CWORD]} line
    COMPREPLY=()
    while IFS= read -r line; do
        case $line in
        :files | :folders)
            compopt -o filenames
            local path
            while IFS= read -r path; do
                COMPREPLY+=("$path")
            done < <(if [[ $line == :files ]]; then compgen -f -- "$word"; else compgen -d -- "$word"; fi)
            ;;
        *) COMPREPLY+=("$line") ;;
        esac
    done < <("${COMP_WORDS[0]/#\~\//$HOME/}" complete words "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _klass klass
)";

constexpr const char *zsh_script = R"(#compdef klass
# klass completion for zsh: source <(klass complete zsh)
_klass() {
    local line
    local -a candidates
    for line in "${(@f)$(${(Q)words[1]} complete words "${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
        case $line in
        :files) _files ;;
        :folders) _files -/ ;;
        ?*) candidates+=("$line") ;;
        esac
    done
    (( $#candidates )) && compadd -a candidates
}
if [[ $funcstack[1] == _klass ]]; then
    _klass "$@"
else
    compdef _klass klass
fi
)";

constexpr const char *fish_script = R"(# klass completion for fish: klass complete fish | source
function __klass_complete
    set -l words (commandline -opc)
    set -l word (commandline -ct)
    for line in ($words[1] complete words $words[2..-1] "$word" 2>/dev/null)
        switch $line
            case :files
                __fish_complete_path $word
            case :folders
                __fish_complete_directories $word
            case '*'
                echo $line
        end
    end
end
complete -c klass -f -a '(__klass_complete)'
)";

bool takes_value(const CLI::Option &option) {
    return option.get_items_expected_max() > 0 && option.get_type_size_max() > 0;
}

/** What stands between braces or bars in an option's description of its values. */
Words listed_values(const CLI::Option &option) {
    std::string text = option.get_option_text();
    const std::string type = option.get_type_name();
    const std::size_t open = type.find('{');
    const std::size_t close = type.find('}');
    if (open != std::string::npos && close != std::string::npos && open < close)
        text = type.substr(open + 1, close - open - 1);
    else if (text.find('|') == std::string::npos)
        return {};
    Words values;
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t end = std::min(text.find_first_of("|,", at), text.size());
        // A word that stands for something else is listed as "kvm->1".
        const std::string word = text.substr(at, end - at);
        values.push_back(word.substr(0, word.find("->")));
        at = end + 1;
    }
    return values;
}

/** A command line up to the word that is to be completed. */
class Completion {
  public:
    Completion(const CLI::App &app, Words words)
        : app_(app), verb_(&app), words_(std::move(words)) {
        if (words_.empty())
            words_.emplace_back();
        for (std::size_t at = 0; at + 1 < words_.size(); ++at)
            take(words_[at]);
    }

    [[nodiscard]] Words candidates() const {
        const std::string &word = words_.back();
        Words all;
        if (value_of_ != nullptr)
            all = values_of(*value_of_);
        else if (word.starts_with("-"))
            all = option_names();
        else
            all = next_words();
        std::erase_if(all, [&](const std::string &each) {
            return !each.starts_with(':') && !each.starts_with(word);
        });
        return all;
    }

  private:
    void take(const std::string &word) {
        if (value_of_ != nullptr) {
            value_of_ = nullptr;
            return;
        }
        if (word.starts_with("-")) {
            const CLI::Option *option = verb_->get_option_no_throw(word);
            if (option != nullptr && takes_value(*option))
                value_of_ = option;
            return;
        }
        plain_words_.push_back(word);
        for (const CLI::App *sub : verb_->get_subcommands(nullptr))
            if (positionals_ == 0 && sub->check_name(word)) {
                verb_ = sub;
                return;
            }
        ++positionals_;
    }

    [[nodiscard]] Words option_names() const {
        Words names;
        for (const CLI::Option *option : verb_->get_options())
            for (const std::string &name : option->get_lnames())
                names.push_back("--" + name);
        return names;
    }

    [[nodiscard]] Words next_words() const {
        Words words;
        for (const CLI::App *sub : verb_->get_subcommands(nullptr))
            if (positionals_ == 0)
                words.push_back(sub->get_name());
        std::vector<const CLI::Option *> positionals;
        for (const CLI::Option *option : verb_->get_options())
            if (option->get_positional())
                positionals.push_back(option);
        if (positionals.empty())
            return words;
        // The last one may take all that follow.
        const CLI::Option *option = positionals[std::min(positionals_, positionals.size() - 1)];
        if (positionals_ < positionals.size() || option->get_items_expected_max() > 1)
            for (std::string &value : values_of(*option))
                words.push_back(std::move(value));
        return words;
    }

    [[nodiscard]] Words values_of(const CLI::Option &option) const {
        if (const Words listed = listed_values(option); !listed.empty())
            return listed;
        const std::string &name = option.get_single_name();
        if (name == "stage")
            return judge::stage_ids(Paths::from_environment().course);
        if (name == "check")
            return check_ids();
        if (name == "format")
            return format_names();
        if (name == "verb")
            return verb_names();
        static constexpr std::array folder_names{"folder", "captures", "log", "all"};
        if (std::find(folder_names.begin(), folder_names.end(), name) != folder_names.end())
            return {folders};
        // A number or a word of one's own is not to be found on disk.
        static constexpr std::array no_files{"seed",    "jobs",   "depth",   "mutant", "name",
                                             "flavour", "listen", "threads", "queue",  "size"};
        if (std::find(no_files.begin(), no_files.end(), name) != no_files.end())
            return {};
        return {files};
    }

    [[nodiscard]] Words verb_names() const {
        Words names;
        for (const CLI::App *verb : app_.get_subcommands(nullptr))
            names.push_back(verb->get_name());
        return names;
    }

    static Words format_names() {
        Words names;
        for (const report::Format &format : report::formats())
            names.emplace_back(format.name);
        return names;
    }

    /** Of the stage that an earlier word names: by its id, a folder of it, or a report of it. */
    [[nodiscard]] Words check_ids() const {
        const fs::path course = Paths::from_environment().course;
        Words words = plain_words_;
        words.emplace_back(".");
        for (const std::string &word : words)
            try {
                const auto manifest = judge::Manifest::of_stage(course, stage_in(course, word));
                Words ids;
                for (const judge::CheckInfo &check : manifest.checks)
                    ids.push_back(check.id);
                return ids;
            } catch (const std::exception &) {
                // The word says nothing of a stage.
            }
        return {};
    }

    static std::string stage_in(const fs::path &course, const std::string &word) {
        if (fs::is_directory(word))
            return judge::stage_of(course, word, "");
        if (fs::is_regular_file(word))
            return nlohmann::json::parse(read_file(word)).at("stage");
        return word;
    }

    const CLI::App &app_;
    const CLI::App *verb_;
    Words words_;
    const CLI::Option *value_of_ = nullptr;  ///< the option whose value comes next
    std::size_t positionals_ = 0;
    Words plain_words_;
};

ExitStatus complete(const CLI::App &app, Words words) {
    const std::string what = words.empty() ? "" : words.front();
    if (what == "bash")
        fmt::print("{}", bash_script);
    else if (what == "zsh")
        fmt::print("{}", zsh_script);
    else if (what == "fish")
        fmt::print("{}", fish_script);
    else if (what == "words")
        for (const std::string &candidate :
             Completion(app, {words.begin() + 1, words.end()}).candidates())
            fmt::print("{}\n", candidate);
    else
        throw UsageError("klass complete wants to know for which shell",
                         "bash, zsh or fish: . <(klass complete bash)");
    return ExitStatus::full_marks;
}

}  // namespace

void add_complete(CLI::App &app, Action &action) {
    CLI::App *verb = app.add_subcommand(
        "complete", "Print the completion script of bash, zsh or fish: . <(klass complete bash)");
    // A command line that is not finished yet may hold anything.
    verb->prefix_command();
    verb->callback(
        [&, verb] { action = [&app, words = verb->remaining()] { return complete(app, words); }; });
}

}  // namespace klass::cli
