// SPDX-License-Identifier: Apache-2.0
#include "stages/camera_offload/program.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include <array>
#include <cstdlib>
#include <sstream>

#include "stages/camera_offload/server.h"
#include "util/lines.h"

namespace klass::stages::camera {

using namespace std::chrono_literals;
using judge::Trial;

namespace {

constexpr const char *client_program = "camera_client";
constexpr const char *output_file = "/tmp/out";

std::vector<std::string> words_of(const std::string &text, char separator) {
    std::vector<std::string> words;
    std::istringstream stream(text);
    for (std::string word; std::getline(stream, word, separator);)
        words.push_back(word);
    return words;
}

bool same_point(const std::string &word, const pose::Keypoint &sent) {
    const std::vector<std::string> numbers = words_of(word, ',');
    const std::array<float, 3> expected{sent.y, sent.x, sent.score};
    if (numbers.size() != expected.size())
        return false;
    for (std::size_t i = 0; i < expected.size(); ++i)
        if (std::strtof(numbers[i].c_str(), nullptr) != expected[i])
            return false;
    return true;
}

}  // namespace

const std::string Program::small_size = fmt::format("--size {}x{} ", small.width, small.height);

Program::Program(Trial &t, const std::string &arguments)
    : t_(t),
      process_(t.another_process()),
      run_(process_.start_run({"/bin/sh", "-c",
                               fmt::format("echo $$ >/tmp/pid; exec {} {} >{} 2>/tmp/err",
                                           t.install(client_program), arguments, output_file)})) {}

std::vector<std::string> Program::lines() {
    const auto read = t_.process().read_file(output_file);
    std::string text = read.ok() ? guest::text(read) : std::string();
    text.resize(text.rfind('\n') + 1);  // of what is not there yet, nothing: npos + 1
    return lines_of(text);
}

void Program::send(int signal) {
    const std::string pid = t_.read_text("/tmp/pid");
    t_.expect(t_.process().run({"/bin/sh", "-c",
                                fmt::format("kill -{} {}", signal, pid.substr(0, pid.find('\n')))}))
        .returns(0);
}

void Program::expect_exit(int status) {
    const auto ended = run_.wait(soon + 1s);
    const bool exited = ended.ok() && WIFEXITED(static_cast<int>(ended.result));
    const int code = exited ? WEXITSTATUS(static_cast<int>(ended.result)) : -1;
    t_.expect_that(
        exited && code == status, fmt::format("{} ends with status {}", client_program, status),
        !ended.ok() ? std::string("it runs on")
        : exited    ? fmt::format("it ends with {}; it said: {}", code, said())
                    : fmt::format("signal {} ends it", WTERMSIG(static_cast<int>(ended.result))));
}

void Program::expect_running() {
    t_.expect_that(!run_.returned(), fmt::format("{} goes on", client_program),
                   fmt::format("it ended; it said: {}", said()));
}

void Program::expect_result(const pose::Frame &frame, const pose::Keypoints &keypoints) {
    const std::size_t at = shown_++;
    t_.expect_that(t_.comes_true([&] { return lines().size() > at; }, 5s),
                   fmt::format("a line comes for frame {}", frame.sequence), "none comes");
    const std::string line = lines()[at];
    const std::vector<std::string> words = words_of(line, ' ');
    t_.expect_that(words.size() == 18,
                   "a line has the sequence number and 17 times Y,X,SCORE, with spaces between",
                   fmt::format("it is \"{}\"", line.substr(0, 100)));
    t_.expect_that(words[0] == std::to_string(frame.sequence),
                   fmt::format("the line is of frame {}", frame.sequence),
                   fmt::format("it is of frame {}", words[0]));
    for (std::size_t joint = 0; joint < keypoints.size(); ++joint) {
        const pose::Keypoint &sent = keypoints[joint];
        t_.expect_that(same_point(words[joint + 1], sent),
                       fmt::format("joint {} is where the server said: {}", joint, text_of(sent)),
                       fmt::format("the line says {}", words[joint + 1]));
    }
}

std::string Program::said() {
    const auto read = t_.process().read_file("/tmp/err");
    return read.ok() ? guest::text(read).substr(0, 300) : "nothing";
}

}  // namespace klass::stages::camera
