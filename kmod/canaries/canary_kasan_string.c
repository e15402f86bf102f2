// SPDX-License-Identifier: GPL-2.0-only
/*
 * Canary: prints a string that it has freed. It is the kernel's code that
 * reads it.
 *
 * Expects: kasan
 * Says: slab-use-after-free
 */

#include <linux/module.h>
#include <linux/slab.h>

static int __init canary_init(void)
{
	char *text = kstrdup("canary", GFP_KERNEL);

	if (!text)
		return -ENOMEM;
	kfree(text);
	pr_info("%s\n", text);
	return 0;
}
module_init(canary_init);

MODULE_DESCRIPTION("Canary: prints a string that it has freed");
MODULE_LICENSE("GPL");
