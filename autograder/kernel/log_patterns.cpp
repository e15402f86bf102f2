// SPDX-License-Identifier: Apache-2.0
#include "kernel/log_patterns.h"

#include <algorithm>
#include <array>

#include "kernel/log.h"

namespace klass::kernel {

namespace {

using Texts = std::span<const std::string_view>;

// What a WARN() prints after its message (kernel/panic.c), what die() prints after the cause of
// an oops (arch/x86/kernel/dumpstack.c), and what follows the first line of a few others.
constexpr std::array<std::string_view, 1> warn{"WARNING: CPU: *"};
constexpr std::array<std::string_view, 1> die{"Oops: *"};
constexpr std::array<std::string_view, 2> warn_then_die{"kernel BUG at *", "Oops: *"};
constexpr std::array<std::string_view, 3> fortify{
    "WARNING: CPU: *", "kernel BUG at lib/string_helpers.c:*", "Oops: invalid opcode*"};
constexpr std::array<std::string_view, 2> slub{"BUG * (*): *", "WARNING: CPU: * at mm/slub.c:*"};
constexpr std::array<std::string_view, 3> slab{"WARNING: CPU: * at mm/slub.c:*",
                                               "kmem_cache_destroy *: Slab cache still has",
                                               "WARNING: CPU: * at mm/slab_common.c:*"};
constexpr std::array<std::string_view, 2> dma{"WARNING: CPU: *", "DMA-API: Mapped at:"};
constexpr std::array<std::string_view, 1> key{"turning off the locking correctness validator"};
constexpr std::array<std::string_view, 1> unknown_nmi{
    "Kernel panic - not syncing: NMI: Not continuing"};

constexpr auto table = std::to_array<Pattern>({
    // Memory. KASAN and KFENCE frame their reports with bars.
    {.kind = "kasan",
     .text = "BUG: KASAN: *",
     .source = "mm/kasan/report.c",
     .ending = Ending::bar},
    {.kind = "kfence",
     .text = "BUG: KFENCE: *",
     .source = "mm/kfence/report.c",
     .ending = Ending::bar},
    {.kind = "kcsan",
     .text = "BUG: KCSAN: *",
     .source = "kernel/kcsan/report.c",
     .ending = Ending::bar},
    {.kind = "ubsan", .text = "UBSAN: * in *:*", .source = "lib/ubsan.c"},
    {.kind = "slab-leftover",
     .text = "BUG * (*): Objects remaining *",
     .source = "mm/slub.c",
     .goes_on = slab},
    {.kind = "slab-leftover",
     .text = "kmem_cache_destroy *: Slab cache still has objects *",
     .source = "mm/slab_common.c",
     .goes_on = warn},
    {.kind = "slub", .text = "[* overwritten] 0x*", .source = "mm/slub.c", .goes_on = slub},
    {.kind = "slub", .text = "BUG * (*ainted*): *", .source = "mm/slub.c", .goes_on = slub},
    {.kind = "bad-page", .text = "BUG: Bad page state in process *", .source = "mm/page_alloc.c"},
    {.kind = "bad-page", .text = "BUG: Bad page map in process *", .source = "mm/memory.c"},
    {.kind = "bad-page", .text = "BUG: Bad page cache in process *", .source = "mm/filemap.c"},
    {.kind = "list-corruption",
     .text = "list_add corruption*",
     .source = "lib/list_debug.c",
     .goes_on = warn},
    {.kind = "list-corruption",
     .text = "list_del corruption*",
     .source = "lib/list_debug.c",
     .goes_on = warn},
    {.kind = "refcount", .text = "refcount_t: *", .source = "lib/refcount.c", .goes_on = warn},
    {.kind = "detector-off",
     .text = "ODEBUG: Out of memory. ODEBUG disabled",
     .source = "lib/debugobjects.c",
     .ending = Ending::line},
    {.kind = "debug-objects", .text = "ODEBUG: *", .source = "lib/debugobjects.c", .goes_on = warn},
    {.kind = "leak",
     .text = "unreferenced object 0x*",
     .source = "mm/kmemleak.c",
     .ending = Ending::indent},
    {.kind = "usercopy",
     .text = "usercopy: Kernel memory * attempt detected *",
     .source = "mm/usercopy.c",
     .goes_on = warn_then_die},
    {.kind = "usercopy",
     .text = "Buffer overflow detected (*",
     .source = "mm/maccess.c",
     .goes_on = warn},
    {.kind = "fortify",
     .text = "*: detected buffer overflow: * byte * of buffer size *",
     .source = "lib/string_helpers.c",
     .goes_on = fortify},
    {.kind = "fortify",
     .text = "*: detected field-spanning write *",
     .source = "include/linux/fortify-string.h",
     .goes_on = warn},

    // Locks: lockdep's own reports.
    {.kind = "lockdep",
     .text = "WARNING: possible circular locking dependency detected",
     .source = "kernel/locking/lockdep.c"},
    {.kind = "lockdep",
     .text = "WARNING: possible recursive locking detected",
     .source = "kernel/locking/lockdep.c"},
    {.kind = "lockdep",
     .text = "WARNING: possible irq lock inversion dependency detected",
     .source = "kernel/locking/lockdep.c"},
    {.kind = "lockdep",
     .text = "WARNING: *-safe -> *-unsafe lock order detected",
     .source = "kernel/locking/lockdep.c"},
    {.kind = "lockdep",
     .text = "WARNING: inconsistent lock state",
     .source = "kernel/locking/lockdep.c"},
    {.kind = "lockdep",
     .text = "WARNING: Nested lock was not taken",
     .source = "kernel/locking/lockdep.c"},
    {.kind = "lock-imbalance",
     .text = "WARNING: bad unlock balance detected!",
     .source = "kernel/locking/lockdep.c"},
    {.kind = "lock-imbalance",
     .text = "WARNING: bad contention detected!",
     .source = "kernel/locking/lockdep.c"},
    {.kind = "held-lock-freed",
     .text = "WARNING: held lock freed!",
     .source = "kernel/locking/lockdep.c"},
    {.kind = "lock-returned",
     .text = "WARNING: lock held when returning to user space!",
     .source = "kernel/locking/lockdep.c",
     .ending = Ending::locks},
    {.kind = "lock-returned",
     .text = "WARNING: * still has locks held!",
     .source = "kernel/locking/lockdep.c"},
    {.kind = "suspicious-rcu",
     .text = "WARNING: suspicious RCU usage",
     .source = "kernel/locking/lockdep.c"},
    {.kind = "unregistered-key",
     .text = "INFO: trying to register non-static key.",
     .source = "kernel/locking/lockdep.c",
     .goes_on = key},
    {.kind = "unregistered-key",
     .text = "BUG: key * has not been registered!",
     .source = "kernel/locking/lockdep.c"},
    {.kind = "invalid-wait-context",
     .text = "[ BUG: Invalid wait context ]",
     .source = "kernel/locking/lockdep.c"},
    {.kind = "workqueue-lock",
     .text = "BUG: workqueue leaked atomic, lock or RCU: *",
     .source = "kernel/workqueue.c"},
    {.kind = "context-imbalance",
     .text = "DEBUG_LOCKS_WARN_ON(*preempt_count()*",
     .source = "kernel/sched/core.c",
     .goes_on = warn},
    {.kind = "context-imbalance",
     .text = "initcall * returned with *",
     .source = "init/main.c",
     .goes_on = warn},
    {.kind = "context-imbalance",
     .text = "softirq: huh, entered softirq *",
     .source = "kernel/softirq.c",
     .ending = Ending::line},
    {.kind = "lock-misuse",
     .text = "DEBUG_LOCKS_WARN_ON(*",
     .source = "include/linux/debug_locks.h",
     .goes_on = warn},
    {.kind = "lock-misuse",
     .text = "DEBUG_RWSEMS_WARN_ON(*",
     .source = "kernel/locking/rwsem.c",
     .goes_on = warn},
    {.kind = "lock-misuse",
     .text = "BUG: spinlock * on CPU#*",
     .source = "kernel/locking/spinlock_debug.c"},
    {.kind = "lock-misuse",
     .text = "BUG: rwlock * on CPU#*",
     .source = "kernel/locking/spinlock_debug.c"},

    // The wrong thing in the wrong context.
    {.kind = "atomic-sleep",
     .text = "BUG: sleeping function called from invalid context at *",
     .source = "kernel/sched/core.c"},
    {.kind = "scheduling-while-atomic",
     .text = "BUG: scheduling while atomic: *",
     .source = "kernel/sched/core.c"},
    {.kind = "scheduling-while-atomic",
     .text = "BUG: scheduling in a non-blocking section: *",
     .source = "kernel/sched/core.c"},
    {.kind = "atomic-sleep",
     .text = "do not call blocking ops when !TASK_RUNNING*",
     .source = "kernel/sched/core.c",
     .goes_on = warn},
    {.kind = "preemptible-percpu",
     .text = "BUG: using * in preemptible [*",
     .source = "lib/smp_processor_id.c"},

    // Stuck.
    {.kind = "rcu-stall",
     .text = "rcu: INFO: * detected expedited stalls*",
     .source = "kernel/rcu/tree_exp.h",
     .stuck = true},
    {.kind = "rcu-stall",
     .text = "rcu: INFO: * detected stall*",
     .source = "kernel/rcu/tree_stall.h",
     .stuck = true},
    {.kind = "rcu-stall",
     .text = "rcu: INFO: * self-detected stall*",
     .source = "kernel/rcu/tree_stall.h",
     .stuck = true},
    {.kind = "soft-lockup",
     .text = "watchdog: BUG: soft lockup - *",
     .source = "kernel/watchdog.c",
     .stuck = true},
    {.kind = "hard-lockup",
     .text = "watchdog: Watchdog detected hard LOCKUP *",
     .source = "kernel/watchdog.c",
     .stuck = true},
    {.kind = "workqueue-lockup",
     .text = "BUG: workqueue lockup - *",
     .source = "kernel/workqueue.c",
     .stuck = true},
    {.kind = "rcu-stall",
     .text = "INFO: rcu_tasks* detected stalls*",
     .source = "kernel/rcu/tasks.h"},
    {.kind = "hung-task",
     .text = "INFO: task *:* blocked for more than *",
     .source = "kernel/hung_task.c"},
    {.kind = "interrupted",
     .text = "Uhhuh. NMI received for unknown reason *",
     .source = "arch/x86/kernel/nmi.c",
     .fatal = true,
     .stuck = true,
     .goes_on = unknown_nmi},
    {.kind = "interrupted",
     .text = "Kernel panic - not syncing: NMI: Not continuing",
     .source = "arch/x86/kernel/nmi.c",
     .fatal = true,
     .stuck = true},

    // Things that a driver must give back, and may not take twice.
    {.kind = "dma-api",
     .text = "DMA-API: * *: device driver *",
     .source = "kernel/dma/debug.c",
     .goes_on = dma},
    {.kind = "dma-api",
     .text = "DMA-API: * *: mapping sg segment *",
     .source = "kernel/dma/debug.c",
     .goes_on = dma},
    {.kind = "dma-api",
     .text = "DMA-API: * *: cacheline tracking EEXIST*",
     .source = "kernel/dma/debug.c",
     .goes_on = dma},
    {.kind = "dma-api",
     .text = "DMA-API: exceeded * overlapping mappings *",
     .source = "kernel/dma/debug.c",
     .goes_on = dma},
    {.kind = "irq-free",
     .text = "Trying to free *IRQ *",
     .source = "kernel/irq/manage.c",
     .goes_on = warn},
    {.kind = "irq-free", .text = "irq *: nobody cared *", .source = "kernel/irq/spurious.c"},
    {.kind = "proc-leftover",
     .text = "*: removing non-empty directory '*', leaking at least *",
     .source = "fs/proc/generic.c",
     .goes_on = warn},
    {.kind = "netdev-leftover",
     .text = "unregister_netdevice: waiting for * to become free. *",
     .source = "net/core/dev.c",
     .ending = Ending::line},
    {.kind = "duplicate-name",
     .text = "sysfs: cannot create duplicate filename *",
     .source = "fs/sysfs/dir.c"},
    {.kind = "duplicate-name",
     .text = "proc_dir_entry '*' already registered",
     .source = "fs/proc/generic.c",
     .goes_on = warn},
    {.kind = "init-return",
     .text = "do_init_module: '*'->init suspiciously returned *",
     .source = "kernel/module/main.c"},

    // The end of a task or of the kernel. The texts before "Oops:" come first.
    {.kind = "null-dereference",
     .text = "BUG: kernel NULL pointer dereference, address: *",
     .source = "arch/x86/mm/fault.c",
     .fatal = true,
     .goes_on = die},
    {.kind = "page-fault",
     .text = "BUG: unable to handle page fault for address: *",
     .source = "arch/x86/mm/fault.c",
     .fatal = true,
     .goes_on = die},
    {.kind = "stack-overflow",
     .text = "BUG: * stack guard page was hit at *",
     .source = "arch/x86/kernel/traps.c",
     .fatal = true,
     .goes_on = die},
    {.kind = "stack-overflow",
     .text = "Kernel panic - not syncing: corrupted stack end detected inside scheduler",
     .source = "kernel/sched/core.c",
     .fatal = true},
    {.kind = "double-fault",
     .text = "PANIC: double fault, *",
     .source = "arch/x86/kernel/traps.c",
     .fatal = true,
     .goes_on = die},
    {.kind = "bug",
     .text = "kernel BUG at *",
     .source = "lib/bug.c",
     .fatal = true,
     .goes_on = die},
    {.kind = "bug",
     .text = "Kernel BUG at *",
     .source = "lib/bug.c",
     .fatal = true,
     .goes_on = die},
    {.kind = "general-protection",
     .text = "Oops: *general protection fault*",
     .source = "arch/x86/kernel/traps.c",
     .fatal = true},
    {.kind = "stack-overflow",
     .text = "Oops: stack guard page*",
     .source = "arch/x86/kernel/traps.c",
     .fatal = true},
    {.kind = "double-fault",
     .text = "Oops: double fault*",
     .source = "arch/x86/kernel/traps.c",
     .fatal = true},
    {.kind = "oops",
     .text = "Oops: *: * [#*]",
     .source = "arch/x86/kernel/dumpstack.c",
     .fatal = true},
    {.kind = "stack-corruption",
     .text = "Kernel panic - not syncing: stack-protector: Kernel stack is corrupted in: *",
     .source = "kernel/panic.c",
     .fatal = true},
    {.kind = "panic",
     .text = "Kernel panic - not syncing: *",
     .source = "kernel/panic.c",
     .fatal = true},

    // A detector that went blind: the grader's fault or an attack.
    {.kind = "detector-off",
     .text = "Disabling lock debugging due to kernel taint",
     .source = "kernel/panic.c",
     .ending = Ending::line},
    {.kind = "detector-off",
     .text = "INFO: lockdep is turned off.",
     .source = "kernel/locking/lockdep.c",
     .ending = Ending::line},
    {.kind = "detector-off",
     .text = "BUG: MAX_LOCK*",
     .source = "kernel/locking/lockdep.c",
     .goes_on = key},
    {.kind = "detector-off",
     .text = "BUG: MAX_STACK_TRACE_ENTRIES too low!",
     .source = "kernel/locking/lockdep.c",
     .goes_on = key},
    {.kind = "detector-off",
     .text = "turning off the locking correctness validator",
     .source = "kernel/locking/lockdep.c",
     .ending = Ending::line},
    {.kind = "detector-off",
     .text = "DMA-API: debugging out of memory *",
     .source = "kernel/dma/debug.c",
     .ending = Ending::line},
    {.kind = "detector-off",
     .text = "DMA-API: cacheline tracking ENOMEM, dma-debug disabled",
     .source = "kernel/dma/debug.c",
     .ending = Ending::line},
    {.kind = "detector-off",
     .text = "kmemleak: Kernel memory leak detector disabled",
     .source = "mm/kmemleak.c",
     .ending = Ending::line},

    {.kind = "warning", .text = "WARNING: CPU: *", .source = "kernel/panic.c"},

    // What the kernel may print and this table does not know: a report only with a call trace.
    {.kind = "unknown", .text = "BUG: *", .source = "lib/dump_stack.c"},
    {.kind = "unknown", .text = "WARNING: *", .source = "lib/dump_stack.c"},
    {.kind = "unknown", .text = "INFO: *", .source = "lib/dump_stack.c"},
});

const auto meanings = std::to_array<Kind>({
    {"kasan",
     "The module touched memory that is not its own: KASAN names the line that did, and for freed "
     "memory where it was allocated and freed."},
    {"kfence", "The module touched memory outside an object, or after it was freed."},
    {"kcsan", "Two threads used the same memory at once, one of them to write, without a lock."},
    {"ubsan",
     "The module did what the C language leaves undefined: an index outside an array, a shift that "
     "is too wide, or the like."},
    {"slab-leftover",
     "A slab cache was destroyed while objects of it were still allocated: free every object "
     "first."},
    {"slub", "The bytes around a slab object were overwritten: something wrote past its end."},
    {"bad-page", "A page was freed or mapped while it was still in use."},
    {"list-corruption",
     "A linked list is broken: an item was added twice, deleted twice, or freed while it was still "
     "on the list."},
    {"refcount",
     "A reference counter was used after it reached zero, or dropped more often than it was "
     "taken."},
    {"debug-objects",
     "A timer, a work item or another live object was freed or initialised while it was still in "
     "use: stop it first."},
    {"leak", "Memory was allocated and never freed, and nothing points to it any more."},
    {"usercopy",
     "More bytes were copied to or from user space than the kernel's object holds: check the "
     "length first."},
    {"fortify", "A string or memory function was asked to write or read past the end of an array."},
    {"lockdep",
     "The order in which locks are taken can deadlock. Lockdep reports it the first time it is "
     "possible, also when nothing hung this time."},
    {"lock-imbalance", "A lock was released that this task does not hold."},
    {"held-lock-freed", "Memory was freed while a lock inside it was held."},
    {"lock-returned",
     "A system call returned to user space, or a task ended, with a lock still held: some path "
     "forgets to unlock."},
    {"suspicious-rcu",
     "An RCU-protected pointer was read outside rcu_read_lock(), or written without its lock."},
    {"unregistered-key", "A lock was used before it was initialised."},
    {"invalid-wait-context", "A lock that may sleep was taken where sleeping is not allowed."},
    {"workqueue-lock",
     "A work function returned with a lock held, with preemption off, or inside an RCU section."},
    {"context-imbalance",
     "A function returned with preemption or interrupts in another state than it was called with: "
     "some path forgets to unlock."},
    {"lock-misuse",
     "A lock was used against its rules: before it was initialised, by another task than its "
     "owner, "
     "or twice by the same one."},
    {"atomic-sleep",
     "A function that may sleep was called where sleeping is not allowed: under a spin lock, in an "
     "RCU section, or with interrupts off."},
    {"scheduling-while-atomic",
     "The module slept where sleeping is not allowed: under a spin lock, with preemption off, or "
     "in "
     "an interrupt."},
    {"preemptible-percpu",
     "The number of the current processor was used where the task may be moved to another one."},
    {"rcu-stall",
     "A processor or a task stayed in an RCU section for many seconds: a loop that does not end, "
     "or "
     "a missing rcu_read_unlock()."},
    {"soft-lockup",
     "A processor ran kernel code for many seconds without letting any other task run: a loop that "
     "does not end."},
    {"hard-lockup",
     "A processor ran with interrupts off for many seconds: a loop that does not end, or a "
     "deadlock "
     "on a spin lock."},
    {"workqueue-lockup",
     "A work function kept its worker busy for many seconds, so that other work had to wait."},
    {"hung-task",
     "A task waits uninterruptibly for what does not come, and cannot be killed: use an "
     "interruptible wait, and wake it."},
    {"interrupted",
     "The kernel no longer answered, so the grader interrupted it: the trace shows where it was."},
    {"dma-api",
     "A DMA mapping was used against its rules: not unmapped, unmapped twice, or unmapped with "
     "another size or direction."},
    {"irq-free",
     "An interrupt line was released that was not requested, or it fired and no handler cared."},
    {"proc-leftover", "A directory of /proc was removed while files were still in it."},
    {"netdev-leftover",
     "A network device cannot go because something still holds a reference to it."},
    {"duplicate-name", "A name was registered that is taken already: perhaps never unregistered."},
    {"init-return", "The module's init function must return 0 or a negative error number."},
    {"null-dereference", "The module used a null pointer, or a field at a small offset from one."},
    {"page-fault",
     "The module used an address where no memory is, or wrote to memory that is read-only."},
    {"stack-overflow",
     "The kernel's stack, 16 KiB, was used up: by a recursion without end or by large variables."},
    {"double-fault", "The processor faulted while it handled a fault: mostly a used-up stack."},
    {"bug", "The kernel met a state that must not be, and stopped the task there."},
    {"general-protection",
     "The module used a pointer that cannot be an address: uninitialised, overwritten, or poison "
     "that marks freed memory."},
    {"oops", "The processor met an instruction that it could not carry out."},
    {"stack-corruption", "A function wrote past the end of an array on its stack."},
    {"panic", "The kernel stopped for good."},
    {"detector-off",
     "The kernel switched one of its detectors off, so nothing can be said of what it would have "
     "found."},
    {"warning", "The kernel met a state that should not be, and went on."},
    {"unknown", "The kernel reported something that Klass does not know by name."},
});

/** A kind whose reports are of several sorts, told apart by their first line. */
struct Sort {
    std::string_view kind;
    std::string_view summary;  ///< a glob, as of Pattern
    std::string_view meaning;
};

constexpr auto sorts = std::to_array<Sort>({
    {"kasan", "BUG: KASAN: *use-after-free*",
     "The module used memory after it was freed. The report has three stacks: the use, the "
     "allocation, and the free that came too early."},
    {"kasan", "BUG: KASAN: double-free*",
     "The module freed the same memory twice. The report has the second free, the allocation and "
     "the first free."},
    {"kasan", "BUG: KASAN: invalid-free*",
     "The module freed an address that no allocation returned: perhaps one inside an object, or of "
     "a variable."},
    {"kasan", "BUG: KASAN: slab-out-of-bounds*",
     "The module went past the end, or before the beginning, of memory that it had allocated: an "
     "index or a length is too large. The report says where the memory was allocated."},
    {"kasan", "BUG: KASAN: vmalloc-out-of-bounds*",
     "The module went past the end of memory from vmalloc(), or used it after vfree()."},
    {"kasan", "BUG: KASAN: stack-out-of-bounds*",
     "The module went past the end of a variable on its stack, mostly an array."},
    {"kasan", "BUG: KASAN: global-out-of-bounds*",
     "The module went past the end of a global variable, mostly an array."},
    {"kasan", "BUG: KASAN: null-ptr-deref*",
     "The module used a null pointer, or a field at a small offset from one."},
    {"kasan", "BUG: KASAN: user-memory-access*",
     "The module followed a user's pointer by itself. Go through copy_from_user() and "
     "copy_to_user(), which may fail and then return how much is left."},
    {"lockdep", "WARNING: possible recursive locking detected",
     "A task took a lock that it holds already, or another one of the same kind: the second time "
     "it "
     "waits for itself, for ever."},
    {"lockdep", "WARNING: possible circular locking dependency detected",
     "Two locks are taken in one order here and in the other order there. Two tasks can each hold "
     "one and wait for the other, for ever. Take them in the same order everywhere."},
    {"lockdep", "WARNING: inconsistent lock state",
     "A lock that an interrupt handler takes is also taken with interrupts on. If the interrupt "
     "comes in between, it waits for ever: use spin_lock_irqsave()."},
    {"lockdep", "WARNING: possible irq lock inversion dependency detected",
     "A lock that an interrupt handler takes depends on one that is taken with interrupts on. If "
     "the interrupt comes in between, it waits for ever: use spin_lock_irqsave()."},
    {"lock-misuse", "BUG: spinlock recursion*",
     "A spin lock was taken by a processor that holds it already: it spins for ever."},
    {"lock-misuse", "BUG: spinlock lockup suspected*",
     "A spin lock did not become free for a long time: its holder sleeps, or forgot to unlock."},
    {"lock-misuse", "BUG: spinlock bad magic*",
     "A spin lock was used before spin_lock_init(), or the memory that it lies in was overwritten "
     "or freed."},
});

}  // namespace

std::string_view meaning_of(std::string_view kind, std::string_view summary) {
    const auto *const sort = std::find_if(sorts.begin(), sorts.end(), [&](const Sort &each) {
        return each.kind == kind && begins_like(summary, each.summary);
    });
    if (sort != sorts.end())
        return sort->meaning;
    return std::find_if(meanings.begin(), meanings.end(),
                        [kind](const Kind &each) { return each.name == kind; })
        ->meaning;
}

bool begins_like(std::string_view line, std::string_view glob) {
    auto star = glob.find('*');
    if (!line.starts_with(glob.substr(0, star)))
        return false;
    line.remove_prefix(std::min(star, glob.size()));
    while (star != std::string_view::npos) {
        glob.remove_prefix(star + 1);
        star = glob.find('*');
        const std::string_view part = glob.substr(0, star);
        const auto at = line.find(part);
        if (at == std::string_view::npos)
            return false;
        line.remove_prefix(at + part.size());
    }
    return true;
}

const Pattern *find_pattern(std::string_view line) {
    const auto *found = std::find_if(table.begin(), table.end(), [line](const Pattern &pattern) {
        return begins_like(line, pattern.text);
    });
    return found == table.end() ? nullptr : found;
}

std::span<const Kind> kinds() {
    return meanings;
}

}  // namespace klass::kernel
