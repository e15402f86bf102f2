// SPDX-License-Identifier: GPL-2.0-only
/*
 * Canary: reads an object that was freed.
 *
 * Expects: kasan
 * Says: slab-use-after-free
 */

#include <linux/compiler.h>
#include <linux/module.h>
#include <linux/slab.h>

static noinline void release(int *object)
{
	kfree(object);
}

static int __init canary_init(void)
{
	int *object = kzalloc(sizeof(*object), GFP_KERNEL);

	if (!object)
		return -ENOMEM;
	release(object);
	return READ_ONCE(*object) & 0;
}
module_init(canary_init);

MODULE_DESCRIPTION("Canary: reads an object that was freed");
MODULE_LICENSE("GPL");
