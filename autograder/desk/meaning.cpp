// SPDX-License-Identifier: Apache-2.0
#include "desk/meaning.h"

#include "util/digest.h"
#include "util/error.h"

namespace klass::desk {

namespace {

namespace fs = std::filesystem;

/** Reads C as far as comments, strings and lines are concerned. */
class Reader {
  public:
    explicit Reader(std::string_view source) : rest_(source) {}

    std::string read() {
        while (!rest_.empty()) {
            if (rest_.starts_with("/*"))
                skip_block();
            else if (rest_.starts_with("//"))
                skip_line();
            else if (rest_.front() == '"' || rest_.front() == '\'')
                take_quoted(rest_.front());
            else
                take();
        }
        end_line();
        return std::move(text_);
    }

  private:
    /** One that does not end is kept: the compiler complains of it. */
    void skip_block() {
        const std::size_t end = rest_.find("*/", 2);
        if (end == std::string_view::npos) {
            line_ += rest_;
            rest_ = {};
            return;
        }
        // For the compiler a comment is a blank.
        blank_ = true;
        rest_.remove_prefix(end + 2);
    }
    void skip_line() {
        while (!rest_.empty() && rest_.front() != '\n')
            rest_.remove_prefix(rest_.starts_with("\\\n") ? 2 : 1);
    }
    void take_quoted(char quote) {
        take();
        while (!rest_.empty() && rest_.front() != '\n') {
            const bool ends = rest_.front() == quote;
            if (rest_.front() == '\\' && rest_.size() > 1)
                put();
            put();
            if (ends)
                return;
        }
    }
    void take() {
        const char byte = rest_.front();
        if (byte == '\n') {
            end_line();
            rest_.remove_prefix(1);
        } else if (byte == ' ' || byte == '\t') {
            blank_ = true;
            rest_.remove_prefix(1);
        } else {
            if (blank_ && !line_.empty())
                line_ += ' ';
            blank_ = false;
            put();
        }
    }
    void put() {
        line_ += rest_.front();
        rest_.remove_prefix(1);
    }
    void end_line() {
        if (!line_.empty())
            text_.append(line_).push_back('\n');
        line_.clear();
        blank_ = false;
    }

    std::string_view rest_;
    std::string line_;
    bool blank_ = false;
    std::string text_;
};

bool is_c(const fs::path &file) {
    return file.extension() == ".c" || file.extension() == ".h";
}

/** Of the two files that klass start adds for the reader no build takes notice. */
bool is_built(const fs::path &file) {
    return file != "README.md" && file != "stage.toml";
}

}  // namespace

std::string without_comments(std::string_view source) {
    return Reader(source).read();
}

State State::of(const kernel::Submission &submission) {
    Digest digest;
    for (const fs::path &file : submission.files) {
        if (!is_built(file))
            continue;
        std::string contents;
        try {
            contents = read_file(submission.folder / file);
        } catch (const GraderFault &) {
            throw UsageError(file.string() + " is gone");
        }
        digest.add(file.string()).add(is_c(file) ? without_comments(contents) : contents);
    }
    return {submission.sha256, digest.hex()};
}

Change State::since(const State &earlier) const {
    if (files == earlier.files)
        return Change::none;
    return meaning == earlier.meaning ? Change::comments : Change::code;
}

}  // namespace klass::desk
