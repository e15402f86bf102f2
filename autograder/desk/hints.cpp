// SPDX-License-Identifier: Apache-2.0
#include "desk/hints.h"

#include <fmt/format.h>

#include <algorithm>

#include "judge/book.h"
#include "report/check_text.h"
#include "report/phrases.h"
#include "report/wrap.h"

namespace klass::desk {

using report::Colour;
using report::painted;

std::size_t take_hint(StageNotes &notes, const judge::CheckInfo &check, const HintWish &wish) {
    const auto known = notes.hints.find(check.id);
    const std::size_t before = known == notes.hints.end() ? 0 : known->second;
    if (wish.again)
        return std::min(before, check.hints.size());
    const std::size_t shown =
        std::min(wish.depth != 0 ? wish.depth : before + 1, check.hints.size());
    notes.hints[check.id] = std::max(before, shown);
    return shown;
}

std::string hint_text(const judge::CheckInfo &check, std::size_t shown, std::string_view more,
                      const report::TextStyle &style) {
    const std::size_t width = report::width_of(style);
    std::string text;
    const auto add = [&](std::string_view before, std::string_view sentence, Colour colour) {
        const std::string indentation(before.size(), ' ');
        for (const std::string &line :
             report::wrapped(report::one_line(sentence), width - before.size())) {
            text += fmt::format("{}{}\n", before, painted(line, colour, style));
            before = indentation;
        }
    };
    add("", check.title, Colour::bold);
    for (std::size_t i = 0; i < shown; ++i)
        add(fmt::format("  {}. ", i + 1), check.hints[i],
            i + 1 == shown ? Colour::none : Colour::dim);
    const std::size_t all = check.hints.size();
    if (shown == 0)
        add("", fmt::format("No hint was taken yet. The first of {}: {}", all, more), Colour::none);
    else if (shown < all)
        add("", fmt::format("Hint {} of {}; they cost no points. One more: {}", shown, all, more),
            Colour::dim);
    else
        add("",
            fmt::format("That was the last of {}. The book: {}", all,
                        judge::book_text(check.section, check.book)),
            Colour::dim);
    return text;
}

}  // namespace klass::desk
