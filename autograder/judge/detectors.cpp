// SPDX-License-Identifier: Apache-2.0
#include "judge/detectors.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <sstream>

#include "judge/trial.h"
#include "util/error.h"

namespace klass::judge {

namespace {

using namespace std::chrono_literals;

// Where x86-64 puts modules (arch/x86/include/asm/pgtable_64_types.h). The guest
// has no module but the submission's, so an address in here is the submission's.
constexpr std::uint64_t modules_begin = 0xffffffffa0000000;
constexpr std::uint64_t modules_end = 0xffffffffff000000;

// The plain kmalloc() caches: no module of the course asks for DMA memory.
constexpr const char *kmalloc_caches[] = {
    "kmalloc-8",   "kmalloc-16",  "kmalloc-32",  "kmalloc-64",  "kmalloc-96",
    "kmalloc-128", "kmalloc-192", "kmalloc-256", "kmalloc-512", "kmalloc-1k",
    "kmalloc-2k",  "kmalloc-4k",  "kmalloc-8k"};

void must_write(guest::Process &process, const std::string &path, const std::string &text) {
    const guest::Observation write = process.write_file(path, text);
    if (!write.ok())
        throw GraderFault(fmt::format("the guest's kernel cannot be prepared: {}", write.line()));
}

constexpr const char *fail_nth = "/proc/thread-self/fail-nth";

constexpr const char *fault_kinds[] = {"/sys/kernel/debug/failslab",
                                       "/sys/kernel/debug/fail_page_alloc",
                                       "/sys/kernel/debug/fail_usercopy"};

// Counted are the allocations with a module's code in their call chain, those
// of sleeping contexts too (Documentation/fault-injection/fault-injection.rst). Nothing fails
// until a process asks for it in /proc/PID/fail-nth.
void arm_fault_injection(guest::Process &process) {
    must_write(process, "/sys/kernel/debug/failslab/ignore-gfp-wait", "N");
    must_write(process, "/sys/kernel/debug/fail_page_alloc/ignore-gfp-wait", "N");
    must_write(process, "/sys/kernel/debug/fail_page_alloc/min-order", "0");
    for (const std::string settings : fault_kinds) {
        must_write(process, settings + "/verbose", "0");
        must_write(process, settings + "/require-start", fmt::format("{:#x}", modules_begin));
        must_write(process, settings + "/require-end", fmt::format("{:#x}", modules_end));
    }
}

// KASAN holds back what was freed, to catch a late use of it; to SLUB that still looks
// allocated. Shrinking a cache, by writing to this file, lets its objects go. It waits for
// each who is just freeing (mm/kasan/quarantine.c).
std::string shrink_file(const std::string &cache) {
    return fmt::format("/sys/kernel/slab/{}/shrink", cache);
}

// The address of an unloaded module has no name any more: the kernel prints
// the bare number.
std::vector<std::uint64_t> module_addresses_in(std::string_view line) {
    std::vector<std::uint64_t> found;
    std::size_t at = 0;
    while ((at = line.find("0x", at)) != std::string_view::npos) {
        std::uint64_t address = 0;
        const auto digits = line.substr(at + 2, 16);
        std::from_chars(digits.data(), digits.data() + digits.size(), address, 16);
        if (address >= modules_begin && address < modules_end)
            found.push_back(address);
        at += 2;
    }
    return found;
}

// Allocations of which a file tells a site or a stack in a module's code.
std::vector<Allocation> allocations_in(Trial &trial, const std::string &path) {
    std::vector<Allocation> found;
    std::istringstream text(trial.read_text(path));
    for (std::string line; std::getline(text, line);) {
        // A site says how old its objects are; the stack below it does not
        // (mm/slub.c: slab_debugfs_show()). In vmallocinfo each line is a site.
        if (line.find(" age=") != std::string::npos || !line.starts_with(" "))
            found.push_back({line.substr(std::min(line.find_first_not_of(' '), line.size())), {}});
        // The innermost stands on the site's line and again in the stack.
        for (const std::uint64_t address : module_addresses_in(line))
            if (!found.empty() &&
                (found.back().addresses.empty() || found.back().addresses.back() != address))
                found.back().addresses.push_back(address);
    }
    std::erase_if(found, [](const Allocation &each) { return each.addresses.empty(); });
    return found;
}

}  // namespace

void set_injection_depth(guest::Process &process, unsigned depth) {
    for (const std::string settings : fault_kinds)
        must_write(process, settings + "/stacktrace-depth", std::to_string(depth));
}

void fail_allocation(guest::Process &process, unsigned nth) {
    must_write(process, fail_nth, std::to_string(nth));
}

bool allocation_has_failed(guest::Process &process) {
    const guest::Observation left = process.read_file(fail_nth);
    if (!left.ok())
        return false;  // the process was killed: what it was doing says so itself
    const bool failed = guest::text(left) == "0\n";
    if (!failed)
        must_write(process, fail_nth, "0");
    return failed;
}

void prepare_detectors(guest::Process &process) {
    arm_fault_injection(process);
    // The counters that this folds together are nobody's business, every second.
    must_write(process, "/proc/sys/vm/stat_interval", "86400");
    // What the boot freed would be walked through by every shrink of every clone.
    for (const std::string &cache : guest::names(process.list_folder("/sys/kernel/slab")))
        must_write(process, shrink_file(cache), "1");
}

std::vector<Allocation> allocations_now(Trial &trial) {
    std::vector<Allocation> found = allocations_in(trial, "/proc/vmallocinfo");
    // A shrink waits, and a look works: each cache is shrunk while the one before it is read.
    guest::Process shrinker = trial.another_process();
    const auto shrink = [&](const std::string &cache) {
        return shrinker.start_write_file(shrink_file(cache), "1");
    };
    guest::Pending shrinking = shrink(kmalloc_caches[0]);
    for (std::size_t i = 0; i < std::size(kmalloc_caches); ++i) {
        const std::string cache = kmalloc_caches[i];
        trial.expect(shrinking.wait()).succeeds();
        if (i + 1 < std::size(kmalloc_caches))
            shrinking = shrink(kmalloc_caches[i + 1]);
        // SLUB keeps the allocating stack of each object of these caches because
        // the kernel was booted with slub_debug=U,kmalloc-*.
        for (Allocation &allocation :
             allocations_in(trial, fmt::format("/sys/kernel/debug/slab/{}/alloc_traces", cache))) {
            allocation.text = fmt::format("in {}: {}", cache, allocation.text);
            found.push_back(std::move(allocation));
        }
    }
    return found;
}

bool Allocation::same_as(const Allocation &other) const {
    const auto without_age = [](const std::string &line) {
        return line.substr(0, line.find(" age="));
    };
    return addresses == other.addresses && without_age(text) == without_age(other.text);
}

std::vector<Allocation> module_allocations(Trial &trial, const std::vector<Allocation> &others) {
    // What the kernel frees behind the backs of RCU's readers, such as the name of a
    // node in sysfs, may still be there for a moment. And it remembers the paths that were
    // looked up, with the nodes at their ends, until it is told to forget them
    // (Documentation/admin-guide/sysctl/vm.rst, drop_caches).
    constexpr int looks = 5;
    const auto now = [&] {
        std::vector<Allocation> all = allocations_now(trial);
        std::erase_if(all, [&](const Allocation &each) {
            return std::any_of(others.begin(), others.end(),
                               [&](const Allocation &other) { return each.same_as(other); });
        });
        return all;
    };
    std::vector<Allocation> found = now();
    for (int look = 1; look < looks && !found.empty(); ++look) {
        trial.expect(trial.process().write_file("/proc/sys/vm/drop_caches", "2")).succeeds();
        trial.expect(trial.process().sleep(100ms)).returns(0);
        found = now();
    }
    return found;
}

}  // namespace klass::judge
