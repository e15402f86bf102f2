// SPDX-License-Identifier: GPL-2.0-only
/*
 * Canary: forgets an object that it allocated.
 *
 * Expects: leak
 * Says: unreferenced object
 * Then: two scans of kmemleak, six seconds apart; its debugfs file has the report
 */

#include <linux/module.h>
#include <linux/slab.h>

static void *object;

/* Not __init: the report comes when such a function is long discarded. */
static int canary_init(void)
{
	object = kmalloc(64, GFP_KERNEL);
	object = NULL;
	return 0;
}
module_init(canary_init);

MODULE_DESCRIPTION("Canary: forgets an object that it allocated");
MODULE_LICENSE("GPL");
