// SPDX-License-Identifier: Apache-2.0
#include "kernel/diagnostics.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "kernel/text.h"
#include "util/lines.h"

// No std::regex: libstdc++'s recurses with the length of the subject, which is hostile.

namespace klass::kernel {

namespace {

constexpr std::size_t longest_line = 2000;

bool consume(std::string_view &text, std::string_view prefix) {
    if (!text.starts_with(prefix))
        return false;
    text.remove_prefix(prefix.size());
    return true;
}

/** A positive number at the start of the text, which is then cut from it. */
std::optional<int> consume_number(std::string_view &text) {
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || number <= 0)
        return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return number;
}

/** The last `:NUMBER` of the text, which is then cut from it; 0 when there is none. */
int consume_last_number(std::string_view &text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos)
        return 0;
    std::string_view digits = text.substr(colon + 1);
    const auto number = consume_number(digits);
    if (!number || !digits.empty())
        return 0;
    text = text.substr(0, colon);
    return *number;
}

/** Reads the output line by line and keeps what the next line may belong to. */
class Parser {
  public:
    explicit Parser(std::string_view root) : root_(root) {}

    /** False when there is no room for more. */
    bool take(std::string_view line) {
        line = line.substr(0, longest_line);
        if (!source_line(line) && !make(line) && !modpost(line) && !linker(line) &&
            !more_of_sparse(line))
            compiler(line);
        return found_.size() < most_diagnostics;
    }
    std::vector<Diagnostic> found() { return std::move(found_); }

  private:
    /** A path as the student or the kernel's developers know it. */
    [[nodiscard]] std::string known_path(std::string_view path) const {
        for (const std::string_view folder :
             {root_, std::string_view("/klass/linux"), std::string_view("/klass/build")}) {
            std::string_view rest = path;
            if (consume(rest, folder) && consume(rest, "/"))
                return safe_text(rest);
        }
        consume(path, "./");
        return safe_text(path);
    }
    [[nodiscard]] bool is_submissions(std::string_view path) const {
        return consume(path, root_) && path.starts_with('/');
    }

    static Diagnostic of(std::string_view tool, std::string_view severity) {
        Diagnostic diagnostic;
        diagnostic.tool = tool;
        diagnostic.severity = severity;
        return diagnostic;
    }
    void add(Diagnostic diagnostic) { found_.push_back(std::move(diagnostic)); }

    /** `   12 |     foo();` below a message of gcc. */
    bool source_line(std::string_view line) {
        std::string_view rest = trimmed(line);
        const auto number = consume_number(rest);
        if (!number || !line.starts_with(' ') || !consume(rest, " |"))
            return false;
        if (!found_.empty() && found_.back().tool == "gcc" && found_.back().line == *number &&
            found_.back().text.empty())
            // With its indentation, in which columns are counted; the first blank is gcc's.
            found_.back().text = safe_text(rest.substr(std::min<std::size_t>(rest.size(), 1)));
        return true;
    }

    /** `FILE:LINE:COLUMN: error: text [-Woption]`, and the same with less of a place. */
    bool compiler(std::string_view line) {
        static constexpr std::array<std::pair<std::string_view, std::string_view>, 4> severities = {
            {{": fatal error: ", "error"},
             {": error: ", "error"},
             {": warning: ", "warning"},
             {": note: ", "note"}}};
        std::size_t at = std::string_view::npos;
        std::pair<std::string_view, std::string_view> kind;
        for (const auto &candidate : severities) {
            // The first on the line: a message may quote another.
            if (const std::size_t found = line.find(candidate.first); found < at) {
                at = found;
                kind = candidate;
            }
        }
        if (at == std::string_view::npos || at == 0)
            return false;
        std::string_view place = line.substr(0, at);
        place_ = place;
        std::string_view message = trimmed(line.substr(at + kind.first.size()));
        Diagnostic diagnostic = of("gcc", kind.second);
        diagnostic.option = cut_option(message);
        if (consume(message, "objtool: "))
            diagnostic.tool = "objtool";
        const int last = consume_last_number(place);
        const int before = consume_last_number(place);
        diagnostic.line = before != 0 ? before : last;
        diagnostic.column = before != 0 ? last : 0;
        // `gcc: fatal error:` and `cc1: error:` are of no file.
        if (place.find('/') != std::string_view::npos || place.find('.') != std::string_view::npos)
            diagnostic.file = known_path(place);
        diagnostic.message = safe_text(message);
        add(std::move(diagnostic));
        return true;
    }

