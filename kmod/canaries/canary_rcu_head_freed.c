// SPDX-License-Identifier: GPL-2.0-only
/*
 * Canary: frees an object while RCU still has to call back for it.
 *
 * Expects: debug-objects
 * Says: rcu_head
 */

#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

static void called_back(struct rcu_head *head)
{
}

static int __init canary_init(void)
{
	struct rcu_head *head = kzalloc(sizeof(*head), GFP_KERNEL);

	if (!head)
		return -ENOMEM;
	call_rcu(head, called_back);
	kfree(head);
	rcu_barrier();
	return 0;
}
module_init(canary_init);

MODULE_DESCRIPTION("Canary: frees an object while RCU has to call back for it");
MODULE_LICENSE("GPL");
