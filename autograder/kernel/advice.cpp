// SPDX-License-Identifier: Apache-2.0
#include "kernel/advice.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <utility>

#include "kernel/text.h"
#include "util/lines.h"

namespace klass::kernel {

namespace {

// Where the kernel's documentation is read: the page of each file of Documentation/.
constexpr const char *documentation = "https://docs.kernel.org/";

/** A remark is this one when its option, or else its message, has the words. */
struct Explanation {
    std::string_view words;
    std::string_view meaning;
    std::string_view page;  ///< of the documentation; may be empty
};

constexpr std::array sparse_explanations{
    Explanation{"different address spaces",
                "A pointer that comes from user space (__user), or leads to a device (__iomem), is "
                "used as one of the kernel's own. Go through copy_from_user() and copy_to_user(), "
                "or readl() and writel(); never through the pointer itself.",
                "dev-tools/sparse.html"},
    Explanation{"noderef expression",
                "A pointer to user space or to a device is followed directly. It may be invalid, "
                "and it may be another process's: go through copy_from_user() and copy_to_user().",
                "dev-tools/sparse.html"},
    Explanation{"removes address space",
                "A cast takes __user or __iomem away, and with it the protection against mistakes: "
                "keep the mark on the pointer as far as it goes.",
                "dev-tools/sparse.html"},
    Explanation{"was not declared. Should it be static",
                "Nothing outside of this file uses it. With static, the compiler knows that too, "
                "and no other module's name can clash with it.",
                "process/coding-style.html"},
    Explanation{
        "context imbalance",
        "Not every path through this function leaves its locks as it found them: look for a "
        "return without its unlock.",
        "dev-tools/sparse.html"},
    Explanation{"plain integer as NULL pointer", "A null pointer is written NULL, not 0.",
                "process/coding-style.html"},
    Explanation{"restricted __",
                "A number of a fixed byte order, as devices and networks have it, is used like an "
                "ordinary one: convert it with cpu_to_le32(), be16_to_cpu() and their like.",
                "dev-tools/sparse.html"},
};

constexpr std::array analyzer_explanations{
    Explanation{"-Wanalyzer-malloc-leak",
                "On some path through the function, memory that it allocated is neither freed nor "
                "kept anywhere: mostly an error path that returns too early.",
                "process/coding-style.html"},
    Explanation{"-Wanalyzer-use-after-free", "On some path the memory is used after it was freed.",
                "dev-tools/kasan.html"},
    Explanation{"-Wanalyzer-double-free", "On some path the memory is freed twice.",
                "dev-tools/kasan.html"},
    Explanation{
        "-Wanalyzer-possible-null",
        "An allocation may fail and then returns NULL: look at it before the memory is used, "
        "and return -ENOMEM.",
        "core-api/memory-allocation.html"},
    Explanation{"-Wanalyzer-null", "On some path the pointer is NULL when it is used.",
                "process/coding-style.html"},
    Explanation{"-Wanalyzer-use-of-uninitialized-value",
                "On some path the variable has no value yet when it is read.",
                {}},
};

constexpr std::array tool_explanations{
    Explanation{"checkpatch", "The kernel's own check of style has this to say.",
                "dev-tools/checkpatch.html"},
    Explanation{"sparse", "sparse, the kernel's checker of types, does not agree with the code.",
                "dev-tools/sparse.html"},
    Explanation{"gcc -fanalyzer",
                "The compiler followed each path through the function, and one of them goes wrong.",
                {}},
    Explanation{"gcc", "The compiler builds it, and doubts it.", {}},
    Explanation{
        "cppcheck", "A reader of C in general thinks so; it knows nothing of the kernel.", {}},
};

struct KnownToBeWrong {
    std::string_view option;
    std::string_view text;  ///< of the source line
    std::string_view reason;
};

constexpr std::array known_to_be_wrong{
    KnownToBeWrong{
        "-Wanalyzer-null-dereference", "bytes += buffer->skb->len;",
        "stage 02's given code: between next_to_clean and next_to_use each buffer has its "
        "frame, which ek_start_xmit() put there before it moved next_to_use; the analyzer "
        "does not see across the two functions"},
    KnownToBeWrong{
        "invalidPrintfArgType_sint",
        "printf(\"counted to %llu, lost %lld\\n\", counter, expected - counter);",
        "stage 06's given code: it is meant, so that a count beyond what is expected is a "
        "negative loss and not an enormous one"},
};

bool consume(std::string_view &text, std::string_view prefix) {
    if (!text.starts_with(prefix))
        return false;
    text.remove_prefix(prefix.size());
    return true;
}

std::string_view without_indent(std::string_view text) {
    return text.substr(std::min(text.find_first_not_of(' '), text.size()));
}

/** Reads checkpatch.rst: `  **TYPE**`, and below it, indented, what it means. */
class TypesReader {
  public:
    void take(std::string_view line) {
        const std::string_view text = without_indent(line);
        if (begins_type(text))
            return;
        if (type_ == nullptr)
            return;
        if (!text.empty() && !line.starts_with("    "))
            type_ = nullptr;
        else
            take_text(text);
    }
    std::map<std::string, CheckpatchType> types() {
        // What leads over to an example is to stand alone here.
        for (auto &[name, type] : types_)
            if (type.meaning.ends_with("::"))
                type.meaning.replace(type.meaning.size() - 2, 2, ".");
        return std::move(types_);
    }

