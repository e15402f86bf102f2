// SPDX-License-Identifier: Apache-2.0
#include "kernel/module_dwarf.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <fcntl.h>
#include <gelf.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <limits>
#include <map>
#include <system_error>
#include <utility>

#include "util/scoped_fd.h"

namespace klass::kernel {

namespace fs = std::filesystem;

namespace {

constexpr std::uintmax_t largest_module = std::uintmax_t{64} << 20;
constexpr int most_symbols = 100'000;
constexpr std::size_t deepest_inlining = 32;

// The module itself holds all that is wanted: nothing that it names (a debug link, a build id) is
// looked for on this machine.
int find_no_elf(Dwfl_Module *, void **, const char *, Dwarf_Addr, char **, Elf **) {
    return -1;
}
int find_no_debuginfo(Dwfl_Module *, void **, const char *, Dwarf_Addr, const char *, const char *,
                      GElf_Word, char **) {
    return -1;
}

constexpr Dwfl_Callbacks callbacks{.find_elf = find_no_elf,
                                   .find_debuginfo = find_no_debuginfo,
                                   .section_address = dwfl_offline_section_address,
                                   .debuginfo_path = nullptr};

struct EndDwfl {
    void operator()(Dwfl *dwfl) const { dwfl_end(dwfl); }
};
struct Free {
    void operator()(void *pointer) const { std::free(pointer); }  // NOLINT: libdw allocates so
};

bool is_module(const fs::path &file) {
    std::error_code error;
    return fs::is_regular_file(file, error) && fs::file_size(file, error) <= largest_module &&
           !error;
}

std::string absolute(const char *path, const char *folder) {
    if (path == nullptr)
        return {};
    fs::path whole{path};
    if (whole.is_relative() && folder != nullptr)
        whole = fs::path{folder} / whole;
    return whole.lexically_normal().string();
}

struct Function {
    std::string name;
    Dwarf_Addr address = 0;
    std::uint64_t size = 0;
    GElf_Word section = 0;
    std::uint64_t to_next = 0;  // what the kernel prints as the size: up to the next symbol
};

}  // namespace

struct ModuleDwarf::Impl {
    std::unique_ptr<Dwfl, EndDwfl> dwfl;
    Dwfl_Module *module = nullptr;
    std::vector<Function> functions;  // by section and address
    std::map<std::string, std::pair<GElf_Word, Dwarf_Addr>, std::less<>> sections;

    void open(const fs::path &file);
    void read_functions();
    void read_section(GElf_Word section, GElf_Addr address);
    [[nodiscard]] const Function *at(const std::string &section, std::uint64_t offset,
                                     Dwarf_Addr &address) const;
    [[nodiscard]] const Function *find(const Frame &frame, std::uint64_t offset) const;
    [[nodiscard]] std::vector<SourcePlace> places_at(Dwarf_Addr address) const;
};

void ModuleDwarf::Impl::open(const fs::path &file) {
    if (!is_module(file))
        return;
    dwfl.reset(dwfl_begin(&callbacks));
    // Takes the descriptor over when it succeeds.
    ScopedFd descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!dwfl || !descriptor.valid())
        return;
    module = dwfl_report_offline(dwfl.get(), "module", file.c_str(), descriptor.get());
    if (module == nullptr)
        return;
    descriptor.release();
    dwfl_report_end(dwfl.get(), nullptr, nullptr);
    read_functions();
}

void ModuleDwarf::Impl::read_functions() {
    const int count = std::min(dwfl_module_getsymtab(module), most_symbols);
    for (int i = 0; i < count; ++i) {
        GElf_Sym symbol{};
        GElf_Addr address = 0;
        GElf_Word section = 0;
        const char *symbol_name =
            dwfl_module_getsym_info(module, i, &symbol, &address, &section, nullptr, nullptr);
        const auto type = GELF_ST_TYPE(symbol.st_info);
        if (type == STT_SECTION)
            read_section(section, address);
        if (symbol_name == nullptr || *symbol_name == '\0' || section == SHN_UNDEF ||
            section == SHN_ABS || (type != STT_FUNC && type != STT_NOTYPE))
            continue;
        functions.push_back(
            {.name = symbol_name, .address = address, .size = symbol.st_size, .section = section});
    }
    std::sort(functions.begin(), functions.end(), [](const Function &a, const Function &b) {
        return std::pair(a.section, a.address) < std::pair(b.section, b.address);
    });
    const Function *next = nullptr;
    for (auto function = functions.rbegin(); function != functions.rend(); ++function) {
        const bool last = next == nullptr || next->section != function->section;
        if (last)
            function->to_next = std::numeric_limits<std::uint64_t>::max();
        else if (next->address == function->address)
            function->to_next = next->to_next;
        else
            function->to_next = next->address - function->address;
        next = &*function;
    }
}

void ModuleDwarf::Impl::read_section(GElf_Word section, GElf_Addr address) {
    GElf_Addr bias = 0;
    Elf *elf = dwfl_module_getelf(module, &bias);
    std::size_t names = 0;
    GElf_Shdr header{};
    if (elf == nullptr || elf_getshdrstrndx(elf, &names) != 0 ||
        gelf_getshdr(elf_getscn(elf, section), &header) == nullptr)
        return;
    const char *name = elf_strptr(elf, names, header.sh_name);
    if (name != nullptr)
        sections.emplace(name, std::pair(section, address));
}

