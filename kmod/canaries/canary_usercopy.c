// SPDX-License-Identifier: GPL-2.0-only
/*
 * Canary: copies more to user space than the object holds.
 *
 * Expects: usercopy
 * Says: memory exposure attempt
 */

#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

static int __init canary_init(void)
{
	size_t length = 64;
	char *object = kzalloc(length, GFP_KERNEL);
	unsigned long left;

	if (!object)
		return -ENOMEM;
	OPTIMIZER_HIDE_VAR(object);
	length *= 2;
	OPTIMIZER_HIDE_VAR(length);
	left = copy_to_user((void __user *)PAGE_SIZE, object, length);
	kfree(object);
	return left ? 0 : -EINVAL;
}
module_init(canary_init);

MODULE_DESCRIPTION("Canary: copies more to user space than the object holds");
MODULE_LICENSE("GPL");
