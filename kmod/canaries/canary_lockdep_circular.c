// SPDX-License-Identifier: GPL-2.0-only
/*
 * Canary: takes two locks in either order.
 *
 * Expects: lockdep
 * Says: possible circular locking dependency
 */

#include <linux/module.h>
#include <linux/mutex.h>

static DEFINE_MUTEX(first);
static DEFINE_MUTEX(second);

static void lock_both(struct mutex *outer, struct mutex *inner)
{
	mutex_lock(outer);
	mutex_lock(inner);
	mutex_unlock(inner);
	mutex_unlock(outer);
}

static int __init canary_init(void)
{
	lock_both(&first, &second);
	lock_both(&second, &first);
	return 0;
}
module_init(canary_init);

MODULE_DESCRIPTION("Canary: takes two locks in either order");
MODULE_LICENSE("GPL");