// The function that holds an offset of a section, and the address of both.
const Function *ModuleDwarf::Impl::at(const std::string &section, std::uint64_t offset,
                                      Dwarf_Addr &address) const {
    const auto found = sections.find(section);
    if (found == sections.end())
        return nullptr;
    address = found->second.second + offset;
    const auto holds = [&](const Function &function) {
        return function.section == found->second.first && address >= function.address &&
               address - function.address < std::max<std::uint64_t>(function.size, 1);
    };
    const auto function = std::find_if(functions.begin(), functions.end(), holds);
    return function == functions.end() ? nullptr : &*function;
}

// Several static functions may have one name: the one whose size is as printed, then one that
// holds the offset. The last function of a section has no next symbol; the kernel prints for it
// what is left of the memory (find_kallsyms_symbol() of kernel/module/kallsyms.c).
const Function *ModuleDwarf::Impl::find(const Frame &frame, std::uint64_t offset) const {
    const Function *best = nullptr;
    int best_rank = 0;
    for (const auto &function : functions) {
        if (function.name != frame.function || offset >= std::max<std::uint64_t>(function.size, 1))
            continue;
        const int rank = frame.size != 0 && function.to_next == frame.size ? 3
                         : frame.size != 0 && function.size == frame.size  ? 2
                                                                           : 1;
        if (rank > best_rank) {
            best = &function;
            best_rank = rank;
        }
    }
    return best;
}

std::vector<SourcePlace> ModuleDwarf::Impl::places_at(Dwarf_Addr address) const {
    SourcePlace innermost;
    const char *folder = nullptr;
    if (Dwfl_Line *line = dwfl_module_getsrc(module, address)) {
        const char *path = dwfl_lineinfo(line, nullptr, &innermost.line, nullptr, nullptr, nullptr);
        folder = dwfl_line_comp_dir(line);
        innermost.path = absolute(path, folder);
    }
    std::vector<SourcePlace> places{innermost};

    Dwarf_Addr bias = 0;
    Dwarf_Die *unit = dwfl_module_addrdie(module, address, &bias);
    Dwarf_Die *scopes = nullptr;
    const int depth = unit == nullptr ? 0 : dwarf_getscopes(unit, address - bias, &scopes);
    const std::unique_ptr<Dwarf_Die, Free> owns_scopes(scopes);
    Dwarf_Die *const end = scopes + std::max(depth, 0);
    Dwarf_Die *inner = std::find_if(scopes, end, [](Dwarf_Die &die) {
        return dwarf_tag(&die) == DW_TAG_inlined_subroutine || dwarf_tag(&die) == DW_TAG_subprogram;
    });
    if (inner == end || dwarf_tag(inner) != DW_TAG_inlined_subroutine)
        return places;

    // From here on the tree as the compiler wrote it, where inlined calls nest.
    Dwarf_Die *chain = nullptr;
    const int length = dwarf_getscopes_die(inner, &chain);
    const std::unique_ptr<Dwarf_Die, Free> owns_chain(chain);
    Dwarf_Files *files = nullptr;
    if (dwarf_getsrcfiles(unit, &files, nullptr) != 0)
        return places;
    for (int i = 0; i < length && places.size() <= deepest_inlining; ++i) {
        if (dwarf_tag(&chain[i]) == DW_TAG_subprogram)
            break;
        if (dwarf_tag(&chain[i]) != DW_TAG_inlined_subroutine)
            continue;
        const char *name = dwarf_diename(&chain[i]);
        places.back().function = name == nullptr ? "?" : name;
        Dwarf_Attribute attribute{};
        Dwarf_Word line = 0;
        Dwarf_Word file = 0;
        SourcePlace caller;
        if (dwarf_formudata(dwarf_attr(&chain[i], DW_AT_call_line, &attribute), &line) == 0 &&
            dwarf_formudata(dwarf_attr(&chain[i], DW_AT_call_file, &attribute), &file) == 0 &&
            line <= static_cast<Dwarf_Word>(std::numeric_limits<int>::max())) {
            caller.path = absolute(dwarf_filesrc(files, file, nullptr, nullptr), folder);
            caller.line = static_cast<int>(line);
        }
        places.push_back(std::move(caller));
    }
    return places;
}

ModuleDwarf::ModuleDwarf(const fs::path &file) : impl_(std::make_unique<Impl>()) {
    impl_->open(file);
}

ModuleDwarf::~ModuleDwarf() = default;

std::vector<SourcePlace> ModuleDwarf::places(const Frame &frame) const {
    // A return address may lie after the end of a function whose last call does not return.
    const bool is_call = !frame.exact && frame.offset > 0;
    const std::uint64_t offset = frame.offset - (is_call ? 1 : 0);
    if (frame.function.starts_with('.')) {
        Dwarf_Addr address = 0;
        const Function *holder = impl_->at(frame.function, offset, address);
        if (holder == nullptr)
            return {};
        std::vector<SourcePlace> places = impl_->places_at(address);
        places.back().function = holder->name;
        return places;
    }
    const Function *function = impl_->find(frame, offset);
    if (function == nullptr)
        return {};
    return impl_->places_at(function->address + offset);
}

}  // namespace klass::kernel
