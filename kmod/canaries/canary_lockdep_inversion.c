// SPDX-License-Identifier: GPL-2.0-only
/*
 * Canary: takes a lock in a soft interrupt around which others let it in.
 *
 * Expects: lockdep
 * Says: irq lock inversion
 */

#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/spinlock.h>

static DEFINE_SPINLOCK(outer);
static DEFINE_SPINLOCK(inner);

static void take(struct tasklet_struct *tasklet)
{
	spin_lock(&outer);
	spin_unlock(&outer);
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
	spin_lock_bh(&outer);
	spin_lock(&inner);
	spin_unlock(&inner);
	spin_unlock_bh(&outer);
	spin_lock(&inner);
	spin_unlock(&inner);
	run_softirq();
	tasklet_kill(&tasklet);
	return 0;
}
module_init(canary_init);

MODULE_DESCRIPTION("Canary: takes a lock in a soft interrupt around which others let it in");
MODULE_LICENSE("GPL");
