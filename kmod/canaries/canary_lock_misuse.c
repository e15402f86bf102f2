// SPDX-License-Identifier: GPL-2.0-only
/*
 * Canary: takes a mutex that was never initialised.
 *
 * Expects: lock-misuse
 * Says: DEBUG_LOCKS_WARN_ON
 */

#include <linux/module.h>
#include <linux/mutex.h>

static struct mutex lock;

static int __init canary_init(void)
{
	mutex_lock(&lock);
	return 0;
}
module_init(canary_init);

MODULE_DESCRIPTION("Canary: takes a mutex that was never initialised");
MODULE_LICENSE("GPL");
