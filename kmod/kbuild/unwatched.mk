# SPDX-License-Identifier: GPL-2.0-only
#
# What of the debug kernel's own code is not watched.
#
# KASAN's checks are calls, and an emulated kernel pays for each of them: the
# call has to be translated in every clone, and carried out each time. Before
# this list, three in five of the blocks that a check ran were such calls, and
# half of those came from lockdep, which walks its own tables. With it, stages
# 03 and 04 take three quarters of the time.
#
# So the checks are left out of what only looks at others, keeps the time or
# the memory's tables, or serves the host: code that follows no pointer that a
# module gave it, or where another detector speaks first. Whatever does follow
# them (locks, timers, work, waiting, lists, formats, devices, files, packets)
# is watched as ever, and modules are to their last access. The canaries prove
# it. Linux leaves lockdep out itself since 6.15.
#
# Read before any other makefile, through the variable MAKEFILES. A name is
# that of an object, wherever it lies (scripts/Makefile.lib).

# kernel/locking/: tables of classes and chains.
KASAN_SANITIZE_lockdep.o := n

# Stack traces: KASAN takes one at each allocation, lockdep at each new chain.
# arch/x86/kernel/, kernel/
KASAN_SANITIZE_unwind_orc.o := n
KASAN_SANITIZE_stacktrace.o := n
# kernel/, kernel/module/: addresses to names.
KASAN_SANITIZE_kallsyms.o := n

# Memory that is freed while a timer, work or callback in it waits is told of
# by debugobjects, at kfree(). kernel/rcu/, lib/
KASAN_SANITIZE_tree.o := n
KASAN_SANITIZE_rcu_segcblist.o := n
KASAN_SANITIZE_debugobjects.o := n

# What each tick does, whatever runs. kernel/time/
KASAN_SANITIZE_timekeeping.o := n
KASAN_SANITIZE_vsyscall.o := n
KASAN_SANITIZE_tick-sched.o := n
# kernel/sched/: whose turn it is; waiting is in build_utility.o and core.o.
KASAN_SANITIZE_build_policy.o := n
KASAN_SANITIZE_fair.o := n
# arch/x86/kernel/
KASAN_SANITIZE_process_64.o := n

# Pages and their tables, and the tree of a program's areas.
# mm/, arch/x86/mm/, arch/x86/mm/pat/, lib/
KASAN_SANITIZE_page_alloc.o := n
KASAN_SANITIZE_vmalloc.o := n
KASAN_SANITIZE_memory.o := n
KASAN_SANITIZE_tlb.o := n
KASAN_SANITIZE_set_memory.o := n
KASAN_SANITIZE_maple_tree.o := n

# A module's file, as it is loaded. kernel/module/ (and init/), kernel/trace/
KASAN_SANITIZE_main.o := n
KASAN_SANITIZE_sysfs.o := n
KASAN_SANITIZE_tree_lookup.o := n
KASAN_SANITIZE_ftrace.o := n

# The way of a finished line to the console; its format is read in vsprintf.o.
# kernel/printk/, drivers/tty/serial/8250/
KASAN_SANITIZE_printk.o := n
KASAN_SANITIZE_printk_ringbuffer.o := n
KASAN_SANITIZE_8250_port.o := n

# Paths, up to the driver's open(). fs/
KASAN_SANITIZE_namei.o := n
KASAN_SANITIZE_dcache.o := n
KASAN_SANITIZE_open.o := n
KASAN_SANITIZE_attr.o := n
KASAN_SANITIZE_locks.o := n

# What the agent speaks through, and what the channel stirs. drivers/char/,
# drivers/virtio/, net/unix/, lib/crypto/
KASAN_SANITIZE_virtio_console.o := n
KASAN_SANITIZE_virtio_ring.o := n
KASAN_SANITIZE_af_unix.o := n
KASAN_SANITIZE_random.o := n
KASAN_SANITIZE_chacha.o := n

# UBSAN watches modules: of what they hand to the kernel, an index out of its
# array is KASAN's to find, and a shift too far is computed in their own code.
UBSAN_SANITIZE := n

# Zeros in each variable on the stack keep a module's run the same each time;
# the kernel's own code needs none, and where it builds for size they are
# written one byte after the other.
KCFLAGS := -ftrivial-auto-var-init=uninitialized
