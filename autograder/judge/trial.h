// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief What a check is written with: a guest of its own, and expectations of what it does.
 *
 * A check reads as a sentence:
 *
 *     t.load("chardev");
 *     auto device = t.open("/dev/cicv", O_RDWR);
 *     const Bytes message = t.random().bytes(17);
 *     t.expect(device.write(message)).returns(17);
 *     t.expect(device.pread(4096, 0)).gives(message);
 *
 * The first expectation that is not met ends the check. judge/ knows checks,
 * evidence and points; it knows no single stage and no report format.
 */
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "guest/process.h"
#include "judge/detectors.h"
#include "judge/random.h"
#include "judge/verdict.h"
#include "kernel/kbuild.h"

namespace klass::judge {

/** Where a guest was in an operation that did not return. */
struct Hang {
    std::vector<std::string> stack = {};  ///< innermost first, or the console's lines after an NMI
    /** Of the process, as in proc(5): S, D or R; '?' when the guest answered nothing any more. */
    char state = '?';
};

/** Ends a check whose expectation was not met. */
struct CheckFailed {
    std::string expected;
    std::string actual;
    std::string difference = {};  ///< a hexdump, where bytes differ
    std::string hanging = {};     ///< the operation that did not return, if one did not
    Hang hang = {};               ///< and then: where the kernel was
    /** Of memory that was left: where it was allocated, each in Frame::stack of its own. */
    std::vector<kernel::Frame> leaked = {};
};

/** Ends a check that asks for what only a course kernel has; see Flavour::stock. */
struct NeedsCourseKernel {
    std::string for_what;  ///< "fault injection"
};

/** What is expected of one observation. Each method returns if it is met, and throws if not. */
class Expectation {
  public:
    Expectation(class Trial &trial, guest::Observation observation)
        : trial_(trial), observation_(std::move(observation)) {}

    /** The call returned any value but an error. */
    const Expectation &succeeds() const;
    /** It returned exactly this. */
    const Expectation &returns(std::int64_t value) const;
    /** It returned -1 with this errno. */
    const Expectation &fails_with(int error) const;
    /** It returned -1 with one of these. */
    const Expectation &fails_with_one_of(std::span<const int> errors) const;
    /** It returned at least @p low and at most @p high, or -1 with this errno. */
    const Expectation &returns_between_or_fails_with(std::int64_t low, std::int64_t high,
                                                     int error) const;
    /** A read returned exactly these bytes. */
    const Expectation &gives(const Bytes &bytes) const;
    /** A read returned 0: the end of the file. */
    const Expectation &gives_end_of_file() const { return gives({}); }
    /** The whole text that was read is this. */
    const Expectation &gives_text(std::string_view text) const;

    /** The value that was returned, for what follows. */
    [[nodiscard]] std::int64_t value() const { return observation_.result; }
    [[nodiscard]] const guest::Observation &observation() const { return observation_; }

  private:
    [[nodiscard]] CheckFailed failure(const std::string &expected) const;
    /** Throws unless the call returned at all and @p holds. */
    void must_hold(bool holds, const std::string &expected) const;

    Trial &trial_;
    guest::Observation observation_;
};

/** One check's run: a fresh guest, the submission's modules, and the check's random choices. */
class Trial {
  public:
    /** Begins a line that a trial puts on the console, to tell when what was logged before is
     * there. */
    static constexpr const char *console_mark = "klass-mark-";

    /**
     * @param modules  what the submission's build made; outlives the trial
     * @param flavour  of the guest's kernel
     * @param programs likewise
     */
    Trial(guest::Guest &guest, const std::vector<kernel::BuiltModule> &modules, Random random,
          kernel::Flavour flavour, std::span<const kernel::BuiltProgram> programs = {});

    // --- modules of the submission

    /** Loads a module; the check fails if the load does. */
    void load(std::string_view module, const std::string &parameters = {});
    /** Loads a module, come what may. */
    guest::Observation try_load(std::string_view module, const std::string &parameters = {});
    /** Unloads a module; the check fails if it cannot. */
    void unload(std::string_view module);
    guest::Observation try_unload(std::string_view module);
    /**
     * Loads a consumer of the course's own under another licence than the GPL. What the kernel says
     * of that, and that its lock checking ends with it, is then not held against the submission.
     */
    guest::Observation try_load_closed(std::string_view consumer);
    /** The file that was built, to be read on the host. */
    [[nodiscard]] const kernel::BuiltModule &built(std::string_view module) const;

    // --- processes and files

    /** Puts a program of the submission into the guest. @return its path there */
    std::string install(std::string_view program);
    /** The check's first process. */
    guest::Process &process() { return process_; }
    /** One more, which can block without holding up the first. */
    guest::Process another_process() { return guest_.process(); }
    /** Opens a file in the first process; the check fails if it cannot. */
    guest::File open(const std::string &path, int flags);
    guest::File open(guest::Process &process, const std::string &path, int flags);
    /** The text of a file of /proc or /sys; the check fails if it cannot be read. */
    std::string read_text(const std::string &path);

