// SPDX-License-Identifier: GPL-2.0-only
/*
 * Canary: takes a lock that lets soft interrupts in inside one that they take.
 *
 * Expects: lockdep
 * Says: SOFTIRQ-safe -> SOFTIRQ-unsafe
 */

#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/spinlock.h>

static DEFINE_SPINLOCK(safe);
static DEFINE_SPINLOCK(unsafe);

static void take(struct tasklet_struct *tasklet)
{
	spin_lock(&safe);
	spin_unlock(&safe);
}

static DECLARE_TASKLET(tasklet, take);

static void run_softirq(void)
{
	local_bh_disable();
	tasklet_schedule(&tasklet);
	local_bh_enable();
}

static int __init canary_init(void)
{
	run_softirq();
	spin_lock(&unsafe);
	spin_unlock(&unsafe);
	spin_lock_bh(&safe);
	spin_lock(&unsafe);
	spin_unlock(&unsafe);
	spin_unlock_bh(&safe);
	tasklet_kill(&tasklet);
	return 0;
}
module_init(canary_init);

MODULE_DESCRIPTION("Canary: takes a lock that lets soft interrupts in inside one that they take");
MODULE_LICENSE("GPL");
