// SPDX-License-Identifier: Apache-2.0
#include "intake/hand_in.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <optional>

#include "intake/archive.h"
#include "kernel/text.h"
#include "util/error.h"
#include "util/subprocess.h"
#include "util/temporary_folder.h"

namespace klass::intake {

namespace {

namespace fs = std::filesystem;
using std::chrono::sys_seconds;

constexpr int most_levels = 6;

/** What lies in a folder: what hides, and what is neither file nor folder, is not seen. */
struct View {
    std::vector<fs::path> members;  ///< folders and archives, sorted
    bool files = false;             ///< others
};

View look_into(const fs::path &folder) {
    View view;
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error)) {
        const std::string name = entry->path().filename().string();
        const fs::file_type type = entry->symlink_status().type();
        if (name.starts_with('.') || name == "__MACOSX")
            continue;
        if (type == fs::file_type::directory ||
            (type == fs::file_type::regular && is_archive_name(name)))
            view.members.push_back(entry->path());
        else
            view.files = true;
    }
    if (error)
        throw UsageError(
            fmt::format("cannot list {}: {}", kernel::safe_text(folder.string()), error.message()));
    std::sort(view.members.begin(), view.members.end());
    return view;
}

sys_seconds time_of(const fs::path &path) {
    struct stat status {};
    if (lstat(path.c_str(), &status) != 0)
        return {};
    return sys_seconds(std::chrono::seconds(status.st_mtim.tv_sec));
}

/** Of the newest file below a folder. */
sys_seconds newest_in(const fs::path &folder) {
    sys_seconds newest{};
    std::error_code error;
    for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error)) {
        const bool hidden = entry->path().filename().string().starts_with('.');
        if (hidden && entry->symlink_status().type() == fs::file_type::directory)
            entry.disable_recursion_pending();
        if (!hidden && entry->symlink_status().type() == fs::file_type::regular)
            newest = std::max(newest, time_of(entry->path()));
    }
    return newest;
}

bool is_below(const fs::path &path, const fs::path &folder) {
    return std::mismatch(folder.begin(), folder.end(), path.begin(), path.end()).first ==
           folder.end();
}

/** A folder that is walked through, and where it came from. */
struct Place {
    fs::path folder;
    std::string origin;
    std::optional<sys_seconds> time;  ///< of the archive that it came out of
    int level = 0;

    /** A folder in it. */
    [[nodiscard]] Place below(const fs::path &member) const {
        const std::string name = kernel::safe_text(member.filename().string());
        const bool in_archive = origin.ends_with(':');
        return {.folder = member,
                .origin = origin + (in_archive ? " " : "/") + name,
                .time = time,
                .level = level + 1};
    }
};

/** Walks through one input. */
class Walk {
  public:
    Walk(const Search &search, const std::function<void(const HandIn &)> &take)
        : search_(search), take_(take) {}

    void input(const fs::path &path) {
        std::error_code ignored;
        const fs::path whole = fs::absolute(path).lexically_normal();
        const std::string origin = kernel::safe_text(whole.string());
        if (fs::is_directory(whole, ignored)) {
            // "class/" has no last part of its own.
            const fs::path folder = whole.has_filename() ? whole : whole.parent_path();
            const Place place{.folder = folder,
                              .origin = kernel::safe_text(folder.string()),
                              .time = std::nullopt};
            if (has_marks(folder))
                emit(place, folder.filename().string(), {});
            else
                members_are_students(place, look_into(folder), {});
            return;
        }
        if (!fs::is_regular_file(whole, ignored) || !is_archive_name(whole.filename().string()))
            throw UsageError(fmt::format("{} is neither a folder nor an archive", origin),
                             "hand-ins are folders, or files that end in .zip, .tar, .tar.gz, "
                             ".tar.xz, .tar.bz2 or .tar.zst");
        top_archive(whole, origin);
    }

  private:
    // --- an archive that was named on the command line: one student's, or a class's

