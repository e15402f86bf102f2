// SPDX-License-Identifier: Apache-2.0
#include "kernel/symbols.h"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "kernel/isolated.h"
#include "kernel/module_dwarf.h"
#include "kernel/text.h"

namespace klass::kernel {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr std::uintmax_t largest_source = std::uintmax_t{1} << 20;
constexpr std::size_t longest_text = 200;

// The path below the folder; empty when it is not there.
std::string below(const std::string &root, const std::string &path) {
    const auto relative = fs::path{path}.lexically_relative(root);
    if (path.empty() || relative.empty() || relative == "." || *relative.begin() == "..")
        return {};
    return relative.string();
}

// One line of a file below a folder, without its indentation.
std::string text_of(const fs::path &folder, const std::string &file, int line) {
    std::error_code error;
    const fs::path real_folder = fs::canonical(folder, error);
    const fs::path path = error ? fs::path{} : fs::canonical(real_folder / file, error);
    // A symbolic link must not lead out of the submission.
    if (error || below(real_folder.string(), path.string()).empty() ||
        !fs::is_regular_file(path, error) || fs::file_size(path, error) > largest_source)
        return {};
    std::ifstream stream(path);
    std::string text;
    for (int at = 0; at < line; ++at)
        if (!std::getline(stream, text))
            return {};
    text.erase(0, std::min(text.find_first_not_of(" \t"), text.size()));
    text.resize(std::min(text.size(), longest_text));
    return safe_text(text);
}

// [[[function, path, line], ...], ...]: for each frame its places.
std::string places_as_json(const fs::path &module, std::span<const Frame> frames) {
    const ModuleDwarf dwarf(module);
    json answer = json::array();
    for (const auto &frame : frames) {
        json places = json::array();
        for (const auto &place : dwarf.places(frame))
            places.push_back({safe_text(place.function), safe_text(place.path), place.line});
        answer.push_back(std::move(places));
    }
    return answer.dump();
}

}  // namespace

ModuleSymbols::ModuleSymbols(fs::path module, fs::path sources, std::string root)
    : module_(std::move(module)),
      sources_(std::move(sources)),
      root_(std::move(root)),
      name_(module_.stem().string()) {
    std::replace(name_.begin(), name_.end(), '-', '_');
}

std::vector<std::vector<Frame>> ModuleSymbols::resolve(std::span<const Frame> frames) const {
    std::vector<std::vector<Frame>> resolved;
    for (const auto &frame : frames)
        resolved.push_back({frame});
    const auto answer = frames.empty()
                            ? std::nullopt
                            : call_isolated([&] { return places_as_json(module_, frames); });
    // The child is ours, but what it read may have taken it over.
    const json all = json::parse(answer.value_or(""), nullptr, false);
    if (!all.is_array() || all.size() != frames.size())
        return resolved;
    for (std::size_t i = 0; i < frames.size(); ++i) {
        std::vector<Frame> nested;
        for (const auto &place : all[i]) {
            if (!place.is_array() || place.size() != 3 || !place[0].is_string() ||
                !place[1].is_string() || !place[2].is_number_integer())
                break;
            Frame frame = frames[i];
            if (const std::string inlined = safe_text(place[0].get<std::string>());
                !inlined.empty()) {
                frame.function = inlined;
                frame.offset = 0;
                frame.size = 0;
            }
            const int line = place[2].get<int>();
            frame.file = line > 0 ? safe_text(below(root_, place[1].get<std::string>())) : "";
            if (!frame.file.empty()) {
                frame.line = line;
                frame.text = text_of(sources_, frame.file, line);
            }
            nested.push_back(std::move(frame));
        }
        if (!nested.empty())
            resolved[i] = std::move(nested);
    }
    return resolved;
}

std::vector<Frame> ModuleSymbols::resolve(const Frame &frame) const {
    return resolve(std::span{&frame, 1}).front();
}

}  // namespace klass::kernel
