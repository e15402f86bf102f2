// SPDX-License-Identifier: GPL-2.0-only
/*
 * Canary: ends a work item with a lock held.
 *
 * Expects: workqueue-lock
 * Says: workqueue leaked
 */

#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/workqueue.h>

static DEFINE_MUTEX(lock);

static void work_fn(struct work_struct *work)
{
	mutex_lock(&lock);
}

static DECLARE_WORK(work, work_fn);

static int __init canary_init(void)
{
	schedule_work(&work);
	flush_work(&work);
	return 0;
}
module_init(canary_init);

MODULE_DESCRIPTION("Canary: ends a work item with a lock held");
MODULE_LICENSE("GPL");