    void top_archive(const fs::path &path, const std::string &origin) {
        const std::string name = without_archive_ending(path.filename().string());
        auto unpacked = std::make_unique<TemporaryFolder>("intake");
        std::vector<Refused> refused = unpack(path, unpacked->path(), student_archive);
        const auto whole = [&] { return !refused.empty() && refused.back().path.empty(); };
        if (whole() && is_class(unpacked->path(), name)) {
            unpacked = std::make_unique<TemporaryFolder>("intake");
            ArchiveLimits limits = class_archive;
            // A full disk would stop everybody.
            limits.bytes =
                std::min<std::uint64_t>(limits.bytes, fs::space(unpacked->path()).available / 2);
            refused = unpack(path, unpacked->path(), limits);
        }
        Place place{.folder = unpacked->path(), .origin = origin + ":", .time = std::nullopt};
        if (whole()) {
            found({.student = name,
                   .origin = origin,
                   .time = time_of(path),
                   .finding = refused.back().reason});
            return;
        }
        const bool of_class = is_class(place.folder, name);
        if (!of_class) {
            place.time = time_of(path);
            if (!refused.empty())
                found({.student = name,
                       .origin = origin,
                       .time = time_of(path),
                       .finding = text_of(refused.front())});
            else
                of_student(place, name, {});
            return;
        }
        root_ = unpacked->path();
        View view = look_into(place.folder);
        while (view.members.size() == 1 && !view.files && is_wrapper(view.members.front())) {
            place = place.below(view.members.front());
            view = look_into(place.folder);
        }
        members_are_students(place, view, refused);
        root_.clear();
    }

    /** A folder around the students' and nothing else. */
    [[nodiscard]] bool is_wrapper(const fs::path &member) const {
        return fs::is_directory(member) && !has_marks(member) &&
               !is_student(member.filename().string());
    }

    /** Whether what came out of an archive is several students'. */
    [[nodiscard]] bool is_class(const fs::path &folder, const std::string &name) const {
        fs::path at = folder;
        for (int level = 0; level < most_levels; ++level) {
            if (has_marks(at))
                return false;
            const View view = look_into(at);
            if (view.members.size() > 1) {
                // One student's may have folders of any kind beside the one that counts.
                const auto submissions = std::count_if(
                    view.members.begin(), view.members.end(),
                    [&](const auto &member) { return may_hold_marks(member, most_levels); });
                const bool named = std::any_of(
                    view.members.begin(), view.members.end(),
                    [&](const auto &member) { return is_student(member.filename().string()); });
                return (submissions > 1 || named) && !is_student(name);
            }
            if (view.members.empty() || !fs::is_directory(view.members.front()))
                return false;
            at = view.members.front();
            if (is_student(at.filename().string()))
                return !is_student(name);
        }
        return false;
    }

    /** Whether a folder has the marks somewhere; of an archive that is only known later. */
    [[nodiscard]] bool may_hold_marks(const fs::path &member, int levels) const {
        if (!fs::is_directory(member) || has_marks(member))
            return true;
        const View view = look_into(member);
        return levels > 0 &&
               std::any_of(view.members.begin(), view.members.end(),
                           [&](const fs::path &each) { return may_hold_marks(each, levels - 1); });
    }

    [[nodiscard]] bool is_student(const std::string &name) const {
        return search_.roster != nullptr &&
               search_.roster->find(without_archive_ending(name)) != nullptr;
    }

    // --- a class

