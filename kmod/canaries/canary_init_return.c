// SPDX-License-Identifier: GPL-2.0-only
/*
 * Canary: returns a number from init that is no error number.
 *
 * Expects: init-return
 * Says: suspiciously returned
 */

#include <linux/module.h>
#include <linux/printk.h>

static int __init canary_init(void)
{
	return 1;
}
module_init(canary_init);

MODULE_DESCRIPTION("Canary: returns a number from init that is no error number");
MODULE_LICENSE("GPL");
