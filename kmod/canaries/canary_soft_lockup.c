// SPDX-License-Identifier: GPL-2.0-only
/*
 * Canary: keeps its processor to itself.
 *
 * Expects: soft-lockup
 * Says: soft lockup
 */

#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/preempt.h>

static int __init canary_init(void)
{
	unsigned long end = jiffies + 30 * HZ;

	preempt_disable();
	while (time_before(jiffies, end))
		cpu_relax();
	preempt_enable();
	return 0;
}
module_init(canary_init);

MODULE_DESCRIPTION("Canary: keeps its processor to itself");
MODULE_LICENSE("GPL");
