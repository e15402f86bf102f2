// SPDX-License-Identifier: GPL-2.0-only
/* Its init waits for what never comes. */
#include <linux/completion.h>
#include <linux/module.h>
#include <linux/printk.h>

static DECLARE_COMPLETION(never);

static int __init hello_init(void)
{
	int error = wait_for_completion_interruptible(&never);

	if (error)
		pr_info("woken by a signal\n");
	return error;
}
module_init(hello_init);

MODULE_DESCRIPTION("Sleeps in init for ever");
MODULE_LICENSE("GPL");
