// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief A module's file made fit for gdb.
 */
#pragma once

#include "util/bytes.h"

namespace klass::kernel {

/**
 * The ELF file with the addresses of its sections set to zero, as elf(5) has it for a relocatable
 * file. ld -r leaves one in .data of a kernel with KASAN, and then gdb places no section at all: it
 * takes each for the first (default_symfile_offsets() of its symfile.c).
 * @param module  hostile: any bytes; what is no relocatable 64-bit file comes back as it is
 */
Bytes without_section_addresses(Bytes module);

}  // namespace klass::kernel
