// SPDX-License-Identifier: Apache-2.0
#include "kernel/build_ahead.h"

#include <sys/resource.h>

#include <utility>

namespace klass::kernel {

BuildAhead::BuildAhead(const Paths &paths, Progress &progress, std::vector<Flavour> flavours)
    : built_(std::async(std::launch::async, [paths, &progress, flavours = std::move(flavours)] {
          // Of this thread, and of the programs that it starts: see setpriority(2), BUGS.
          constexpr int lower = 10;
          setpriority(PRIO_PROCESS, 0, lower);
          for (const Flavour flavour : flavours)
              KernelStore(paths, progress).obtain(flavour);
      })) {}

}  // namespace klass::kernel
