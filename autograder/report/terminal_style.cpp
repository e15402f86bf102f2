// SPDX-License-Identifier: Apache-2.0
#include "report/terminal_style.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

namespace klass::report {

TextStyle terminal_style(int fd) {
    TextStyle style;
    const bool terminal = isatty(fd) == 1;
    const char *term = std::getenv("TERM");
    const char *no_colour = std::getenv("NO_COLOR");
    style.colour = terminal && (no_colour == nullptr || *no_colour == '\0') &&
                   (term == nullptr || std::strcmp(term, "dumb") != 0);
    winsize size{};
    if (terminal && ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        style.width = size.ws_col;
    for (const char *name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        const char *value = std::getenv(name);
        if (value == nullptr || *value == '\0')
            continue;
        style.unicode =
            std::strstr(value, "UTF-8") != nullptr || std::strstr(value, "utf8") != nullptr;
        break;
    }
    return style;
}

}  // namespace klass::report
