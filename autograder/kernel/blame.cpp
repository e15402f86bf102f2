// SPDX-License-Identifier: Apache-2.0
#include "kernel/blame.h"

#include <iterator>
#include <utility>

namespace klass::kernel {

namespace {

// Gives all of one module's frames to it at once: each question costs a process.
void resolve_frames(std::span<std::vector<Frame> *const> stacks, const ModuleSymbols &module) {
    std::vector<Frame> questions;
    for (const auto *stack : stacks)
        for (const auto &frame : *stack)
            if (frame.module == module.name())
                questions.push_back(frame);
    auto answers = module.resolve(questions);
    auto answer = answers.begin();
    for (auto *stack : stacks) {
        std::vector<Frame> resolved;
        for (auto &frame : *stack) {
            if (frame.module == module.name()) {
                std::move(answer->begin(), answer->end(), std::back_inserter(resolved));
                ++answer;
            } else {
                resolved.push_back(std::move(frame));
            }
        }
        *stack = std::move(resolved);
    }
}

}  // namespace

void resolve_frames(std::vector<Frame> &frames, std::span<const ModuleSymbols> modules) {
    std::vector<Frame> *const stack = &frames;
    for (const auto &module : modules)
        resolve_frames(std::span{&stack, 1}, module);
}

void resolve_frames(std::vector<LogReport> &reports, std::span<const ModuleSymbols> modules) {
    std::vector<std::vector<Frame> *> stacks;
    stacks.reserve(reports.size());
    for (auto &report : reports)
        stacks.push_back(&report.frames);
    for (const auto &module : modules)
        resolve_frames(stacks, module);
}

}  // namespace klass::kernel
