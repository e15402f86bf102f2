// SPDX-License-Identifier: Apache-2.0
#include "kernel/in_tree.h"

#include <regex>

#include "util/digest.h"
#include "util/error.h"

namespace klass::kernel {

namespace fs = std::filesystem;

void copy_in_tree_module(const Kernel &kernel, const InTreeModule &driver, const fs::path &target) {
    const fs::path source = kernel.source / driver.folder;
    if (!fs::is_directory(source))
        throw GraderFault("the kernel's source has no " + driver.folder);
    fs::create_directories(target);
    for (const fs::directory_entry &entry : fs::directory_iterator(source)) {
        const fs::path extension = entry.path().extension();
        if (extension == ".c" || extension == ".h")
            fs::copy_file(entry.path(), target / entry.path().filename());
    }
    // obj-$(CONFIG_E1000) += e1000.o
    // e1000-objs := e1000_main.o e1000_hw.o
    std::string makefile = read_file(source / "Makefile");
    makefile = std::regex_replace(makefile, std::regex(R"(obj-\$\(CONFIG_\w+\))"), "obj-m");
    makefile =
        std::regex_replace(makefile, std::regex(R"(\b)" + driver.original + R"((\.o|-objs|-y)\b)"),
                           driver.module + "$1");
    write_file_atomically(target / "Kbuild", makefile);
}

}  // namespace klass::kernel
