// SPDX-License-Identifier: Apache-2.0
#include "kernel/compile_commands.h"

#include <array>
#include <map>

#include "kernel/kbuild.h"
#include "kernel/recipe.h"
#include "util/lines.h"

namespace klass::kernel {

namespace {

namespace fs = std::filesystem;

/** "savedcmd_OBJECT := TEXT" or "source_OBJECT := TEXT" in its parts. */
struct Line {
    std::string_view kind;
    std::string_view object;
    std::string_view text;
};

bool split(std::string_view line, Line &parts) {
    constexpr std::string_view becomes = " := ";
    const std::size_t name = line.find('_');
    const std::size_t middle = line.find(becomes);
    if (name == std::string_view::npos || middle == std::string_view::npos || name > middle)
        return false;
    parts = {line.substr(0, name), line.substr(name + 1, middle - name - 1),
             line.substr(middle + becomes.size())};
    return true;
}

/** The makefile's way of writing a hash and a dollar undone. */
std::string without_make(std::string_view text) {
    std::string plain(text);
    for (const auto &[written, meant] :
         {std::pair<std::string_view, std::string_view>{"$(pound)", "#"},
          {"\\#", "#"},
          {"$$", "$"}})
        for (std::size_t at = 0; (at = plain.find(written, at)) != std::string::npos;
             at += meant.size())
            plain.replace(at, written.size(), meant);
    return plain;
}

bool is_below(std::string_view path, std::string_view folder) {
    return path.starts_with(folder) && path.substr(folder.size()).starts_with('/');
}

/** Replaces a folder wherever it stands in an argument as the beginning of a path. */
void replace_folder(std::string &argument, std::string_view inside, const std::string &host) {
    for (std::size_t at = 0; (at = argument.find(inside, at)) != std::string::npos;) {
        const std::size_t end = at + inside.size();
        const bool whole = end == argument.size() || argument[end] == '/' || argument[end] == '=';
        if (whole)
            argument.replace(at, inside.size(), host);
        at += whole ? host.size() : inside.size();
    }
}

}  // namespace

std::vector<std::string> shell_words(std::string_view command) {
    std::vector<std::string> words;
    std::string word;
    bool in_word = false;
    char quote = 0;
    for (std::size_t at = 0; at < command.size(); ++at) {
        const char byte = command[at];
        const bool escapes = byte == '\\' && quote != '\'' && at + 1 < command.size();
        if (escapes) {
            word += command[++at];
            in_word = true;
        } else if (quote != 0) {
            if (byte == quote)
                quote = 0;
            else
                word += byte;
        } else if (byte == '"' || byte == '\'') {
            quote = byte;
            in_word = true;
        } else if (byte == ' ' || byte == '\t') {
            if (in_word)
                words.push_back(std::move(word));
            word.clear();
            in_word = false;
        } else if (byte == ';' || byte == '&' || byte == '|') {
            break;
        } else {
            word += byte;
            in_word = true;
        }
    }
    if (quote != 0)
        return {};
    if (in_word)
        words.push_back(std::move(word));
    return words;
}

std::vector<CompileCommand> parse_commands(std::string_view cmd_files) {
    std::map<std::string, std::string, std::less<>> sources;
    std::map<std::string, std::string, std::less<>> commands;
    for_each_line(cmd_files, [&](std::string_view line) {
        Line parts;
        if (!split(line, parts))
            return;
        (parts.kind == "source" ? sources : commands)[std::string(parts.object)] = parts.text;
    });
    std::vector<CompileCommand> found;
    for (const auto &[object, source] : sources) {
        const auto command = commands.find(object);
        if (command == commands.end() || !source.ends_with(".c") || source.ends_with(".mod.c") ||
            !is_below(source, submission_root))
            continue;
        std::vector<std::string> arguments = shell_words(without_make(command->second));
        if (!arguments.empty())
            found.push_back(
                {fs::path(source).lexically_relative(submission_root), std::move(arguments)});
    }
    return found;
}

nlohmann::ordered_json compile_commands(const std::vector<CompileCommand> &commands,
                                        const Kernel &kernel, const fs::path &folder) {
    nlohmann::ordered_json entries = nlohmann::ordered_json::array();
    for (const CompileCommand &command : commands) {
        nlohmann::ordered_json arguments = nlohmann::ordered_json::array();
        for (std::string argument : command.arguments) {
            // It would write a file of dependencies.
            if (argument.starts_with("-Wp,-MMD") || argument.starts_with("-Wp,-MD"))
                continue;
            replace_folder(argument, inside::linux_source, kernel.source.string());
            replace_folder(argument, inside::build, kernel.build.string());
            replace_folder(argument, submission_root, folder.string());
            arguments.push_back(argument);
        }
        entries.push_back({{"directory", kernel.build.string()},
                           {"file", (folder / command.file).string()},
                           {"arguments", arguments}});
    }
    return entries;
}

}  // namespace klass::kernel
