// SPDX-License-Identifier: GPL-2.0-only
/*
 * Canary: sleeps with preemption off.
 *
 * Expects: scheduling-while-atomic
 */

#include <linux/module.h>
#include <linux/sched.h>

static int __init canary_init(void)
{
	preempt_disable();
	schedule_timeout_uninterruptible(1);
	preempt_enable();
	return 0;
}
module_init(canary_init);

MODULE_DESCRIPTION("Canary: sleeps with preemption off");
MODULE_LICENSE("GPL");
