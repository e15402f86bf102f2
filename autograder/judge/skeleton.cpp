// SPDX-License-Identifier: Apache-2.0
#include "judge/skeleton.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "util/digest.h"
#include "util/error.h"
#include "util/lines.h"

namespace klass::judge {

namespace {

namespace fs = std::filesystem;

/** The lines of a text; an end of the last line makes no empty one after it. */
std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        lines.emplace_back(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return lines;
}

/** A line that holds nothing but a comment, or the beginning of one. */
struct CommentLine {
    std::string_view indent;
    std::string_view sign;     ///< what begins the comment: a slash and a star, two slashes, a hash
    std::string_view content;  ///< without sign, end and blanks around
    bool ended = true;         ///< false for a block comment that goes on in the next line
};

std::optional<CommentLine> comment_line(std::string_view line) {
    const std::string_view text = trimmed(line);
    for (const std::string_view sign : {"/*", "//", "#"}) {
        if (!text.starts_with(sign))
            continue;
        CommentLine comment;
        comment.indent = line.substr(0, line.find(sign));
        comment.sign = sign;
        comment.content = text.substr(sign.size());
        if (sign == "/*") {
            comment.ended = comment.content.ends_with("*/");
            if (comment.ended)
                comment.content.remove_suffix(2);
        }
        comment.content = trimmed(comment.content);
        return comment;
    }
    return std::nullopt;
}

/** A comment of its own that holds a mark. */
struct Mark {
    std::string word;      ///< "task", "skeleton" or "end"
    std::string indent;    ///< white space before the comment
    std::string text;      ///< after the word, on its line
    std::size_t last = 0;  ///< index of the comment's last line
};

/** Recognises marks in one source text. */
class MarkReader {
  public:
    explicit MarkReader(const std::vector<std::string> &lines) : lines_(lines) {}

    /** The mark whose comment begins at a line, if one does. */
    [[nodiscard]] std::optional<Mark> at(std::size_t index) const {
        const auto comment = comment_line(lines_[index]);
        if (!comment)
            return std::nullopt;
        std::string_view content = comment->content;
        if (content.empty() && !comment->ended && index + 1 < lines_.size())
            content = inside_block(lines_[index + 1]);
        if (!content.starts_with(prefix))
            return std::nullopt;
        content.remove_prefix(prefix.size());
        const std::string_view word = content.substr(0, content.find_first_of(" \t"));
        return Mark{.word = std::string(word),
                    .indent = std::string(comment->indent),
                    .text = std::string(trimmed(content.substr(word.size()))),
                    .last = comment->ended ? end_of_line_comment(index, comment->sign)
                                           : end_of_block(index)};
    }
    /** A comment that is only a name in brackets, as Doxygen's \snippet looks for it. */
    [[nodiscard]] bool is_snippet_mark(std::size_t index) const {
        const auto comment = comment_line(lines_[index]);
        return comment && comment->ended && comment->content.size() > 2 &&
               comment->content.starts_with('[') &&
               comment->content.find_first_of(" \t]") == comment->content.size() - 1 &&
               comment->content.ends_with(']');
    }

  private:
    static constexpr std::string_view prefix = "klass:";

    /** What a line within a block comment says, without the star before and the end after it. */
    static std::string_view inside_block(std::string_view line) {
        std::string_view content = trimmed(line);
        if (content.ends_with("*/"))
            content.remove_suffix(2);
        if (content.starts_with('*'))
            content.remove_prefix(1);
        return trimmed(content);
    }
    [[nodiscard]] std::size_t end_of_block(std::size_t index) const {
        while (index + 1 < lines_.size() && lines_[index].find("*/") == std::string::npos)
            ++index;
        return index;
    }
    /** Lines go on with two blanks after the sign; a block comment that has ended does not. */
    [[nodiscard]] std::size_t end_of_line_comment(std::size_t index, std::string_view sign) const {
        const std::string continued = std::string(sign) + "  ";
        while (sign != "/*" && index + 1 < lines_.size() &&
               trimmed(lines_[index + 1]).starts_with(continued))
            ++index;
        return index;
    }

    const std::vector<std::string> &lines_;
};

/** What becomes of a source text: for the student, or for the book. */
enum class Cut { skeleton, quotable };

class Cutter {
  public:
    Cutter(std::string_view source, std::string_view name, Cut cut)
        : lines_(lines_of(source)), marks_(lines_), name_(name), cut_(cut) {}

    std::string result() {
        for (std::size_t index = 0; index < lines_.size(); ++index) {
            if (const auto mark = marks_.at(index)) {
                take(*mark, index);
                index = mark->last;
            } else {
                take_line(index);
            }
        }
        if (task_line_)
            fail(*task_line_, "klass:task without its klass:end");
        return result_;
    }

  private:
    [[noreturn]] void fail(std::size_t line, const std::string &message) const {
        throw UsageError(fmt::format("{}:{}: {}", name_, line, message));
    }
    void emit(const std::string &line) { result_ += line + "\n"; }

