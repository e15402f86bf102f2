// SPDX-License-Identifier: GPL-2.0-only
/*
 * Canary: takes a lock that was never initialised.
 *
 * Expects: unregistered-key
 * Says: trying to register non-static key
 */

#include <linux/module.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

static int __init canary_init(void)
{
	spinlock_t *lock = kzalloc(sizeof(*lock), GFP_KERNEL);

	if (!lock)
		return -ENOMEM;
	spin_lock(lock);
	spin_unlock(lock);
	kfree(lock);
	return 0;
}
module_init(canary_init);

MODULE_DESCRIPTION("Canary: takes a lock that was never initialised");
MODULE_LICENSE("GPL");
