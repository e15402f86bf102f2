// SPDX-License-Identifier: Apache-2.0
#include "kernel/relocatable.h"

#include <elf.h>
#include <gtest/gtest.h>

#include <cstring>

namespace klass::kernel {
namespace {

/** A file of a header and two sections, the second with an address. */
Bytes file(Elf64_Half type) {
    Elf64_Ehdr header{};
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_type = type;
    header.e_shoff = sizeof header;
    header.e_shentsize = sizeof(Elf64_Shdr);
    header.e_shnum = 2;
    Elf64_Shdr sections[2] = {};
    sections[1].sh_addr = 0x20;
    sections[1].sh_size = 7;
    Bytes bytes(sizeof header + sizeof sections);
    std::memcpy(bytes.data(), &header, sizeof header);
    std::memcpy(bytes.data() + sizeof header, sections, sizeof sections);
    return bytes;
}

Elf64_Shdr second_section(const Bytes &bytes) {
    Elf64_Shdr section{};
    std::memcpy(&section, bytes.data() + sizeof(Elf64_Ehdr) + sizeof section, sizeof section);
    return section;
}

TEST(WithoutSectionAddresses, ClearsThemAndNothingElse) {
    const Elf64_Shdr section = second_section(without_section_addresses(file(ET_REL)));
    EXPECT_EQ(section.sh_addr, 0U);
    EXPECT_EQ(section.sh_size, 7U);
}

TEST(WithoutSectionAddresses, LeavesAProgramAlone) {
    EXPECT_EQ(without_section_addresses(file(ET_EXEC)), file(ET_EXEC));
}

TEST(WithoutSectionAddresses, IsNotLedAstray) {
    EXPECT_EQ(without_section_addresses({}), Bytes{});
    Bytes cut = file(ET_REL);
    cut.resize(cut.size() - 1);
    EXPECT_EQ(second_section([&] {
                  Bytes result = without_section_addresses(cut);
                  result.push_back(0);
                  return result;
              }())
                  .sh_addr,
              0x20U);
    Bytes far = file(ET_REL);
    const Elf64_Off beyond = ~Elf64_Off{0} - 8;
    std::memcpy(far.data() + offsetof(Elf64_Ehdr, e_shoff), &beyond, sizeof beyond);
    EXPECT_EQ(without_section_addresses(far), far);
}

}  // namespace
}  // namespace klass::kernel
