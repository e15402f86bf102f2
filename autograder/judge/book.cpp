// SPDX-License-Identifier: Apache-2.0
#include "judge/book.h"

#include <string_view>

#include "util/digest.h"
#include "util/lines.h"

namespace klass::judge {

namespace {

namespace fs = std::filesystem;

/** "Chapter 4" of "Chapter 4: a character device". */
std::string short_title(const std::string &page) {
    return page.substr(0, page.find(':'));
}

void add_page(std::string_view text, std::map<std::string, std::string> &titles) {
    std::string page;
    for_each_line(text, [&](std::string_view line) {
        const std::size_t level = line.find_first_not_of('#');
        const std::size_t anchor = line.rfind(" {#");
        if (level == 0 || level == std::string_view::npos || line[level] != ' ' ||
            anchor == std::string_view::npos || anchor <= level || !line.ends_with('}'))
            return;
        const std::string title(line.substr(level + 1, anchor - level - 1));
        const std::size_t name = anchor + std::string_view(" {#").size();
        if (level == 1)
            page = title;
        titles[std::string(line.substr(name, line.size() - name - 1))] =
            level == 1 ? title : short_title(page) + ", " + title;
    });
}

}  // namespace

std::map<std::string, std::string> section_titles(const fs::path &course) {
    std::map<std::string, std::string> titles;
    const fs::path pages = course / "book" / "pages";
    if (fs::is_directory(pages))
        for (const auto &entry : fs::directory_iterator(pages))
            if (entry.path().extension() == ".md")
                add_page(read_file(entry.path()), titles);
    return titles;
}

std::string book_text(const std::string &section, const std::string &anchor) {
    return section.empty() || anchor.empty() ? anchor : section + " (" + anchor + ")";
}

}  // namespace klass::judge
