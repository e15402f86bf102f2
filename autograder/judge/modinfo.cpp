// SPDX-License-Identifier: Apache-2.0
#include "judge/modinfo.h"

#include <gelf.h>
#include <libelf.h>

#include <algorithm>
#include <array>
#include <memory>

namespace klass::judge {

namespace {

// libelf wants memory that it may write to, so it gets a copy.
std::string modinfo_section(Bytes module) {
    elf_version(EV_CURRENT);
    const std::unique_ptr<Elf, int (*)(Elf *)> elf(
        elf_memory(reinterpret_cast<char *>(module.data()), module.size()), elf_end);
    std::size_t names = 0;
    if (elf == nullptr || elf_kind(elf.get()) != ELF_K_ELF ||
        elf_getshdrstrndx(elf.get(), &names) != 0)
        return {};
    for (Elf_Scn *section = nullptr; (section = elf_nextscn(elf.get(), section)) != nullptr;) {
        GElf_Shdr header;
        if (gelf_getshdr(section, &header) == nullptr)
            continue;
        const char *name = elf_strptr(elf.get(), names, header.sh_name);
        const Elf_Data *data = elf_getdata(section, nullptr);
        if (name != nullptr && std::string_view(name) == ".modinfo" && data != nullptr &&
            data->d_buf != nullptr)
            return {static_cast<const char *>(data->d_buf), data->d_size};
    }
    return {};
}

}  // namespace

std::string ModuleInfo::value(std::string_view tag, std::string_view prefix) const {
    for (const auto &[name, value] : tags_)
        if (name == tag && value.starts_with(prefix))
            return value;
    return {};
}

bool ModuleInfo::licence_is_free() const {
    static constexpr std::array<std::string_view, 6> free = {
        "GPL",          "GPL v2",       "GPL and additional rights",
        "Dual BSD/GPL", "Dual MIT/GPL", "Dual MPL/GPL"};
    return std::find(free.begin(), free.end(), value("license")) != free.end();
}

ModuleInfo read_modinfo(const Bytes &module) {
    std::vector<std::pair<std::string, std::string>> tags;
    const std::string section = modinfo_section(module);
    for (std::size_t at = 0; at < section.size();) {
        const std::size_t end = std::min(section.find('\0', at), section.size());
        const std::string entry = section.substr(at, end - at);
        const std::size_t equals = entry.find('=');
        if (equals != std::string::npos)
            tags.emplace_back(entry.substr(0, equals), entry.substr(equals + 1));
        at = end + 1;
    }
    return ModuleInfo(std::move(tags));
}

}  // namespace klass::judge
