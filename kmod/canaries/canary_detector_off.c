// SPDX-License-Identifier: GPL-2.0-only
/*
 * Canary: claims a licence that makes the kernel switch lockdep off.
 *
 * Expects: detector-off
 * Says: Disabling lock debugging
 */

#include <linux/module.h>
#include <linux/printk.h>

static int __init canary_init(void)
{
	pr_info("lockdep is off now\n");
	return 0;
}
module_init(canary_init);

MODULE_DESCRIPTION("Canary: claims a licence that makes the kernel switch lockdep off");
MODULE_LICENSE("Proprietary");