  private:
    bool begins_type(std::string_view text) {
        std::string_view name = text;
        if (!consume(name, "**") || !name.ends_with("**"))
            return false;
        name.remove_suffix(2);
        if (name.empty() || name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789") !=
                                std::string_view::npos)
            return false;
        type_ = &types_[std::string(name)];
        in_meaning_ = true;
        return true;
    }
    void take_text(std::string_view text) {
        if (text.empty()) {
            in_meaning_ = in_meaning_ && type_->meaning.empty();
            return;
        }
        std::string_view rest = text;
        if (consume(rest, "See: ")) {
            if (type_->link.empty() && rest.starts_with("https://"))
                type_->link = rest.substr(0, rest.find(' '));
            in_meaning_ = false;
        } else if (in_meaning_) {
            type_->meaning += (type_->meaning.empty() ? "" : " ") + std::string(text);
        }
    }

    std::map<std::string, CheckpatchType> types_;
    CheckpatchType *type_ = nullptr;
    bool in_meaning_ = false;
};

const Explanation *find_words(std::span<const Explanation> explanations, std::string_view text) {
    const auto found =
        std::find_if(explanations.begin(), explanations.end(), [text](const Explanation &each) {
            return text.find(each.words) != std::string_view::npos;
        });
    return found == explanations.end() ? nullptr : &*found;
}

const Explanation *explanation_of(const Diagnostic &diagnostic) {
    const Explanation *found = nullptr;
    if (diagnostic.tool == "sparse")
        found = find_words(sparse_explanations, diagnostic.message);
    else if (diagnostic.tool == "gcc -fanalyzer")
        found = find_words(analyzer_explanations, diagnostic.option);
    if (found != nullptr)
        return found;
    const auto general =
        std::find_if(tool_explanations.begin(), tool_explanations.end(),
                     [&](const Explanation &each) { return each.words == diagnostic.tool; });
    return general == tool_explanations.end() ? nullptr : &*general;
}

}  // namespace

std::map<std::string, CheckpatchType> checkpatch_types(std::string_view document) {
    TypesReader reader;
    for_each_line(document, [&](std::string_view line) { reader.take(line); });
    return reader.types();
}

std::vector<Diagnostic> parse_checkpatch(std::string_view output) {
    std::vector<Diagnostic> found;
    for_each_line(output, [&](std::string_view line) {
        // FILE:LINE: LEVEL:TYPE: text
        for (const std::string_view level : {": ERROR:", ": WARNING:", ": CHECK:"}) {
            const std::size_t at = line.find(level);
            const std::size_t colon = line.substr(0, at).rfind(':');
            if (at == std::string_view::npos || colon == std::string_view::npos)
                continue;
            const std::string_view digits = line.substr(colon + 1, at - colon - 1);
            int number = 0;
            std::from_chars(digits.data(), digits.data() + digits.size(), number);
            std::string_view rest = line.substr(at + level.size());
            const std::size_t end = rest.find(": ");
            if (end == std::string_view::npos || number <= 0 || found.size() >= most_diagnostics)
                continue;
            found.push_back({.severity = level == ": CHECK:" ? "note" : "warning",
                             .file = safe_text(line.substr(0, colon)),
                             .line = number,
                             .column = 0,
                             .message = safe_text(rest.substr(end + 2)),
                             .option = safe_text(rest.substr(0, end)),
                             .text = {},
                             .tool = "checkpatch"});
            return;
        }
    });
    return found;
}

Advice explained(Diagnostic diagnostic, const std::map<std::string, CheckpatchType> &types) {
    Advice advice{.diagnostic = std::move(diagnostic), .meaning = {}, .link = {}};
    if (const Explanation *found = explanation_of(advice.diagnostic)) {
        advice.meaning = found->meaning;
        if (!found->page.empty())
            advice.link = documentation + std::string(found->page);
    }
    if (advice.diagnostic.tool != "checkpatch")
        return advice;
    const auto type = types.find(advice.diagnostic.option);
    if (type != types.end() && !type->second.meaning.empty())
        advice.meaning = type->second.meaning;
    if (type != types.end() && !type->second.link.empty())
        advice.link = type->second.link;
    return advice;
}

bool is_known_to_be_wrong(const Diagnostic &diagnostic) {
    return std::any_of(
        known_to_be_wrong.begin(), known_to_be_wrong.end(), [&](const KnownToBeWrong &each) {
            return each.option == diagnostic.option && each.text == without_indent(diagnostic.text);
        });
}

}  // namespace klass::kernel
