// SPDX-License-Identifier: Apache-2.0
// Stage 03: a module that greets. What it must do: exercises/03-hello-module/README.md.
#include <sys/stat.h>

#include <fcntl.h>
#include <fmt/format.h>

#include "judge/modinfo.h"
#include "judge/trial.h"
#include "stages/all_stages.h"

namespace klass::stages {

namespace {

using judge::Trial;

constexpr const char *parameter = "/sys/module/hello/parameters/who";

std::string who(const std::string &name) {
    return "who=" + name;
}

void says_hello(Trial &t) {
    const std::string name = t.random().word(12);
    t.load("hello", who(name));
    t.expect_log(fmt::format("Hello, {}!", name));
}

void default_who(Trial &t) {
    t.load("hello");
    t.expect_log("Hello, world!");
}

void says_goodbye(Trial &t) {
    const std::string name = t.random().word(12);
    t.load("hello", who(name));
    t.skip_log();
    t.unload("hello");
    t.expect_log(fmt::format("Goodbye, {}!", name));
}

// What printk makes of it shows a name that was used as the format.
void any_name(Trial &t) {
    const std::string odd = t.random().word(6) + "%s%x%d%%" + t.random().word(6);
    t.load("hello", who(odd));
    t.expect_log(fmt::format("Hello, {}!", odd));
    t.unload("hello");
    t.expect_log(fmt::format("Goodbye, {}!", odd));
    const std::string long_name = t.random().word(200);
    t.load("hello", who(long_name));
    t.expect_log(fmt::format("Hello, {}!", long_name));
    t.unload("hello");
    t.expect_log(fmt::format("Goodbye, {}!", long_name));
}

void loads_twice(Trial &t) {
    for (int round = 0; round < 2; ++round) {
        const std::string name = t.random().word(10);
        t.load("hello", who(name));
        t.expect_log(fmt::format("Hello, {}!", name));
        t.unload("hello");
        t.expect_log(fmt::format("Goodbye, {}!", name));
    }
}

void parameter_in_sysfs(Trial &t) {
    const std::string name = t.random().word(12);
    t.load("hello", who(name));
    t.expect(t.process().read_file(parameter)).gives_text(name + "\n");
}

void parameter_read_only(Trial &t) {
    t.load("hello");
    const auto status = t.expect(t.process().stat(parameter)).succeeds();
    t.expect_that((status.value() & 0777) == 0444, fmt::format("the mode of {} is 0444", parameter),
                  fmt::format("it is {:#o}", status.value() & 0777));
}

void modinfo(Trial &t) {
    const judge::ModuleInfo info = judge::read_modinfo(t.built("hello").image);
    t.expect_that(info.licence_is_free(),
                  "the module's licence is one of those that the kernel "
                  "calls free, such as \"GPL\"",
                  fmt::format("it is \"{}\"", info.value("license")));
    t.expect_that(!info.value("author").empty(), "modinfo shows an author", "it shows none");
    t.expect_that(!info.value("description").empty(), "modinfo shows a description",
                  "it shows none");
    t.expect_that(info.value("parm", "who:").size() > 4,
                  "modinfo shows a description of the parameter who", "it shows none");
}

void clean(Trial &t) {
    const std::string name = t.random().word(20);
    t.load("hello", who(name));
    t.expect_log(fmt::format("Hello, {}!", name));
    t.unload("hello");
    t.expect(t.process().stat("/sys/module/hello")).fails_with(ENOENT);
    t.expect_nothing_left();
}

}  // namespace

judge::Stage hello_module() {
    judge::Stage stage("03-hello-module");
    stage.check("says-hello", says_hello)
        .check("default-who", default_who)
        .check("says-goodbye", says_goodbye)
        .check("any-name", any_name)
        .check("loads-twice", loads_twice)
        .check("parameter-in-sysfs", parameter_in_sysfs)
        .check("parameter-read-only", parameter_read_only)
        .check("modinfo", modinfo)
        .check("clean", clean);
    return stage;
}

}  // namespace klass::stages
