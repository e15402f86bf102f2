// SPDX-License-Identifier: Apache-2.0
#include "judge/manifest.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <toml++/toml.h>

#include <algorithm>
#include <set>

#include "judge/book.h"
#include "util/digest.h"
#include "util/error.h"

namespace klass::judge {

namespace {

namespace fs = std::filesystem;

constexpr const char *file_name = "stage.toml";

[[noreturn]] void fail(const fs::path &file, const toml::source_region &where,
                       const std::string &message, const std::string &way_out = {}) {
    throw UsageError(fmt::format("{}:{}: {}", file.string(), where.begin.line, message), way_out);
}

toml::table parse(const fs::path &file) {
    if (!fs::is_regular_file(file))
        throw UsageError("there is no file " + file.string());
    try {
        return toml::parse(read_file(file), file.string());
    } catch (const toml::parse_error &error) {
        fail(file, error.source(), std::string(error.description()));
    }
}

std::string in_quotes(std::string_view text) {
    return fmt::format("\"{}\"", text);
}

/**
 * Reads a table and accepts nothing that it was not asked for: finish() complains of a key that no
 * call named, and lists those that there are.
 */
class StrictTable {
  public:
    /** @param name what messages call it: "a check", "a stage's manifest" */
    StrictTable(const toml::table &table, const fs::path &file, std::string name)
        : table_(table), file_(file), name_(std::move(name)) {}

    std::string text(std::string_view key) {
        std::string value = optional_text(key);
        if (value.empty())
            fail(file_, where(key), fmt::format("{} needs the key {}", name_, key));
        return value;
    }
    std::string optional_text(std::string_view key) {
        const toml::node *node = find(key);
        if (node == nullptr)
            return {};
        if (!node->is_string())
            fail(file_, node->source(), fmt::format("{} is not a text in quotes", key));
        return node->as_string()->get();
    }
    std::vector<std::string> texts(std::string_view key) {
        std::vector<std::string> values;
        const toml::node *node = find(key);
        if (node == nullptr)
            return values;
        const toml::array *array = node->as_array();
        if (array == nullptr)
            fail(file_, node->source(), fmt::format("{} is not a list of texts", key));
        for (const toml::node &element : *array) {
            if (!element.is_string() || element.as_string()->get().empty())
                fail(file_, element.source(),
                     fmt::format("{} holds something that is not a text, or is empty", key));
            values.push_back(element.as_string()->get());
        }
        return values;
    }
    bool flag(std::string_view key) {
        const toml::node *node = find(key);
        if (node == nullptr)
            return false;
        if (!node->is_boolean())
            fail(file_, node->source(), fmt::format("{} is neither true nor false", key));
        return node->as_boolean()->get();
    }
    std::int64_t whole_number(std::string_view key, std::int64_t fallback, std::int64_t least,
                              std::int64_t most) {
        const toml::node *node = find(key);
        if (node == nullptr)
            return fallback;
        if (!node->is_integer() || node->as_integer()->get() < least ||
            node->as_integer()->get() > most)
            fail(file_, node->source(),
                 fmt::format("{} is not a whole number from {} to {}", key, least, most));
        return node->as_integer()->get();
    }
    double points(std::string_view key) {
        const toml::node *node = find(key);
        const auto value =
            node != nullptr && node->is_number() ? node->value<double>() : std::nullopt;
        if (!value || !(*value > 0) || *value > 1e6)
            fail(file_, where(key), fmt::format("{} needs {}, a number above 0", name_, key));
        return *value;
    }
    const toml::array *tables(std::string_view key) {
        const toml::node *node = find(key);
        if (node == nullptr)
            return nullptr;
        if (!node->is_array_of_tables())
            fail(file_, node->source(), fmt::format("write each {0} as a table, [[{0}]]", key));
        return node->as_array();
    }
    /** Of a key's value, or of the table when the key is not there. */
    [[nodiscard]] toml::source_region where(std::string_view key) const {
        const toml::node *node = table_.get(key);
        return node != nullptr ? node->source() : table_.source();
    }
    void finish() const {
        for (const auto &[key, node] : table_)
            if (!known_.contains(std::string(key.str())))
                fail(file_, key.source(), fmt::format("{} has no key \"{}\"", name_, key.str()),
                     fmt::format("the keys are {}", fmt::join(known_, ", ")));
    }

  private:
    const toml::node *find(std::string_view key) {
        known_.emplace(key);
        return table_.get(key);
    }

