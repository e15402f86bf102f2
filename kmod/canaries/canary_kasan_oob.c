// SPDX-License-Identifier: GPL-2.0-only
/*
 * Canary: writes one byte past the end of an object.
 *
 * Expects: kasan
 * Says: slab-out-of-bounds
 */

#include <linux/module.h>
#include <linux/slab.h>

static int __init canary_init(void)
{
	size_t length = 10;
	char *object = kzalloc(length, GFP_KERNEL);

	if (!object)
		return -ENOMEM;
	OPTIMIZER_HIDE_VAR(length);
	object[length] = 'x';
	kfree(object);
	return 0;
}
module_init(canary_init);

MODULE_DESCRIPTION("Canary: writes one byte past the end of an object");
MODULE_LICENSE("GPL");