    /** Starts calls at exact times of the guest's clock; see Guest::race(). */
    std::vector<guest::Pending> race(const std::vector<guest::Racer> &racers);

    // --- expectations

    Expectation expect(guest::Observation observation);
    /** For what no single system call shows: @p holds, or the check fails with the two texts. */
    void expect_that(bool holds, const std::string &expected, const std::string &actual);
    /** For bytes that no single system call brought: fails with @p what, and shows the first that
     * differs. */
    void expect_same(const Bytes &expected, const Bytes &got, const std::string &what);
    /**
     * Asks until it holds, for as long as @p patience of the guest's time; not any longer once the
     * kernel has died. Each question may itself wait for a moment, and takes no answer for a no.
     * @return whether it came to hold
     */
    bool comes_true(const std::function<bool()> &question, std::chrono::milliseconds patience);
    /** The call comes to rest in the kernel: it neither returns nor runs. */
    void expect_blocks(guest::Pending &pending);
    /**
     * The kernel has logged a line with this text, after the lines that were seen before.
     * @param within  how long to wait for it, in the host's time, where it comes by itself
     */
    void expect_log(const std::string &text, std::chrono::seconds within = {});
    /** Forgets the lines so far: what is expected next must be logged from now on. */
    void skip_log();
    /**
     * What modules of the course's own, loaded before, have allocated now is not asked about by
     * expect_nothing_left(). To be called before a module of the submission is loaded.
     * @throws NeedsCourseKernel
     */
    void pass_over_allocations();
    /**
     * Nothing that any module allocated is left; see module_allocations(). To be asked after the
     * unload.
     * @throws NeedsCourseKernel
     */
    void expect_nothing_left();
    /**
     * Loads the module again and again, each time with another one of the allocations failing
     * that its initialisation makes, itself or in a kernel function that it calls, and expects that
     * each load either works or fails cleanly.
     * @param parameters  of the module
     * @param depth       see set_injection_depth(), where the usual one is too little
     * @return how many allocations were made to fail
     * @throws NeedsCourseKernel
     */
    unsigned expect_clean_failure_of_each_allocation(std::string_view module,
                                                     const std::string &parameters = {},
                                                     std::optional<unsigned> depth = {});

    // --- the rest

    Random &random() { return random_; }
    /** A figure for the report. */
    void metric(const std::string &name, double value) { metrics_[name] = value; }
    /** A table of figures for the report. @throws GraderFault unless it is well_formed(). */
    void table(Table table);
    /** A picture for the report. @throws GraderFault unless it is well_formed(). */
    void picture(Picture picture);
    /** What went over the cable, for the report. */
    void capture(Capture capture) { captures_.push_back(std::move(capture)); }
    /** For the reader: what was done, or seen, outside of the guest. */
    void note(const std::string &line);
    guest::Guest &guest() { return guest_; }
    /** The console's lines so far, without time stamps and without marks of ours. */
    std::vector<std::string> console();

    [[nodiscard]] const std::vector<std::string> &did() const { return did_; }
    /** Told of each line of did() as it is added. */
    std::function<void(const std::string &)> on_note;
    /** Whether the check itself loaded a module without a GPL-compatible licence. */
    [[nodiscard]] bool loaded_closed() const { return loaded_closed_; }
    [[nodiscard]] const std::map<std::string, double> &metrics() const { return metrics_; }
    [[nodiscard]] const std::vector<Table> &tables() const { return tables_; }
    [[nodiscard]] const std::vector<Picture> &pictures() const { return pictures_; }
    [[nodiscard]] const std::vector<Capture> &captures() const { return captures_; }

    /** Where the guest is in an operation that did not return; may end the guest. */
    Hang hang_of(const guest::Observation &pending);

  private:
    /** Where a module's code lies, for addresses that the kernel can name no more. */
    struct Section {
        std::string module;
        std::string name;
        std::uint64_t address = 0;
    };
    void remember_sections(const std::string &module);
    [[nodiscard]] std::optional<kernel::Frame> frame_at(std::uint64_t address) const;

    /** Whether the kernel printed that it cannot go on: an oops, or a panic. */
    bool kernel_died();
    void require_course_kernel(const std::string &for_what) const;
    bool find_in_log(const std::string &text);
    void flush_log();
    [[noreturn]] void throw_not_logged(const std::string &text);

    guest::Guest &guest_;
    const std::vector<kernel::BuiltModule> &modules_;
    std::span<const kernel::BuiltProgram> programs_;
    Random random_;
    kernel::Flavour flavour_;
    guest::Process process_;
    std::vector<std::string> did_;
    std::map<std::string, double> metrics_;
    std::vector<Table> tables_;
    std::vector<Picture> pictures_;
    std::vector<Capture> captures_;
    std::vector<Allocation> passed_over_;
    std::size_t console_seen_ = 0;
    std::size_t looked_for_death_ = 0;  ///< bytes of the console
    bool died_ = false;
    bool loaded_closed_ = false;
    std::vector<Section> sections_;
    std::optional<guest::Process> logger_;
    unsigned marks_ = 0;
};

}  // namespace klass::judge
