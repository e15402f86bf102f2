// SPDX-License-Identifier: Apache-2.0
#include "report/live_console.h"

#include <fmt/format.h>

#include "report/check_text.h"
#include "report/phrases.h"

namespace klass::report {

void LiveConsole::asked(std::string_view what) {
    end();
    open_ = one_line(what);
    print_("  " + open_);
}

void LiveConsole::done(std::string_view line) {
    const std::string text = one_line(line);
    if (!open_.empty() && text.starts_with(open_)) {
        print_(text.substr(open_.size()) + "\n");
        open_.clear();
        return;
    }
    end();
    print_("  " + text + "\n");
}

void LiveConsole::console(std::string_view line) {
    end();
    print_("      " + painted(one_line(line), Colour::dim, style_) + "\n");
}

void LiveConsole::end() {
    if (!open_.empty())
        print_(" ...\n");
    open_.clear();
}

}  // namespace klass::report
