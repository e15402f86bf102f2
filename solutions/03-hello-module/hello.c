// SPDX-License-Identifier: GPL-2.0-only
/*
 * A module that greets at load and says goodbye at unload.
 */

#include <linux/init.h>
#include <linux/module.h>
#include <linux/printk.h>

/* [parameter] */
/*
 * klass:task Declare the parameter `who`, a string that is "world" unless
 * insmod says otherwise. Everybody may read it below /sys/module, nobody
 * may write it. Describe it for modinfo.
 */
static char *who = "world";
module_param(who, charp, 0444);
MODULE_PARM_DESC(who, "whom to greet (default: world)");
/* klass:end */

/* [parameter] */
/* [init] */
static int __init hello_init(void)
{
	/* klass:task Log the line "Hello, WHO!", with the parameter's value. */
	pr_info("Hello, %s!\n", who);
	/* klass:end */
	return 0;
}

/* [init] */
/* [exit] */
static void __exit hello_exit(void)
{
	/* klass:task Log the line "Goodbye, WHO!". */
	pr_info("Goodbye, %s!\n", who);
	/* klass:end */
}

/* [exit] */
/* [modinfo] */
module_init(hello_init);
module_exit(hello_exit);

MODULE_LICENSE("GPL");
/* klass:task Tell modinfo who wrote this module, and what it does. */
MODULE_AUTHOR("The Klass authors");
MODULE_DESCRIPTION("Greets at load and says goodbye at unload");
/* klass:end */
/* [modinfo] */