    void members_are_students(const Place &place, const View &view,
                              const std::vector<Refused> &refused) {
        if (view.members.empty() && refused.empty())
            throw UsageError(fmt::format("{} holds no submission", place.origin),
                             "name the class's folder, a student's, or an archive");
        for (const fs::path &member : view.members) {
            throw_if_interrupted();
            const std::string name = member.filename().string();
            if (fs::is_directory(member))
                of_student(place.below(member), name, refused);
            else
                archive_of_student(member, place.below(member).origin, without_archive_ending(name),
                                   place.level + 1);
        }
        // One whose every file was refused has left no folder.
        for (const Refused &each : refused) {
            const fs::path below = (root_ / each.path).lexically_relative(place.folder);
            const std::string name = below.begin()->string();
            const bool seen = std::any_of(view.members.begin(), view.members.end(),
                                          [&](const auto &m) { return m.filename() == name; });
            if (!seen)
                found({.student = name == ".." || name.empty() ? place.origin : name,
                       .origin = fmt::format("{} {}", place.origin, kernel::safe_text(name)),
                       .finding = text_of(each)});
        }
    }

    // --- one student's

    void archive_of_student(const fs::path &path, const std::string &origin,
                            const std::string &student, int level) {
        const sys_seconds time = time_of(path);
        if (level > most_levels) {
            found({.student = student,
                   .origin = origin,
                   .time = time,
                   .finding = "it is nested too deeply"});
            return;
        }
        const TemporaryFolder unpacked("intake");
        const auto refused = unpack(path, unpacked.path(), student_archive);
        if (!refused.empty())
            found({.student = student,
                   .origin = origin,
                   .time = time,
                   .finding =
                       text_of(refused.back().path.empty() ? refused.back() : refused.front())});
        else
            of_student(
                {.folder = unpacked.path(), .origin = origin + ":", .time = time, .level = level},
                student, {});
    }

    void of_student(const Place &place, const std::string &student,
                    const std::vector<Refused> &refused) {
        const View view = look_into(place.folder);
        std::vector<fs::path> members;
        std::copy_if(view.members.begin(), view.members.end(), std::back_inserter(members),
                     [&](const fs::path &member) { return may_hold_marks(member, most_levels); });
        const bool alone = view.members.size() == 1 && !view.files;
        if (has_marks(place.folder) || (members.empty() && !alone) || place.level > most_levels) {
            emit(place, student, refused);
            return;
        }
        // Beside what counts there may be folders of any kind.
        for (const fs::path &member : members.empty() ? view.members : members) {
            const Place below = place.below(member);
            if (fs::is_directory(member))
                of_student(below, student, refused);
            else
                archive_of_student(member, below.origin, student, place.level + 1);
        }
    }

    void emit(const Place &place, const std::string &student, const std::vector<Refused> &refused) {
        HandIn hand_in{.student = student,
                       .origin = place.origin.ends_with(':')
                                     ? place.origin.substr(0, place.origin.size() - 1)
                                     : place.origin,
                       .time = place.time ? *place.time : newest_in(place.folder),
                       .folder = place.folder};
        for (const Refused &each : refused)
            if (!root_.empty() && is_below(root_ / each.path, place.folder))
                hand_in.finding = text_of(each);
        found(std::move(hand_in));
    }

    void found(HandIn hand_in) {
        const std::string name = without_archive_ending(hand_in.student);
        const Student *student = search_.roster != nullptr ? search_.roster->find(name) : nullptr;
        hand_in.student = student != nullptr ? student->id : kernel::safe_text(name);
        hand_in.on_roster = student != nullptr || search_.roster == nullptr;
        take_(hand_in);
    }

    [[nodiscard]] bool has_marks(const fs::path &folder) const {
        std::error_code ignored;
        return std::any_of(
            search_.marks.begin(), search_.marks.end(),
            [&](const std::string &mark) { return fs::is_regular_file(folder / mark, ignored); });
    }

    static std::string text_of(const Refused &refused) {
        if (refused.path.empty())
            return refused.reason;
        return fmt::format("{}: {}", kernel::safe_text(refused.path.string()), refused.reason);
    }

    const Search &search_;
    const std::function<void(const HandIn &)> &take_;
    fs::path root_;  ///< of a class's archive that was unpacked
};

}  // namespace

void for_each_hand_in(const fs::path &input, const Search &search,
                      const std::function<void(const HandIn &)> &take) {
    Walk(search, take).input(input);
}

}  // namespace klass::intake
