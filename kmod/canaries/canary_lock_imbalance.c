// SPDX-License-Identifier: GPL-2.0-only
/*
 * Canary: gives back a lock that it does not hold.
 *
 * Expects: lock-imbalance
 * Says: bad unlock balance
 */

#include <linux/module.h>
#include <linux/spinlock.h>

static DEFINE_SPINLOCK(lock);

static int __init canary_init(void)
{
	/* Balances what spin_unlock() is about to undo. */
	preempt_disable();
	spin_unlock(&lock);
	return 0;
}
module_init(canary_init);

MODULE_DESCRIPTION("Canary: gives back a lock that it does not hold");
MODULE_LICENSE("GPL");
