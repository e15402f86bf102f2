// SPDX-License-Identifier: GPL-2.0-only
/*
 * Canary: frees an object twice.
 *
 * Expects: kasan
 * Says: double-free
 */

#include <linux/module.h>
#include <linux/slab.h>

static noinline void release(int *object)
{
	kfree(object);
}

static int __init canary_init(void)
{
	int *object = kzalloc(sizeof(*object), GFP_KERNEL);

	release(object);
	release(object);
	return 0;
}
module_init(canary_init);

MODULE_DESCRIPTION("Canary: frees an object twice");
MODULE_LICENSE("GPL");
