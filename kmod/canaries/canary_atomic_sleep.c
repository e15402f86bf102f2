// SPDX-License-Identifier: GPL-2.0-only
/*
 * Canary: allocates memory, which may sleep, under a spin lock.
 *
 * Expects: atomic-sleep
 * Says: sleeping function called from invalid context
 */

#include <linux/module.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

static DEFINE_SPINLOCK(lock);

static int __init canary_init(void)
{
	void *object;

	spin_lock(&lock);
	object = kmalloc(64, GFP_KERNEL);
	spin_unlock(&lock);
	kfree(object);
	return 0;
}
module_init(canary_init);

MODULE_DESCRIPTION("Canary: allocates memory, which may sleep, under a spin lock");
MODULE_LICENSE("GPL");
