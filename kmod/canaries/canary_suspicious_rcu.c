// SPDX-License-Identifier: GPL-2.0-only
/*
 * Canary: reads an RCU-protected pointer outside a read-side section.
 *
 * Expects: suspicious-rcu
 * Says: suspicious RCU usage
 */

#include <linux/module.h>
#include <linux/rcupdate.h>

static int value = 1;
static int __rcu *shared = (int __rcu *)&value;

static int __init canary_init(void)
{
	return READ_ONCE(*rcu_dereference(shared)) - 1;
}
module_init(canary_init);

MODULE_DESCRIPTION("Canary: reads an RCU-protected pointer outside a read-side section");
MODULE_LICENSE("GPL");
