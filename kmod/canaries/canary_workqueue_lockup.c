// SPDX-License-Identifier: GPL-2.0-only
/*
 * Canary: keeps a worker busy while other work waits.
 *
 * Expects: workqueue-lockup
 * Says: workqueue lockup
 */

#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/workqueue.h>

static void busy(struct work_struct *work)
{
	unsigned long end = jiffies + 40 * HZ;

	preempt_disable();
	while (time_before(jiffies, end))
		cpu_relax();
	preempt_enable();
}

static void idle(struct work_struct *work)
{
}

static DECLARE_WORK(busy_work, busy);
static DECLARE_WORK(idle_work, idle);

static int __init canary_init(void)
{
	schedule_work(&busy_work);
	schedule_work(&idle_work);
	flush_work(&idle_work);
	return 0;
}
module_init(canary_init);

MODULE_DESCRIPTION("Canary: keeps a worker busy while other work waits");
MODULE_LICENSE("GPL");