    const toml::table &table_;
    const fs::path &file_;
    std::string name_;
    std::set<std::string> known_;
};

MachineWish read_machine(StrictTable &table, const fs::path &file, MachineWish machine) {
    const std::string name = table.optional_text("flavour");
    if (!name.empty()) {
        try {
            machine.flavour = kernel::flavour_from(name);
        } catch (const UsageError &error) {
            fail(file, table.where("flavour"), error.what(), error.way_out());
        }
    }
    machine.cpus = static_cast<unsigned>(table.whole_number("cpus", machine.cpus, 1, 64));
    if (table.flag("icount"))
        machine.icount_shift = 1;
    machine.network = table.flag("network") || machine.network;
    machine.camera = table.flag("camera") || machine.camera;
    return machine;
}

Kind read_kind(StrictTable &table, const fs::path &file) {
    const std::string name = table.optional_text("kind");
    if (name == "kernel")
        return Kind::kernel;
    if (!name.empty() && name != "modules")
        fail(file, table.where("kind"), fmt::format("there is no kind {}", in_quotes(name)),
             "the kinds are modules and kernel");
    return Kind::modules;
}

CheckInfo read_check(const toml::table &source, const fs::path &file, const Manifest &stage) {
    StrictTable table(source, file, "a check");
    CheckInfo check;
    check.id = table.text("id");
    const std::string allowed = "abcdefghijklmnopqrstuvwxyz0123456789-";
    if (check.id.find_first_not_of(allowed) != std::string::npos)
        fail(file, table.where("id"),
             fmt::format("the id \"{}\" has other characters than a-z, 0-9 and -", check.id));
    check.title = table.text("title");
    check.points = table.points("points");
    check.hints = table.texts("hints");
    if (check.hints.empty())
        fail(file, table.where("hints"), fmt::format("the check {} needs a hint", check.id),
             "write hints = [\"...\"], from the gentlest to the most direct");
    check.book = table.optional_text("book");
    if (check.book.empty())
        check.book = stage.book;
    check.hidden = table.flag("hidden");
    check.timeout = std::chrono::seconds(table.whole_number("timeout", check.timeout.count(), 1,
                                                            std::chrono::seconds{3600}.count()));
    check.machine = read_machine(table, file, stage.machine);
    table.finish();
    return check;
}

std::vector<CheckInfo> read_checks(const toml::array &tables, const fs::path &file,
                                   const Manifest &stage) {
    std::vector<CheckInfo> checks;
    std::set<std::string> ids;
    for (const toml::node &node : tables) {
        checks.push_back(read_check(*node.as_table(), file, stage));
        if (!ids.insert(checks.back().id).second)
            fail(file, node.source(), fmt::format("there is a check {} already", checks.back().id));
    }
    return checks;
}

/** The `stage` key of a folder's stage.toml, or empty. The rest of it is not looked at. */
std::string named_stage(const fs::path &folder) {
    const fs::path file = folder / file_name;
    if (!fs::is_regular_file(file))
        return {};
    const toml::table table = parse(file);
    return StrictTable(table, file, "a submission's manifest").optional_text("stage");
}

}  // namespace

double Manifest::max_score() const {
    double sum = 0;
    for (const CheckInfo &each : checks)
        sum += each.points;
    return sum;
}

const CheckInfo &Manifest::check(std::string_view check_id) const {
    std::vector<std::string_view> ids;
    for (const CheckInfo &each : checks) {
        if (each.id == check_id)
            return each;
        ids.push_back(each.id);
    }
    throw UsageError(fmt::format("{} has no check \"{}\"", id, check_id),
                     fmt::format("its checks are {}", fmt::join(ids, ", ")));
}

Manifest Manifest::read(const fs::path &file) {
    const toml::table source = parse(file);
    StrictTable table(source, file, "a stage's manifest");
    Manifest manifest;
    manifest.id = table.optional_text("stage");
    if (manifest.id.empty())
        manifest.id = fs::absolute(file).lexically_normal().parent_path().filename().string();
    manifest.title = table.text("title");
    manifest.summary = table.text("summary");
    manifest.machine = read_machine(table, file, {});
    manifest.kind = read_kind(table, file);
    manifest.modules = table.texts("modules");
    manifest.consumers = table.texts("consumers");
    manifest.programs = table.texts("programs");
    manifest.files = table.texts("files");
    manifest.book = table.text("book");
    const toml::array *checks = table.tables("check");
    // First, so that a misspelt [[chekc]] is called that and not a missing check.
    table.finish();
    if (manifest.files.empty())
        fail(file, table.where("files"), "files does not say which files the student edits");
    if (checks == nullptr)
        fail(file, source.source(), "a stage's manifest needs a [[check]]");
    manifest.checks = read_checks(*checks, file, manifest);
    return manifest;
}

Manifest Manifest::of_stage(const fs::path &course, const std::string &id) {
    Manifest manifest = read(course / "exercises" / id / file_name);
    const auto titles = section_titles(course);
    for (CheckInfo &check : manifest.checks)
        if (const auto title = titles.find(check.book); title != titles.end())
            check.section = title->second;
    return manifest;
}

std::vector<std::string> stage_ids(const fs::path &course) {
    const fs::path exercises = course / "exercises";
    if (!fs::is_directory(exercises))
        throw UsageError("there is no folder " + exercises.string(),
                         "set KLASS_COURSE to the course's checkout");
    std::vector<std::string> ids;
    for (const fs::directory_entry &entry : fs::directory_iterator(exercises))
        if (fs::is_regular_file(entry.path() / file_name))
            ids.push_back(entry.path().filename().string());
    std::sort(ids.begin(), ids.end());
    return ids;
}

std::set<MachineWish> frozen_machines(const fs::path &course) {
    std::set<MachineWish> machines;
    for (const std::string &id : stage_ids(course)) {
        const Manifest manifest = Manifest::read(course / "exercises" / id / file_name);
        if (manifest.kind == Kind::modules)
            for (const CheckInfo &check : manifest.checks)
                machines.insert(check.machine);
    }
    return machines;
}

std::string stage_of(const fs::path &course, const fs::path &folder,
                     const std::string &explicit_stage) {
    constexpr int levels_above = 3;
    const std::vector<std::string> ids = stage_ids(course);
    const auto is_stage = [&](const std::string &name) {
        return std::find(ids.begin(), ids.end(), name) != ids.end();
    };
    const std::string way_out = fmt::format("the stages are {}", fmt::join(ids, ", "));
    std::string named = explicit_stage.empty() ? named_stage(folder) : explicit_stage;
    if (is_stage(named))
        return named;
    if (!named.empty())
        throw UsageError(fmt::format("there is no stage {}", in_quotes(named)), way_out);

    fs::path at = fs::weakly_canonical(folder);
    for (int level = 0; level <= levels_above; ++level, at = at.parent_path())
        if (is_stage(at.filename().string()))
            return at.filename().string();
    throw UsageError(fmt::format("cannot tell which stage {} is of", folder.string()),
                     "name it with --stage; " + way_out);
}

}  // namespace klass::judge
