// SPDX-License-Identifier: GPL-2.0-only
/*
 * Canary: takes a reference to an object whose last one was dropped.
 *
 * Expects: refcount
 * Says: addition on 0
 */

#include <linux/module.h>
#include <linux/refcount.h>

static refcount_t users = REFCOUNT_INIT(1);

static int __init canary_init(void)
{
	if (refcount_dec_and_test(&users))
		refcount_inc(&users);
	return 0;
}
module_init(canary_init);

MODULE_DESCRIPTION("Canary: takes a reference to an object whose last one was dropped");
MODULE_LICENSE("GPL");
