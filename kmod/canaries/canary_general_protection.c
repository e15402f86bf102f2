// SPDX-License-Identifier: GPL-2.0-only
/*
 * Canary: follows the poison that list_del() leaves behind.
 *
 * Expects: kasan, general-protection
 * Says: wild-memory-access
 */

#include <linux/list.h>
#include <linux/module.h>
#include <linux/slab.h>

struct item {
	struct list_head link;
	int value;
};

static int __init canary_init(void)
{
	struct item item;
	LIST_HEAD(items);

	list_add(&item.link, &items);
	list_del(&item.link);
	return list_entry(item.link.next, struct item, link)->value;
}
module_init(canary_init);

MODULE_DESCRIPTION("Canary: follows the poison that list_del() leaves behind");
MODULE_LICENSE("GPL");
