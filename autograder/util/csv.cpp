// SPDX-License-Identifier: Apache-2.0
#include "util/csv.h"

#include <fmt/format.h>

#include "util/error.h"

namespace klass {

namespace {

/** Cuts a text into records. */
class Reader {
  public:
    Reader(std::string_view text, std::string_view name) : text_(text), name_(name) {
        constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
        if (text_.starts_with(byte_order_mark))
            at_ = byte_order_mark.size();
    }

    std::vector<CsvRecord> records() {
        std::vector<CsvRecord> records;
        while (at_ < text_.size()) {
            CsvRecord record = this->record();
            if (record.fields.size() > 1 || !record.fields.front().empty())
                records.push_back(std::move(record));
        }
        return records;
    }

  private:
    CsvRecord record() {
        CsvRecord record{.line = line_, .fields = {}};
        do
            record.fields.push_back(next_is('"') ? quoted() : plain());
        while (take(','));
        take('\r');
        if (at_ < text_.size() && !take('\n'))
            throw fault("a comma or the line's end should follow the closing quote");
        ++line_;
        return record;
    }

    std::string plain() {
        const std::size_t end = std::min(text_.find_first_of(",\r\n\"", at_), text_.size());
        std::string field(text_.substr(at_, end - at_));
        at_ = end;
        if (next_is('"'))
            throw fault("a quote stands within a field that does not begin with one");
        return field;
    }

    std::string quoted() {
        const std::size_t begun = line_;
        take('"');
        std::string field;
        while (at_ < text_.size()) {
            const char byte = text_[at_++];
            if (byte == '"' && !take('"'))
                return field;
            line_ += byte == '\n' ? 1 : 0;
            field.push_back(byte);
        }
        line_ = begun;
        throw fault("a quote is not closed");
    }

    [[nodiscard]] bool next_is(char byte) const { return at_ < text_.size() && text_[at_] == byte; }
    bool take(char byte) {
        const bool there = next_is(byte);
        at_ += there ? 1 : 0;
        return there;
    }
    [[nodiscard]] UsageError fault(std::string_view what) const {
        return UsageError(fmt::format("{}:{}: {}", name_, line_, what),
                          "a field with a comma or a quote stands in quotes, and a quote in it "
                          "twice");
    }

    std::string_view text_;
    std::string_view name_;
    std::size_t at_ = 0;
    std::size_t line_ = 1;
};

}  // namespace

std::vector<CsvRecord> parse_csv(std::string_view text, std::string_view name) {
    return Reader(text, name).records();
}

std::string csv_line(const std::vector<std::string> &fields) {
    std::string line;
    for (const std::string &field : fields) {
        line += line.empty() && &field == &fields.front() ? "" : ",";
        if (field.find_first_of(",\"\r\n") == std::string::npos) {
            line += field;
            continue;
        }
        line += '"';
        for (const char byte : field)
            line += byte == '"' ? std::string("\"\"") : std::string(1, byte);
        line += '"';
    }
    return line + "\n";
}

std::string not_a_formula(std::string text) {
    if (!text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos)
        text.insert(text.begin(), '\'');
    return text;
}

}  // namespace klass
