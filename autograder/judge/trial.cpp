// SPDX-License-Identifier: Apache-2.0
#include "judge/trial.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <thread>
#include <utility>

#include "judge/detectors.h"
#include "kernel/log.h"
#include "util/error.h"

namespace klass::judge {

namespace {

using namespace std::chrono_literals;
using guest::Observation;

/** The first bytes: text as text, and what is none as hexadecimal numbers. */
std::string shown(const Bytes &bytes) {
    constexpr std::size_t most = 24;
    constexpr std::size_t most_numbers = 12;
    if (bytes.empty())
        return "end of file (0 bytes)";
    const auto first = [&](std::size_t count) {
        return Bytes(bytes.begin(),
                     bytes.begin() + static_cast<std::ptrdiff_t>(std::min(count, bytes.size())));
    };
    const Bytes head = first(most);
    const bool is_text = std::all_of(head.begin(), head.end(), [](std::uint8_t byte) {
        return (byte >= ' ' && byte <= '~') || byte == '\n';
    });
    if (is_text)
        return fmt::format("{}: \"{}\"{}", count_of_bytes(bytes.size()), printable(head),
                           bytes.size() > most ? "..." : "");
    return fmt::format("{}: {:02x}{}", count_of_bytes(bytes.size()),
                       fmt::join(first(most_numbers), " "),
                       bytes.size() > most_numbers ? " ..." : "");
}

/** What is wrong with bytes that agree as far as both go. */
std::string length_difference(const Bytes &expected, const Bytes &got) {
    if (got.size() < expected.size())
        return fmt::format(
            "; they are right as far as they go, and {} missing",
            expected.size() - got.size() == 1
                ? "the last one is"
                : fmt::format("the last {} are", grouped(expected.size() - got.size())));
    return fmt::format("; the first {} right, and what follows is too much",
                       expected.size() == 1 ? "one is" : grouped(expected.size()) + " are");
}

std::string dumps_around(std::size_t at, const Bytes &expected, const Bytes &got) {
    return fmt::format("expected, at byte {}:\n{}\ngot:\n{}", at, hexdump_around(expected, at),
                       hexdump_around(got, at));
}

}  // namespace

CheckFailed Expectation::failure(const std::string &expected) const {
    return {.expected = fmt::format("{} {}", observation_.what, expected),
            .actual = fmt::format("it {}", observation_.outcome())};
}

void Expectation::must_hold(bool holds, const std::string &expected) const {
    if (holds && observation_.state == Observation::State::returned)
        return;
    CheckFailed failed = failure(expected);
    if (observation_.state == Observation::State::pending) {
        failed.hanging = observation_.what;
        failed.hang = trial_.hang_of(observation_);
    }
    throw CheckFailed(std::move(failed));
}

const Expectation &Expectation::succeeds() const {
    must_hold(observation_.result >= 0, "succeeds");
    return *this;
}

const Expectation &Expectation::returns(std::int64_t value) const {
    must_hold(observation_.result == value, fmt::format("returns {}", value));
    return *this;
}

const Expectation &Expectation::fails_with(int error) const {
    return fails_with_one_of(std::span(&error, 1));
}

const Expectation &Expectation::fails_with_one_of(std::span<const int> errors) const {
    std::vector<std::string> texts;
    for (const int error : errors)
        texts.push_back(guest::errno_text(error));
    must_hold(observation_.result < 0 &&
                  std::find(errors.begin(), errors.end(), observation_.error) != errors.end(),
              fmt::format("fails with {}", fmt::join(texts, " or ")));
    return *this;
}

const Expectation &Expectation::returns_between_or_fails_with(std::int64_t low, std::int64_t high,
                                                              int error) const {
    const bool within = observation_.result >= low && observation_.result <= high;
    must_hold(
        within || (observation_.result < 0 && observation_.error == error),
        fmt::format("returns {} to {}, or fails with {}", low, high, guest::errno_text(error)));
    return *this;
}

const Expectation &Expectation::gives(const Bytes &bytes) const {
    const std::string expected = fmt::format("gives {}", shown(bytes));
    must_hold(observation_.result >= 0, expected);
    const Bytes got = observation_.got();
    const auto difference = first_difference(bytes, got);
    if (!difference && observation_.result == static_cast<std::int64_t>(bytes.size()))
        return *this;
    CheckFailed failed = failure(expected);
    failed.actual = fmt::format("it returned {}, {}", observation_.result, shown(got));
    const bool both_there = difference && *difference < bytes.size() && *difference < got.size();
    if (difference && !both_there && !bytes.empty() && !got.empty())
        failed.actual += length_difference(bytes, got);
    if (both_there)
        failed.difference = dumps_around(*difference, bytes, got);
    throw CheckFailed(std::move(failed));
}

const Expectation &Expectation::gives_text(std::string_view text) const {
    return gives(to_bytes(text));
}

Trial::Trial(guest::Guest &guest, const std::vector<kernel::BuiltModule> &modules, Random random,
             kernel::Flavour flavour, std::span<const kernel::BuiltProgram> programs)
    : guest_(guest),
      modules_(modules),
      programs_(programs),
      random_(random),
      flavour_(flavour),
      process_(guest.process()) {
    guest_.on_observation = [this](const Observation &observation) { note(observation.line()); };
    guest_.has_died = [this] { return kernel_died(); };
}

std::string Trial::install(std::string_view program) {
    const auto built = std::find_if(programs_.begin(), programs_.end(),
                                    [&](const auto &each) { return each.name == program; });
    if (built == programs_.end())
        throw GraderFault(
            fmt::format("a check wants the program {}, and stage.toml does not", program));
    const std::string path = fmt::format("/bin/{}", program);
    expect(process_.lay_file(path, built->image, 0755)).succeeds();
    return path;
}

void Trial::note(const std::string &line) {
    // A check of a thousand operations shows its last ones.
    constexpr std::size_t most = 200;
    if (did_.size() == most)
        did_.erase(did_.begin());
    did_.push_back(line);
    if (on_note)
        on_note(line);
}

const kernel::BuiltModule &Trial::built(std::string_view module) const {
    const auto found = std::find_if(modules_.begin(), modules_.end(),
                                    [&](const auto &built) { return built.name == module; });
    if (found == modules_.end())
        throw GraderFault(
            fmt::format("a check asks for the module {}, which is not built; see "
                        "`modules` in stage.toml",
                        module));
    if (!found->error.empty())
        throw CheckFailed{
            .expected = fmt::format("{}.ko, which uses what your modules export, can be built "
                                    "against their Module.symvers",
                                    module),
            .actual = found->error};
    return *found;
}

// In a frame of the agent's protocol there is room for its image, its parameters and the rest.
static_assert(2 * kernel::largest_module_image <= protocol::limit_words * sizeof(capnp::word));

Observation Trial::try_load(std::string_view module, const std::string &parameters) {
    return process_.load_module(std::string(module), built(module).image, parameters);
}

Observation Trial::try_load_closed(std::string_view consumer) {
    constexpr std::string_view licence = "license=GPL";
    constexpr std::string_view another = "license=BSD";
    Bytes image = built(consumer).image;
    const auto found = std::search(image.begin(), image.end(), licence.begin(), licence.end());
    if (found == image.end())
        throw GraderFault(fmt::format("the course's {} is not under the GPL itself", consumer));
    std::copy(another.begin(), another.end(), found);
    loaded_closed_ = true;
    return process_.load_module(fmt::format("closed-{}", consumer), image);
}

void Trial::load(std::string_view module, const std::string &parameters) {
    expect(try_load(module, parameters)).returns(0);
}

// The submission's own word on itself; it can only mislead the one who wrote it.
void Trial::remember_sections(const std::string &module) {
    const auto reporter = std::exchange(guest_.on_observation, nullptr);
    const auto asked = std::exchange(guest_.on_call, nullptr);
    for (const char *name : {".text", ".init.text"}) {
        const Observation read =
            process_.read_file(fmt::format("/sys/module/{}/sections/{}", module, name));
        const std::uint64_t address =
            read.ok() ? std::strtoull(guest::text(read).c_str(), nullptr, 16) : 0;
        std::erase_if(sections_, [&](const Section &each) {
            return each.module == module && each.name == name;
        });
        if (address != 0)
            sections_.push_back({module, name, address});
    }
    guest_.on_observation = reporter;
    guest_.on_call = asked;
}

std::optional<kernel::Frame> Trial::frame_at(std::uint64_t address) const {
    // More than any module of a submission has of code.
    constexpr std::uint64_t most_code = std::uint64_t{1} << 20;
    const Section *nearest = nullptr;
    for (const Section &section : sections_)
        if (section.address <= address && address - section.address < most_code &&
            (nearest == nullptr || section.address > nearest->address))
            nearest = &section;
    if (nearest == nullptr)
        return std::nullopt;
    kernel::Frame frame;
    frame.function = nearest->name;
    frame.offset = address - nearest->address;
    frame.module = nearest->module;
    return frame;
}

Observation Trial::try_unload(std::string_view module) {
    remember_sections(std::string(module));
    return process_.unload_module(std::string(module));
}

void Trial::unload(std::string_view module) {
    expect(try_unload(module)).returns(0);
}

guest::File Trial::open(const std::string &path, int flags) {
    return open(process_, path, flags);
}

guest::File Trial::open(guest::Process &process, const std::string &path, int flags) {
    return process.as_file(expect(process.open(path, flags)).succeeds().observation(), path);
}

std::vector<guest::Pending> Trial::race(const std::vector<guest::Racer> &racers) {
    // In guest time, of which a machine that counts instructions skips what is idle.
    constexpr auto lead = 3ms;
    std::vector<guest::Pending> running;
    for (guest::Ticket &ticket : guest_.race(racers, lead))
        running.emplace_back(guest_, std::move(ticket));
    return running;
}

std::string Trial::read_text(const std::string &path) {
    return guest::text(expect(process_.read_file(path)).succeeds().observation());
}

Expectation Trial::expect(Observation observation) {
    return {*this, std::move(observation)};
}

void Trial::expect_that(bool holds, const std::string &expected, const std::string &actual) {
    if (!holds)
        throw CheckFailed{.expected = expected, .actual = actual};
}

void Trial::expect_same(const Bytes &expected, const Bytes &got, const std::string &what) {
    const auto difference = first_difference(expected, got);
    if (!difference)
        return;
    CheckFailed failed{.expected = what, .actual = fmt::format("byte {} is another", *difference)};
    if (*difference < std::min(expected.size(), got.size()))
        failed.difference = dumps_around(*difference, expected, got);
    else
        failed.actual = fmt::format("there are {}{}", count_of_bytes(got.size()),
                                    length_difference(expected, got));
    throw CheckFailed(std::move(failed));
}

bool Trial::comes_true(const std::function<bool()> &question, std::chrono::milliseconds patience) {
    // The clock is read before the question: whoever was held up in between still gets an answer.
    const auto deadline = guest_.now() + patience;
    for (;;) {
        const bool last = guest_.now() >= deadline;
        if (question())
            return true;
        if (last || guest_.lost() || kernel_died())
            return false;
    }
}

bool Trial::kernel_died() {
    const std::size_t size = guest_.console().size();
    if (!died_ && size != looked_for_death_) {
        looked_for_death_ = size;
        const auto reports = kernel::classify(kernel::console_lines(guest_.console()));
        died_ = std::any_of(reports.begin(), reports.end(),
                            [](const auto &report) { return report.fatal; });
    }
    return died_;
}

void Trial::expect_blocks(guest::Pending &pending) {
    if (pending.blocks())
        return;
    const Observation observation = pending.wait(0ms);
    const bool runs = observation.state == Observation::State::pending;
    throw CheckFailed{.expected = fmt::format("{} sleeps", pending.what()),
                      .actual = runs ? std::string("it neither returned nor slept: it ran on")
                                     : fmt::format("it {}", observation.outcome())};
}

std::vector<std::string> Trial::console() {
    std::vector<std::string> lines = kernel::console_lines(guest_.console());
    std::erase_if(lines, [](const std::string &line) { return line.starts_with(console_mark); });
    return lines;
}

// Looks through what came since the last one that was found.
bool Trial::find_in_log(const std::string &text) {
    const std::vector<std::string> lines = console();
    for (std::size_t i = std::min(console_seen_, lines.size()); i < lines.size(); ++i)
        if (lines[i].find(text) != std::string::npos) {
            console_seen_ = i + 1;
            return true;
        }
    return false;
}

// The kernel may write to the console from another context than the one that
// logged. A line of ours behind all others tells when it has come to their end.
void Trial::flush_log() {
    if (!logger_)
        logger_ = guest_.process();
    const auto reporter = std::exchange(guest_.on_observation, nullptr);
    // If it cannot be had, what came is all that there is.
    logger_->flush_console(fmt::format("{}{}", console_mark, ++marks_));
    guest_.on_observation = reporter;
}

void Trial::expect_log(const std::string &text, std::chrono::seconds within) {
    const auto deadline = guest_.now() + within;
    while (!find_in_log(text)) {
        if (guest_.ended() || guest_.now() >= deadline) {
            flush_log();
            if (find_in_log(text))
                return;
            throw_not_logged(text);
        }
        std::this_thread::sleep_for(5ms);
    }
}

void Trial::throw_not_logged(const std::string &text) {
    const std::vector<std::string> lines = console();
    const std::size_t from =
        std::max(console_seen_, lines.size() - std::min<std::size_t>(lines.size(), 4));
    const std::vector<std::string> rest(
        lines.begin() + static_cast<std::ptrdiff_t>(std::min(from, lines.size())), lines.end());
    throw CheckFailed{
        .expected = fmt::format("the kernel's log gets a line with \"{}\"", printable(text)),
        .actual = rest.empty()
                      ? std::string("the log got no line")
                      : fmt::format("the log's last lines are: {}",
                                    printable(fmt::format("\"{}\"", fmt::join(rest, "\", \""))))};
}

void Trial::skip_log() {
    flush_log();
    console_seen_ = console().size();
}

void Trial::require_course_kernel(const std::string &for_what) const {
    if (flavour_ == kernel::Flavour::stock)
        throw NeedsCourseKernel{for_what};
}

void Trial::pass_over_allocations() {
    require_course_kernel("its record of who allocated what");
    passed_over_ = allocations_now(*this);
}

void Trial::expect_nothing_left() {
    require_course_kernel("its record of who allocated what");
    const std::vector<Allocation> left = module_allocations(*this, passed_over_);
    if (left.empty())
        return;
    std::vector<std::string> texts;
    CheckFailed failed{.expected = "nothing that the module allocated is left", .actual = {}};
    for (const Allocation &allocation : left) {
        texts.push_back(allocation.text);
        for (const std::uint64_t address : allocation.addresses)
            if (auto frame = frame_at(address)) {
                frame->stack =
                    left.size() == 1 ? "allocated" : fmt::format("allocated ({})", texts.size());
                failed.leaked.push_back(std::move(*frame));
            }
    }
    failed.actual = fmt::format("{} left: {}",
                                left.size() == 1 ? std::string("one allocation is")
                                                 : fmt::format("{} allocations are", left.size()),
                                fmt::join(texts, "; "));
    throw CheckFailed(std::move(failed));
}

unsigned Trial::expect_clean_failure_of_each_allocation(std::string_view module,
                                                        const std::string &parameters,
                                                        std::optional<unsigned> depth) {
    require_course_kernel("fault injection");
    set_injection_depth(process_, depth.value_or(usual_injection_depth));
    // A module that allocates for ever is stopped by the check's time.
    for (unsigned nth = 1;; ++nth) {
        const Observation load =
            process_.load_module_failing(std::string(module), built(module).image, nth, parameters);
        const bool injected = load.extra == 0;
        // A load may also go on without what it could not have. Which error it ends with is its
        // choice.
        if (!injected || load.state != Observation::State::returned || load.ok())
            expect(load).returns(0);
        if (load.ok())
            unload(module);
        if (!injected)
            return nth - 1;
    }
}

void Trial::table(Table table) {
    if (!well_formed(table))
        throw GraderFault(
            fmt::format("a check made a table, \"{}\", that lacks values or whose x "
                        "values do not rise",
                        table.title));
    tables_.push_back(std::move(table));
}

void Trial::picture(Picture picture) {
    if (!well_formed(picture))
        throw GraderFault(
            fmt::format("a check made a picture, \"{}\", that is none", picture.title));
    pictures_.push_back(std::move(picture));
}

Hang Trial::hang_of(const Observation &pending) {
    // The check's time may be up; to look where it hangs takes a moment more.
    guest_.set_time_limit(10s);
    if (const auto where = guest_.whereabouts(pending.actor))
        return {.stack = where->stack, .state = where->state};
    // Not even the agent answers: the kernel spins. Only from outside can it be
    // asked where.
    const std::size_t before = console().size();
    guest_.interrogate();
    const auto lines = console();
    return {.stack = {lines.begin() + static_cast<std::ptrdiff_t>(std::min(before, lines.size())),
                      lines.end()},
            .state = '?'};
}

}  // namespace klass::judge
