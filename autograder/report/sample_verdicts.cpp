// SPDX-License-Identifier: Apache-2.0
#include "report/sample_verdicts.h"

#include <limits>
#include <ostream>

#include "util/base64.h"
#include "util/bytes.h"

namespace klass::report::samples {

namespace {

using judge::CheckResult;
using judge::Status;
using judge::Verdict;
using std::chrono::milliseconds;

CheckResult check(const std::string &id, const std::string &title, Status status,
                  double max_score) {
    CheckResult result;
    result.id = id;
    result.title = title;
    result.status = status;
    result.max_score = max_score;
    result.score = status == Status::passed ? max_score : 0;
    result.duration = milliseconds{240};
    result.replay = "klass replay report.json " + id;
    return result;
}

Verdict graded(std::vector<CheckResult> checks) {
    Verdict verdict;
    verdict.stage = "04-chardev";
    verdict.title = "A character device";
    verdict.seed = 42;
    verdict.submission = {"solutions/04-chardev",
                          "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"};
    verdict.checks_sha256 = "7d793037a0760186574b0282f2f435e7a1d1f2d2a3c6e0b1c1d4a3e2f9b8a7c6";
    verdict.kernel = {"debug", "6.12.117-klass-debug", "b5bb9d8014a0f9b1"};
    verdict.qemu = {
        "7.2.19 (Debian 1:7.2+dfsg-7+deb12u15)", "tcg", {"qemu-system-x86_64", "-machine", "q35"}};
    verdict.build.ok = true;
    verdict.build.duration = milliseconds{1100};
    verdict.checks = std::move(checks);
    verdict.duration = milliseconds{4321};
    tally(verdict);
    return verdict;
}

kernel::Frame frame(const std::string &function, const std::string &file = {}, int line = 0,
                    const std::string &text = {}) {
    kernel::Frame result;
    result.function = function;
    result.offset = 0x5a;
    result.size = 0x90;
    result.module = file.empty() ? "" : "chardev";
    result.file = file;
    result.line = line;
    result.text = text;
    return result;
}

judge::Table cost_table() {
    return {.title = "What one call costs",
            .x_axis = "bytes",
            .unit = "instructions per call",
            .x = {1, 64, 1024, 4096},
            .curves = {{"read", {1204, 1211, 1330, 1722}},
                       {"write", {1310.5, 1318, 1451, 1860}},
                       {"write with pwrite", {1298, 1305, 1439, 1847}}}};
}

CheckResult read_back() {
    CheckResult result =
        check("reads-back", "What was written is read back, and nothing more", Status::passed, 6);
    result.did = {"open(/dev/cicv, O_RDWR) = 3", "write(3, 17 bytes) = 17"};
    return result;
}

CheckResult wrong_bytes() {
    CheckResult result =
        check("end-of-file", "A reader reaches the end: cat stops", Status::failed, 6);
    result.did = {"load chardev.ko", "open(/dev/cicv, O_RDWR) = 3", "write(3, 5 bytes) = 5",
                  "lseek(3, 0, SEEK_SET) = 0"};
    for (int i = 0; i < 5; ++i)
        result.did.push_back("read(3, 4,096 bytes) = 4,096");
    result.expected = "5 bytes, and then 0: the end of the file";
    result.actual = "4,096 bytes: those that were written, and then bytes that nobody wrote";
    Bytes bytes = to_bytes("Hello");
    bytes.resize(4096);
    result.difference = hexdump_around(bytes, 5);
    result.hint = "cat goes on reading until a read returns one certain value. Which?";
    result.book = "ch04-read";
    result.section = "Chapter 4, Reading";
    result.log = {"cicv: registered with major 248"};
    return result;
}

CheckResult use_after_free() {
    CheckResult result =
        check("busy-while-open", "It cannot be unloaded while a file is open", Status::crashed, 5);
    result.did = {"open(/dev/cicv, O_RDWR) = 3", "unload chardev = 0", "read(3, 16 bytes)"};
    result.expected = "EBUSY (Device or resource busy) from the unload";
    result.actual = "the module was unloaded, and the read ran into freed memory";
    result.hint = "What would the next read run into if the module's code were gone?";
    result.book = "ch04-lifetime";
    kernel::Frame unreliable = frame("__pfx_cicv_read");
    unreliable.reliable = false;
    kernel::Frame freed = frame("cicv_exit", "chardev.c", 188, "kfree(cicv_data);");
    freed.stack = "freed";
    result.crash = judge::Crash{
        .kind = "kasan",
        .summary = "BUG: KASAN: slab-use-after-free in cicv_read+0x5a/0x90 [chardev]",
        .meaning = "The code used memory that it had already freed.",
        .frames = {frame("cicv_copy", "chardev.c", 58,
                         "ret = simple_read_from_buffer(to, count, ppos, cicv_data, cicv_length);"),
                   frame("cicv_read", "chardev.c", 71, "return cicv_copy(to, count, ppos);"),
                   frame("vfs_read"), unreliable, frame("ksys_read"), frame("do_syscall_64"),
                   freed}};
    result.log = {"BUG: KASAN: slab-use-after-free in cicv_read+0x5a/0x90 [chardev]"};
    return result;
}

// Two pixels by one, red and blue.
judge::Picture picture() {
    const auto png = from_base64(
        "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAIAAAB7QOjdAAAADUlEQVR42mP4zwAE/wEHAAH/PX2MSQAAAABJRU5E"
        "rkJggg==");
    return {.title = "Two pixels",
            .width = 2,
            .height = 1,
            .png = png.value(),
            .marks = {{.x = 0.25, .y = 0.5, .label = "red <one>", .towards = 0},
                      {.x = 0.75, .y = 0.5, .label = "", .towards = 0}}};
}

CheckResult hang() {
    CheckResult result =
        check("concurrent-writers", "Two writes at once do not mix", Status::timeout, 6);
    result.did = {"write(3, 4,096 bytes) did not return within 20 s"};
    result.expected = "both writes return";
    result.actual = "the second write waits in mutex_lock, called by cicv_write";
    result.log = {"NMI backtrace for cpu 0", " mutex_lock+0x1c/0x40", " cicv_write+0x44/0x90"};
    result.hint = "A copy from user space can sleep half way. Who may write in the meantime?";
    result.book = "ch04-locking";
    result.duration = milliseconds{20'480};
    result.captures = {{.phase = "before", .frames = 2, .file = {0xd4, 0xc3, 0xb2, 0xa1, 2}}};
    return result;
}

}  // namespace

Verdict accepted() {
    CheckResult hidden = check("far-offsets",
                               "Offsets of many gigabytes are neither wrapped nor "
                               "crossed",
                               Status::passed, 4);
    hidden.hidden = true;
    CheckResult measured = read_back();
    measured.metrics = {{"instructions", 12345}, {"ratio", 0.5}};
    measured.tables = {cost_table()};
    measured.pictures = {picture()};
    return graded(
        {check("node-appears", "/dev/cicv appears with mode 0666 at load, and is gone after unload",
               Status::passed, 5),
         measured, hidden});
}

Verdict partial() {
    CheckResult hidden =
        check("zero-length", "A count of 0 does nothing and returns 0", Status::failed, 2.5);
    hidden.hidden = true;
    hidden.did = {"a secret operation"};
    hidden.expected = "a secret";
    hidden.actual = "a secret, too";
    Verdict verdict =
        graded({read_back(), wrong_bytes(), use_after_free(), hang(), hidden,
                check("reload", "Twenty loads and unloads leave no number", Status::skipped, 4)});
    verdict.build.diagnostics = {{.severity = "warning",
                                  .file = "chardev.c",
                                  .line = 57,
                                  .column = 17,
                                  .message = "unused variable 'ret'",
                                  .option = "-Wunused-variable",
                                  .text = "\tssize_t ret;",
                                  .tool = "gcc"}};
    return verdict;
}

Verdict build_error() {
    Verdict verdict = graded({check("reads-back", "What was written is read back, and nothing more",
                                    Status::skipped, 6)});
    verdict.build.ok = false;
    verdict.build.error = "the compiler found 2 errors";
    verdict.build.output = "make[1]: *** [Makefile:10: modules] Error 2\n";
    verdict.build.diagnostics = {
        {.severity = "error",
         .file = "chardev.c",
         .line = 58,
         .column = 15,
         .message = "implicit declaration of function 'simple_read_from_bufer'; did you mean "
                    "'simple_read_from_buffer'?",
         .option = "-Werror=implicit-function-declaration",
         .text = "\tret = simple_read_from_bufer(to, count, ppos, cicv_data, cicv_length);",
         .tool = "gcc"},
        {.severity = "error",
         .file = "",
         .line = 0,
         .column = 0,
         .message = "\"mymem_read\" [chardev.ko] undefined!",
         .option = "",
         .text = "",
         .tool = "modpost"}};
    tally(verdict);
    return verdict;
}

Verdict judge_error() {
    CheckResult broken = check("reads-back", "What was written is read back, and nothing more",
                               Status::judge_error, 6);
    broken.actual = "QEMU ended with status 1 before the agent spoke";
    Verdict verdict = graded({broken});
    verdict.judge_error = "no virtual machine could be started: no space left in /dev/shm";
    verdict.seed = std::numeric_limits<std::uint64_t>::max();
    tally(verdict);
    return verdict;
}

Verdict hostile() {
    const std::string bytes = "\xff\x1b[2J\xc3\r\nnext \xed\xa0\x80 line";
    const std::string markup =
        "<script>document.title = 'forged'</script> & ]]> --> \"'\n::error::forged\nok 1 forged # "
        "SKIP";
    CheckResult bad = use_after_free();
    bad.did = {bytes};
    bad.expected = bad.actual = bad.difference = bytes;
    bad.crash->summary = bad.crash->kind = bytes;
    bad.crash->frames[0].text = bad.crash->frames[0].function = bytes;
    bad.log = {bytes, markup};
    bad.did.push_back(markup);
    bad.title += " " + markup;
    bad.hint = bad.crash->frames[1].text = markup;
    bad.metrics = {{"not a number", std::numeric_limits<double>::quiet_NaN()}};
    bad.tables = {{.title = bytes,
                   .x_axis = bytes,
                   .unit = bytes,
                   .x = {-1, 1e300},
                   .curves = {{bytes, {std::numeric_limits<double>::quiet_NaN(), -1e300}}}}};
    Verdict verdict = graded({bad});
    verdict.submission.path = bytes;
    verdict.build.output = bytes;
    verdict.build.diagnostics = {{.severity = "warning",
                                  .file = bytes,
                                  .line = 1,
                                  .column = 1,
                                  .message = bytes + markup,
                                  .option = "",
                                  .text = bytes,
                                  .tool = "gcc"}};
    return verdict;
}

std::ostream &operator<<(std::ostream &out, const Sample &sample) {
    return out << sample.name;
}

std::vector<Sample> all() {
    return {{"accepted", accepted()},
            {"partial", partial()},
            {"build_error", build_error()},
            {"judge_error", judge_error()},
            {"hostile", hostile()}};
}

}  // namespace klass::report::samples
