// SPDX-License-Identifier: GPL-2.0-only
/*
 * Canary: takes a lock in memory that it has freed. It is the kernel's code
 * that touches it.
 *
 * Expects: kasan
 * Says: slab-use-after-free
 */

#include <linux/module.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

static int __init canary_init(void)
{
	spinlock_t *lock = kmalloc(sizeof(*lock), GFP_KERNEL);

	if (!lock)
		return -ENOMEM;
	spin_lock_init(lock);
	kfree(lock);
	spin_lock(lock);
	spin_unlock(lock);
	return 0;
}
module_init(canary_init);

MODULE_DESCRIPTION("Canary: takes a lock in memory that it has freed");
MODULE_LICENSE("GPL");
