// SPDX-License-Identifier: GPL-2.0-only
#include <linux/module.h>
#include <linux/printk.h>

static int __init hello_init(void)
{
	int i;

	for (i = 0; i < 1000000; i++)
		pr_err("all work and no play makes the log a dull place %d\n", i);
	return 0;
}
module_init(hello_init);

MODULE_DESCRIPTION("Floods the log");
MODULE_LICENSE("GPL");