    /** `FILE:LINE:COLUMN:    expected char *`, below a message of sparse of the same place. */
    bool more_of_sparse(std::string_view line) {
        std::string_view rest = line;
        if (place_.empty() || !consume(rest, place_) || !consume(rest, ":    "))
            return false;
        found_.back().message += ", " + safe_text(trimmed(rest));
        return true;
    }

    /** Cuts ` [-Wunused-variable]` or ` [-Werror=...]` from the end of a message. */
    static std::string cut_option(std::string_view &message) {
        const std::size_t open = message.rfind(" [-W");
        if (open == std::string_view::npos || !message.ends_with(']'))
            return {};
        std::string option = safe_text(message.substr(open + 2, message.size() - open - 3));
        message = message.substr(0, open);
        return option;
    }

    /** `ERROR: modpost: "foo" [/klass/submission/x.ko] undefined!` (scripts/mod/modpost.c) */
    bool modpost(std::string_view line) {
        const bool error = consume(line, "ERROR: modpost: ");
        if (!error && !consume(line, "WARNING: modpost: "))
            return false;
        Diagnostic diagnostic = of("modpost", error ? "error" : "warning");
        diagnostic.message = undefined_symbol(line);
        if (diagnostic.message.empty())
            diagnostic.message = without_root(line);
        add(std::move(diagnostic));
        return true;
    }

    [[nodiscard]] std::string undefined_symbol(std::string_view text) const {
        std::string_view rest = text;
        if (!consume(rest, "\"") || !rest.ends_with("] undefined!"))
            return {};
        const std::size_t quote = rest.find("\" [");
        if (quote == std::string_view::npos)
            return {};
        std::string_view module = rest.substr(quote + 3);
        module.remove_suffix(std::string_view("] undefined!").size());
        return "\"" + safe_text(rest.substr(0, quote)) + "\", which " + known_path(module) +
               " uses, is undefined: neither the kernel nor the submission exports it";
    }

    [[nodiscard]] std::string without_root(std::string_view text) const {
        std::string message = safe_text(text);
        const std::string prefix = std::string(root_) + "/";
        for (std::size_t at = message.find(prefix); at != std::string::npos;
             at = message.find(prefix, at))
            message.erase(at, prefix.size());
        return message;
    }

    /** `/usr/bin/ld: x.o: multiple definition of ...` */
    bool linker(std::string_view line) {
        const std::size_t at = line.find("ld: ");
        if (at == std::string_view::npos || (at != 0 && line[at - 1] != '/') ||
            line.substr(0, at).find_first_of(" :") != std::string_view::npos)
            return false;
        std::string_view message = line.substr(at + 4);
        const bool warning = consume(message, "warning: ");
        if (!warning)
            consume(message, "error: ");
        Diagnostic diagnostic = of("ld", warning ? "warning" : "error");
        diagnostic.message = without_root(message);
        add(std::move(diagnostic));
        return true;
    }

    /**
     * `Kbuild:3: *** missing separator.  Stop.`, `make[2]: *** No rule to make target ...` and
     * `make[1]: *** [/klass/submission/Makefile:5: all] Error 7`. True for every line of make's
     * own.
     */
    bool make(std::string_view line) {
        const std::size_t stars = line.find(": *** ");
        if (stars == std::string_view::npos)
            return line.starts_with("make: ") || line.starts_with("make[");
        std::string_view place = line.substr(0, stars);
        std::string_view message = trimmed(line.substr(stars + 6));
        if (message.starts_with("Deleting file ") || message.starts_with("Waiting for unfinished"))
            return true;
        Diagnostic diagnostic = of("make", "error");
        std::string bracket;
        if (const std::size_t end = message.find(": ");
            message.starts_with('[') && end != std::string_view::npos) {
            place = message.substr(1, end - 1);
            if (!is_submissions(place))
                return true;
            message = message.substr(end + 2);
            bracket = "[";
        }
        diagnostic.line = consume_last_number(place);
        if (diagnostic.line != 0)
            diagnostic.file = known_path(place);
        if (message.ends_with("  Stop."))
            message.remove_suffix(std::string_view("  Stop.").size());
        diagnostic.message = bracket + without_root(message);
        add(std::move(diagnostic));
        return true;
    }

    std::string_view root_;
    std::string_view place_;  ///< of the last message of a compiler, as it printed it
    std::vector<Diagnostic> found_;
};

}  // namespace

std::vector<Diagnostic> parse_build_output(std::string_view output, std::string_view root) {
    Parser parser(root);
    for_each_line(output, [&](std::string_view line) { return parser.take(line); });
    return parser.found();
}

}  // namespace klass::kernel
