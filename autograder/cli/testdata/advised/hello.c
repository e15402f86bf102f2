// SPDX-License-Identifier: GPL-2.0-only
/* Works, and has something for each of lint's readers to say. */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

int hello_count;

static int hello_copy(char *to, const void __user *from, size_t count)
{
	char *copy = kmalloc(count, GFP_KERNEL);

	if (!copy)
		return -ENOMEM;
	if (count>4096)
		return -EINVAL;
	memcpy(to, from, count);
	kfree(copy);
	return 0;
}

static int __init hello_init(void)
{
	char small[4];
	int *never = NULL;

	if (hello_count)
		small[5] = hello_copy(small, NULL, sizeof(small));
	return hello_count ? *never : 0;
}
module_init(hello_init);

MODULE_DESCRIPTION("For lint");
MODULE_LICENSE("GPL");
