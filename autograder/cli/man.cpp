// SPDX-License-Identifier: Apache-2.0
// Manual pages, made from the same description of the command line as --help: man(7).
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <filesystem>
#include <iterator>
#include <utility>

#include "cli/verb.h"
#include "util/digest.h"
#include "util/error.h"

namespace klass::cli {

namespace {

namespace fs = std::filesystem;

struct ManOptions {
    std::string verb;
    std::string all;
};

/** Text that roff takes for nothing else: groff_char(7), and no line begins with a request. */
std::string escaped(std::string_view text) {
    std::string safe;
    bool line_begins = true;
    for (const char byte : text) {
        if (line_begins && (byte == '.' || byte == '\''))
            safe += "\\&";
        if (byte == '\\')
            safe += "\\e";
        else if (byte == '-')
            safe += "\\-";
        else
            safe += byte;
        line_begins = byte == '\n';
    }
    return safe;
}

bool is_shown(const CLI::Option &option) {
    return !option.get_group().empty();
}

bool is_shown(const CLI::App &verb) {
    return !verb.get_group().empty();
}

/** "--stage TEXT" with the value in italics. */
std::string option_heading(const CLI::Option &option) {
    std::string names;
    for (const std::string &name : option.get_snames())
        names += fmt::format("{}\\fB\\-{}\\fR", names.empty() ? "" : ", ", escaped(name));
    for (const std::string &name : option.get_lnames())
        names += fmt::format("{}\\fB\\-\\-{}\\fR", names.empty() ? "" : ", ", escaped(name));
    if (option.get_items_expected_max() > 0 && option.get_type_size_max() > 0)
        names += fmt::format(" \\fI{}\\fR",
                             escaped(option.get_option_text().empty() ? option.get_type_name()
                                                                      : option.get_option_text()));
    return names;
}

/** "[OPTIONS] stage [check]" */
std::string synopsis(const CLI::App &verb) {
    std::string text = "[\\fIOPTIONS\\fR]";
    for (const CLI::Option *option : verb.get_options()) {
        if (!option->get_positional())
            continue;
        const std::string more = option->get_items_expected_max() > 1 ? "..." : "";
        const std::string word =
            fmt::format("\\fI{}\\fR{}", escaped(option->get_single_name()), more);
        text += option->get_required() ? " " + word : fmt::format(" [{}]", word);
    }
    if (!verb.get_subcommands(nullptr).empty())
        text += " \\fISUBCOMMAND\\fR";
    return text;
}

/** A page is as old as the program that it is of. */
std::string date_of_program() {
    struct stat status {};
    if (stat("/proc/self/exe", &status) != 0)
        throw GraderFault("cannot tell how old this program is: " + errno_text(errno));
    return fmt::format("{:%Y-%m-%d}", fmt::gmtime(status.st_mtime));
}

class Page {
  public:
    /** @param name  the words of the command: "klass grade" */
    Page(const CLI::App &app, const CLI::App &verb, const std::string &name) {
        std::string title = name;
        std::replace(title.begin(), title.end(), ' ', '-');
        std::string capitals = title;
        std::transform(capitals.begin(), capitals.end(), capitals.begin(),
                       [](unsigned char byte) { return static_cast<char>(std::toupper(byte)); });
        add(".TH {} 1 {} \"klass {}\" \"Klass\"\n", escaped(capitals), date_of_program(),
            KLASS_VERSION);
        add(".SH NAME\n{} \\- {}\n", escaped(title), escaped(verb.get_description()));
        add(".SH SYNOPSIS\n\\fB{}\\fR {}\n", escaped(name), synopsis(verb));
        arguments(verb);
        options(verb);
        verbs(verb, name);
        const std::string &footer = verb.get_footer();
        if (!footer.empty())
            add(".SH NOTES\n.nf\n{}\n.fi\n", escaped(footer));
        if (&app != &verb)
            add(".SH SEE ALSO\n\\fBklass\\fR(1)\n");
    }
    std::string text() { return std::move(text_); }

  private:
    template <typename... Values>
    void add(fmt::format_string<Values...> format, Values &&...values) {
        fmt::format_to(std::back_inserter(text_), format, std::forward<Values>(values)...);
    }

    void entry(const std::string &heading, const std::string &description) {
        add(".TP\n{}\n{}\n", heading, escaped(description));
    }
    void arguments(const CLI::App &verb) {
        bool first = true;
        for (const CLI::Option *option : verb.get_options()) {
            if (!option->get_positional() || !is_shown(*option))
                continue;
            if (std::exchange(first, false))
                add(".SH ARGUMENTS\n");
            entry(fmt::format("\\fI{}\\fR", escaped(option->get_single_name())),
                  option->get_description());
        }
    }
    void options(const CLI::App &verb) {
        add(".SH OPTIONS\n");
        for (const CLI::Option *option : verb.get_options())
            if (option->nonpositional() && is_shown(*option))
                entry(option_heading(*option), option->get_description());
    }
    void verbs(const CLI::App &verb, const std::string &name) {
        bool first = true;
        for (const CLI::App *sub : verb.get_subcommands(nullptr)) {
            if (!is_shown(*sub))
                continue;
            if (std::exchange(first, false))
                add(".SH COMMANDS\n");
            add(".TP\n\\fB{} {}\\fR {}\n{}\n", escaped(name), escaped(sub->get_name()),
                synopsis(*sub), escaped(sub->get_description()));
        }
    }

    std::string text_;
};

ExitStatus man(const CLI::App &app, const ManOptions &options) {
    if (!options.all.empty()) {
        fs::create_directories(options.all);
        write_file_atomically(fs::path(options.all) / "klass.1", Page(app, app, "klass").text());
        for (const CLI::App *verb : app.get_subcommands(nullptr))
            if (is_shown(*verb))
                write_file_atomically(
                    fs::path(options.all) / fmt::format("klass-{}.1", verb->get_name()),
                    Page(app, *verb, "klass " + verb->get_name()).text());
        return ExitStatus::full_marks;
    }
    if (options.verb.empty()) {
        fmt::print("{}", Page(app, app, "klass").text());
        return ExitStatus::full_marks;
    }
    for (const CLI::App *verb : app.get_subcommands(nullptr))
        if (verb->check_name(options.verb)) {
            fmt::print("{}", Page(app, *verb, "klass " + options.verb).text());
            return ExitStatus::full_marks;
        }
    throw UsageError(fmt::format("there is no verb {}", options.verb), "klass --help lists them");
}

}  // namespace

void add_man(CLI::App &app, Action &action) {
    static ManOptions options;
    CLI::App *verb = app.add_subcommand("man", "Print a manual page: klass man grade | man -l -");
    verb->add_option("verb", options.verb, "The verb (default: klass itself)");
    verb->add_option("--all", options.all, "Write all pages into this folder")
        ->option_text("FOLDER");
    verb->callback([&] { action = [&app] { return man(app, options); }; });
}

}  // namespace klass::cli
