// SPDX-License-Identifier: GPL-2.0-only
/*
 * Canary: returns with preemption off.
 *
 * Expects: context-imbalance
 * Says: preemption imbalance
 */

#include <linux/module.h>
#include <linux/preempt.h>

static int __init canary_init(void)
{
	preempt_disable();
	return 0;
}
module_init(canary_init);

MODULE_DESCRIPTION("Canary: returns with preemption off");
MODULE_LICENSE("GPL");
