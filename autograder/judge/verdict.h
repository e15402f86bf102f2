// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief What a grading came to: the one struct that every report format prints.
 *
 * Plain data. It knows nothing of virtual machines or of any format. Its JSON form is a contract:
 * autograder/report/report.schema.json.
 */
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/diagnostics.h"
#include "kernel/symbols.h"
#include "util/bytes.h"

namespace klass::judge {

/** Of a whole submission. */
enum class Outcome { accepted, partial, failed, build_error, judge_error };

/** Of one check. */
enum class Status { passed, failed, timeout, crashed, skipped, judge_error };

/** What the kernel said that it should not have said: a panic, a KASAN report, a lockdep splat. */
struct Crash {
    std::string kind;     ///< of kernel::Kind, e.g. "kasan", "null-dereference", "lockdep"
    std::string summary;  ///< the report's own first line
    std::string meaning;  ///< a sentence on what such a report means
    std::vector<kernel::Frame> frames;  ///< innermost first; the student's have file and line
};

/** One curve of a Table. */
struct Curve {
    std::string name;            ///< e.g. "mymem_write"
    std::vector<double> values;  ///< one for each x; not a number where nothing was measured
};

/** Figures that a check measured, in their dependence on one quantity. */
struct Table {
    std::string title;      ///< e.g. "What one operation costs"
    std::string x_axis;     ///< what the x values are, e.g. "bytes"
    std::string unit;       ///< of the curves' values, e.g. "instructions per operation"
    std::vector<double> x;  ///< at least one, each larger than the one before
    std::vector<Curve> curves;
};

/** What went over the network cable in one phase of a check. */
struct Capture {
    std::string phase;       ///< e.g. "before"; fit for a file's name
    std::size_t frames = 0;  ///< that are in the file; a flood is kept by its beginning
    Bytes file;              ///< pcap-savefile(5)
};

/** A place in a picture. */
struct Mark {
    double x = 0;             ///< from the left, as a fraction of the width
    double y = 0;             ///< from the top, as a fraction of the height
    std::string label;        ///< stands beside it; may be empty
    std::size_t towards = 0;  ///< which of the marks a line leads to; itself for none
};

/** What a check saw, to be looked at. */
struct Picture {
    std::string title;    ///< e.g. "Frame 7, and where its joints are"
    unsigned width = 0;   ///< pixels
    unsigned height = 0;  ///< pixels
    Bytes png;
    std::vector<Mark> marks;
};

/** The name of a capture's file: "unloads-before.pcap". */
std::string capture_name(std::string_view check, std::string_view phase);

/** Whether there are figures at all, the x values rise, and each curve has a value for each. */
bool well_formed(const Table &table);

/** Whether it has a size and begins as a PNG does, and each line leads from one mark to another. */
bool well_formed(const Picture &picture);

/** One check, carried out in a fresh kernel. */
struct CheckResult {
    std::string id;     ///< as in stage.toml, e.g. "reads-back"
    std::string title;  ///< as in stage.toml
    Status status = Status::skipped;
    double score = 0;
    double max_score = 0;
    std::vector<std::string> did;  ///< the operations, in order: "write(/dev/cicv, 17 bytes) = 17"
    std::string expected;          ///< of the operation that failed
    std::string actual;
    std::string difference;  ///< a small hexdump where bytes differ, else empty
    std::string hint;
    std::string book;              ///< the section of the book, e.g. "ch04-offsets"
    std::string section = {};      ///< its title, e.g. "Chapter 4, Positions"; may be empty
    std::vector<std::string> log;  ///< the kernel's lines that matter, at most 40
    std::optional<Crash> crash;
    std::map<std::string, double> metrics;
    std::vector<Table> tables;      ///< each well_formed()
    std::vector<Picture> pictures;  ///< each well_formed()
    std::vector<Capture> captures;
    std::chrono::milliseconds duration{0};
    std::string replay;   ///< the command that runs this very check again
    bool hidden = false;  ///< students see that it exists and its score, not what it did
    /** All that the guest printed, of a check that did not pass; too long for any report. */
    std::string console = {};
    std::string log_file = {};  ///< where that was written to; empty when it was not
};

/** What was graded. */
struct SubmissionIdentity {
    std::string path;
    std::string sha256;  ///< over names and contents of its files, sorted
};

/** The kernel that it was graded on. */
struct KernelIdentity {
    std::string flavour;  ///< "debug" or "fast"
    std::string release;  ///< uname -r
    std::string key;      ///< the cache key: all that shaped it
};

/** The machine that it was graded on. */
struct MachineIdentity {
    std::string version;      ///< QEMU's
    std::string accelerator;  ///< "tcg" or "kvm"
    std::vector<std::string> command;
};

/** How the build went. */
struct BuildSummary {
    bool ok = false;
    std::string error;  ///< when not ok: one sentence
    std::vector<kernel::Diagnostic> diagnostics;
    std::string output;  ///< the build's last lines, when not ok
    std::chrono::milliseconds duration{0};
};

/** A whole grading. */
struct Verdict {
    std::string stage;  ///< "04-chardev"
    std::string title;
    Outcome outcome = Outcome::judge_error;
    double score = 0;
    double max_score = 0;
    std::uint64_t seed = 0;
    std::string checks_sha256;  ///< over the program that graded and the stage's manifest
    SubmissionIdentity submission;
    KernelIdentity kernel;
    MachineIdentity qemu;
    BuildSummary build;
    std::vector<CheckResult> checks;
    std::string judge_error;  ///< when the outcome is judge_error: what failed on our side
    std::chrono::milliseconds duration{0};
};

/** The names of the JSON report: "build_error", "timeout", ... */
const char *to_string(Outcome outcome);
const char *to_string(Status status);

/** The other way round; nothing when there is no such name. */
std::optional<Outcome> outcome_from(std::string_view name);
std::optional<Status> status_from(std::string_view name);

/**
 * Sets score, max_score and outcome from the checks and the build.
 *
 * In this order: a failure of ours, in any check or in Verdict::judge_error, makes a judge_error,
 * since the sum then says nothing of the submission; a failed build a build_error without points;
 * full marks are accepted, no marks failed, the rest partial. A verdict on no check at all is a
 * judge_error: nothing was shown.
 */
void tally(Verdict &verdict);

}  // namespace klass::judge
