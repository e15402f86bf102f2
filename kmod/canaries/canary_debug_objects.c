// SPDX-License-Identifier: GPL-2.0-only
/*
 * Canary: frees an object whose timer is still armed.
 *
 * Expects: debug-objects
 * Says: free active
 */

#include <linux/module.h>
#include <linux/slab.h>
#include <linux/timer.h>

static void expired(struct timer_list *timer)
{
}

static int __init canary_init(void)
{
	struct timer_list *timer = kzalloc(sizeof(*timer), GFP_KERNEL);

	if (!timer)
		return -ENOMEM;
	timer_setup(timer, expired, 0);
	mod_timer(timer, jiffies + 60 * HZ);
	kfree(timer);
	return 0;
}
module_init(canary_init);

MODULE_DESCRIPTION("Canary: frees an object whose timer is still armed");
MODULE_LICENSE("GPL");
