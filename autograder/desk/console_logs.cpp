// SPDX-License-Identifier: Apache-2.0
#include "desk/console_logs.h"

#include "util/digest.h"
#include "util/error.h"

namespace klass::desk {

namespace fs = std::filesystem;

void write_console_logs(judge::Verdict &verdict, const fs::path &folder) {
    for (judge::CheckResult &check : verdict.checks) {
        const fs::path file = folder / (check.id + ".log");
        std::error_code error;
        if (check.hidden || check.console.empty()) {
            fs::remove(file, error);
            continue;
        }
        fs::create_directories(folder, error);
        if (error)
            throw GraderFault("cannot make the folder " + folder.string() + ": " + error.message());
        write_file_atomically(file, check.console);
        check.log_file = fs::absolute(file);
    }
}

}  // namespace klass::desk
