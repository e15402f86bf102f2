// SPDX-License-Identifier: GPL-2.0-only
/*
 * Canary: stays in an RCU read-side section for ever.
 *
 * Expects: rcu-stall
 * Says: detected stall
 */

#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/rcupdate.h>

static int __init canary_init(void)
{
	unsigned long end = jiffies + 30 * HZ;

	rcu_read_lock();
	while (time_before(jiffies, end))
		cpu_relax();
	rcu_read_unlock();
	return 0;
}
module_init(canary_init);

MODULE_DESCRIPTION("Canary: stays in an RCU read-side section for ever");
MODULE_LICENSE("GPL");
