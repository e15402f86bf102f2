// SPDX-License-Identifier: GPL-2.0-only
/*
 * Canary: takes an item off a list twice.
 *
 * Expects: list-corruption
 * Says: list_del corruption
 */

#include <linux/list.h>
#include <linux/module.h>

static LIST_HEAD(items);
static LIST_HEAD(item);

static int __init canary_init(void)
{
	list_add(&item, &items);
	list_del(&item);
	list_del(&item);
	return 0;
}
module_init(canary_init);

MODULE_DESCRIPTION("Canary: takes an item off a list twice");
MODULE_LICENSE("GPL");
