// SPDX-License-Identifier: GPL-2.0-only
/*
 * A module that greets at load and says goodbye at unload.
 */

#include <linux/init.h>
#include <linux/module.h>
#include <linux/printk.h>

/*
 * TODO: Declare the parameter `who`, a string that is "world" unless
 * insmod says otherwise. Everybody may read it below /sys/module, nobody
 * may write it. Describe it for modinfo.
 */

static int __init hello_init(void)
{
	/* TODO: Log the line "Hello, WHO!", with the parameter's value. */
	return 0;
}

static void __exit hello_exit(void)
{
	/* TODO: Log the line "Goodbye, WHO!". */
}

module_init(hello_init);
module_exit(hello_exit);

MODULE_LICENSE("GPL");
/* TODO: Tell modinfo who wrote this module, and what it does. */
