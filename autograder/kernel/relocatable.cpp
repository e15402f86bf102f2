// SPDX-License-Identifier: Apache-2.0
#include "kernel/relocatable.h"

#include <elf.h>

#include <cstddef>
#include <cstring>

namespace klass::kernel {

Bytes without_section_addresses(Bytes module) {
    Elf64_Ehdr header;
    if (module.size() < sizeof header)
        return module;
    std::memcpy(&header, module.data(), sizeof header);
    if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
        header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_type != ET_REL ||
        header.e_shentsize != sizeof(Elf64_Shdr))
        return module;
    for (std::size_t i = 0; i < header.e_shnum; ++i) {
        const std::size_t section = i * sizeof(Elf64_Shdr);
        if (header.e_shoff > module.size() ||
            module.size() - header.e_shoff < section + sizeof(Elf64_Shdr))
            break;
        constexpr Elf64_Addr nowhere = 0;
        std::memcpy(module.data() + header.e_shoff + section + offsetof(Elf64_Shdr, sh_addr),
                    &nowhere, sizeof nowhere);
    }
    return module;
}

}  // namespace klass::kernel
