// SPDX-License-Identifier: Apache-2.0
#include "stages/camera_offload/holdings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>

#include "util/lines.h"

namespace klass::stages::camera {

using namespace std::chrono_literals;
using judge::Trial;

Holdings::Holdings(Trial &t)
    : t_(t), modules_(modules()), sockets_(sockets()), pages_(pages()), threads_(threads()) {
    t.pass_over_allocations();
}

void Holdings::expect_the_same() {
    // A socket ends when its last segment is acknowledged, and a file when its task is free.
    t_.comes_true(
        [&] { return modules() == modules_ && sockets() <= sockets_ && new_threads().empty(); },
        10s);
    const std::string now = modules();
    t_.expect_that(now == modules_,
                   "the camera's modules are held by as many as before: " + modules_,
                   "now they are " + now);
    t_.expect_that(sockets() <= sockets_, fmt::format("{} TCP sockets are left", sockets_),
                   fmt::format("there are {}", sockets()));
    t_.expect_that(pages() <= pages_, fmt::format("{} pages of programs are pinned", pages_),
                   fmt::format("there are {}", pages()));
    const std::vector<std::string> more = new_threads();
    t_.expect_that(more.empty(), "no thread of the kernel is left that was not there before",
                   fmt::format("there is {}", fmt::join(more, ", ")));
    t_.expect_nothing_left();
}

std::string Holdings::modules() {
    std::string held;
    for (const char *name : {"vcam", "videobuf2_vmalloc"}) {
        const std::string count = t_.read_text(fmt::format("/sys/module/{}/refcnt", name));
        held += fmt::format("{} {}", name, count.substr(0, count.find('\n'))) + "; ";
    }
    return held;
}

// "TCP: inuse 0 orphan 0 tw 1 alloc 3 mem 0"
int Holdings::sockets() {
    const std::string text = t_.read_text("/proc/net/sockstat");
    return static_cast<int>(number_after(text.substr(text.find("TCP:")), "alloc "));
}

// By pin_user_pages() and not yet unpinned: mm/gup.c.
int Holdings::pages() {
    // Each processor counts for itself, and adds it up when it is told to: mm/vmstat.c.
    t_.expect(t_.process().write_file("/proc/sys/vm/stat_refresh", "1")).succeeds();
    const std::string text = t_.read_text("/proc/vmstat");
    return static_cast<int>(number_after(text, "nr_foll_pin_acquired ") -
                            number_after(text, "nr_foll_pin_released "));
}

// The kernel's, in order, but for its workers, which come and go with work of all kinds.
std::vector<std::string> Holdings::threads() {
    std::vector<std::string> found;
    // Each as proc_pid_stat(5) says, "12 (name) S 2 ...": the kernel's have the parent 2.
    const auto listed =
        t_.expect(t_.process().run({"/bin/sh", "-c", "cat /proc/[0-9]*/stat 2>/dev/null"}))
            .succeeds();
    for (const std::string &line : lines_of(guest::text(listed.observation()))) {
        const std::size_t begin = line.find('(') + 1;
        const std::size_t end = line.rfind(')');
        if (end == std::string::npos || line.substr(end).find(" 2 ") != 3)
            continue;
        if (std::string name = line.substr(begin, end - begin); !name.starts_with("kworker/"))
            found.push_back(std::move(name));
    }
    std::sort(found.begin(), found.end());
    return found;
}

std::vector<std::string> Holdings::new_threads() {
    const std::vector<std::string> now = threads();
    std::vector<std::string> more;
    std::set_difference(now.begin(), now.end(), threads_.begin(), threads_.end(),
                        std::back_inserter(more));
    return more;
}

}  // namespace klass::stages::camera
