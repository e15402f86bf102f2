// SPDX-License-Identifier: Apache-2.0
#include "util/program_id.h"

#include <elf.h>
#include <fmt/format.h>
#include <link.h>

#include <cstddef>
#include <cstring>
#include <string_view>

namespace klass {

namespace {

std::size_t aligned(std::size_t size) {
    return (size + 3) / 4 * 4;
}

/** The build ID among the notes of one segment (elf(5), "Notes"). */
std::string id_in_notes(const char *notes, std::size_t length) {
    while (length > sizeof(ElfW(Nhdr))) {
        ElfW(Nhdr) header;
        std::memcpy(&header, notes, sizeof header);
        const std::size_t name = sizeof header;
        const std::size_t value = name + aligned(header.n_namesz);
        const std::size_t end = value + aligned(header.n_descsz);
        if (end > length)
            break;
        if (header.n_type == NT_GNU_BUILD_ID &&
            std::string_view(notes + name, header.n_namesz) == std::string_view("GNU\0", 4)) {
            std::string id;
            for (std::size_t i = 0; i < header.n_descsz; ++i)
                id += fmt::format("{:02x}", static_cast<unsigned char>(notes[value + i]));
            return id;
        }
        notes += end;
        length -= end;
    }
    return {};
}

/** Of dl_iterate_phdr(3): the first object is the program itself, and no other is of interest. */
int find_id(dl_phdr_info *object, std::size_t, void *found) {
    auto &id = *static_cast<std::string *>(found);
    for (int i = 0; i < object->dlpi_phnum && id.empty(); ++i) {
        const ElfW(Phdr) &segment = object->dlpi_phdr[i];
        if (segment.p_type == PT_NOTE)
            id = id_in_notes(reinterpret_cast<const char *>(object->dlpi_addr + segment.p_vaddr),
                             segment.p_memsz);
    }
    return 1;
}

}  // namespace

std::string program_id() {
    std::string id;
    dl_iterate_phdr(find_id, &id);
    return id;
}

}  // namespace klass
