// SPDX-License-Identifier: GPL-2.0-only
/*
 * Canary: takes a lock that a soft interrupt takes too, and lets that interrupt in.
 *
 * Expects: lockdep
 * Says: inconsistent lock state
 */

#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/spinlock.h>

static DEFINE_SPINLOCK(lock);

static void take(struct tasklet_struct *tasklet)
{
	spin_lock(&lock);
	spin_unlock(&lock);
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
	spin_lock(&lock);
	spin_unlock(&lock);
	tasklet_kill(&tasklet);
	return 0;
}
module_init(canary_init);

MODULE_DESCRIPTION("Canary: takes a lock that a soft interrupt takes too, and lets that interrupt in");
MODULE_LICENSE("GPL");