    void take(const Mark &mark, std::size_t index) {
        const std::size_t line = index + 1;
        if (mark.word == "task") {
            if (task_line_)
                fail(line, fmt::format("klass:task within the one of line {}", *task_line_));
            if (mark.text.empty())
                fail(line, "klass:task does not say what the student is to do");
            task_line_ = line;
            if (cut_ == Cut::skeleton)
                emit_task(mark, index);
        } else if (mark.word == "skeleton") {
            if (!task_line_)
                fail(line, "klass:skeleton outside of a klass:task");
            if (cut_ == Cut::skeleton)
                emit(mark.indent + mark.text);
        } else if (mark.word == "end") {
            if (!task_line_)
                fail(line, "klass:end without a klass:task");
            task_line_.reset();
        } else {
            fail(line, fmt::format("there is no mark klass:{}; there are task, skeleton and end",
                                   mark.word));
        }
    }
    /** The comment as it stands, so that its author sees what a student sees. */
    void emit_task(const Mark &mark, std::size_t index) {
        static const std::string word = "klass:task";
        for (; index <= mark.last; ++index) {
            std::string line = lines_[index];
            if (const std::size_t at = line.find(word); at != std::string::npos)
                line.replace(at, word.size(), "TODO:");
            emit(line);
        }
    }
    void take_line(std::size_t index) {
        if (cut_ == Cut::quotable || (!task_line_ && !marks_.is_snippet_mark(index)))
            emit(lines_[index]);
    }

    std::vector<std::string> lines_;
    MarkReader marks_;
    std::string name_;
    Cut cut_;
    std::optional<std::size_t> task_line_;
    std::string result_;
};

struct GeneratedFile {
    fs::path solution;
    fs::path name;      ///< relative to the stage's folder
    fs::path exercise;  ///< relative to the course
    std::string contents;
};

/** Relative to the folder; those of its folders, too, but not the mutants. */
std::vector<fs::path> regular_files(const fs::path &folder) {
    std::vector<fs::path> files;
    for (fs::recursive_directory_iterator entry(folder), end; entry != end; ++entry) {
        const fs::path name = entry->path().lexically_relative(folder);
        if (name == "mutants")
            entry.disable_recursion_pending();
        else if (entry->symlink_status().type() == fs::file_type::regular)
            files.push_back(name);
    }
    std::sort(files.begin(), files.end());
    return files;
}

std::vector<GeneratedFile> generate(const fs::path &course, const std::string &stage) {
    const fs::path solution = course / "solutions" / stage;
    if (!fs::is_directory(solution))
        throw UsageError(fmt::format("there is no solution {}", solution.string()));
    std::vector<GeneratedFile> files;
    for (const fs::path &name : regular_files(solution)) {
        if (name == "README.md")
            continue;
        const fs::path file = solution / name;
        files.push_back({file, name, fs::path("exercises") / stage / name,
                         skeleton_of(read_file(file), fs::relative(file, course).string())});
    }
    return files;
}

std::string first_difference_of_lines(std::string_view is, std::string_view should_be) {
    const auto left = lines_of(is);
    const auto right = lines_of(should_be);
    const auto line = [](const std::vector<std::string> &lines, std::size_t index) {
        return index < lines.size() ? fmt::format("\"{}\"", lines[index]) : "the end of the file";
    };
    std::size_t index = 0;
    while (index < left.size() && index < right.size() && left[index] == right[index])
        ++index;
    if (index == left.size() && index == right.size())
        return "the last line's end differs";
    return fmt::format("line {} is {}, and should be {}", index + 1, line(left, index),
                       line(right, index));
}

}  // namespace

std::string skeleton_of(std::string_view source, std::string_view name) {
    return Cutter(source, name, Cut::skeleton).result();
}

std::string quotable(std::string_view source, std::string_view name) {
    return Cutter(source, name, Cut::quotable).result();
}

std::vector<SkeletonDrift> skeleton_drift(const fs::path &course, const std::string &stage) {
    std::vector<SkeletonDrift> drift;
    std::set<fs::path> expected{"README.md", "stage.toml"};
    for (const GeneratedFile &file : generate(course, stage)) {
        expected.insert(file.name);
        if (!fs::is_regular_file(course / file.exercise)) {
            drift.push_back({file.exercise, "it is not there"});
            continue;
        }
        const std::string contents = read_file(course / file.exercise);
        if (contents != file.contents)
            drift.push_back({file.exercise, first_difference_of_lines(contents, file.contents)});
    }
    const fs::path exercise = fs::path("exercises") / stage;
    if (fs::is_directory(course / exercise))
        for (const fs::path &file : regular_files(course / exercise))
            if (!expected.contains(file))
                drift.push_back({exercise / file, "no file of the solution makes it"});
    return drift;
}

void write_skeleton(const fs::path &course, const std::string &stage) {
    for (const GeneratedFile &file : generate(course, stage)) {
        const fs::path target = course / file.exercise;
        fs::create_directories(target.parent_path());
        write_file_atomically(target, file.contents);
        fs::permissions(target, fs::status(file.solution).permissions());
    }
}

}  // namespace klass::judge
