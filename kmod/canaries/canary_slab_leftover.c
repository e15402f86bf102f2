// SPDX-License-Identifier: GPL-2.0-only
/*
 * Canary: destroys a slab cache that still holds an object.
 *
 * Expects: slab-leftover
 * Says: Objects remaining
 */

#include <linux/module.h>
#include <linux/slab.h>

static int __init canary_init(void)
{
	struct kmem_cache *cache = kmem_cache_create("canary", 24, 0, 0, NULL);

	if (!cache)
		return -ENOMEM;
	if (!kmem_cache_alloc(cache, GFP_KERNEL))
		pr_err("no memory for an object\n");
	kmem_cache_destroy(cache);
	return 0;
}
module_init(canary_init);

MODULE_DESCRIPTION("Canary: destroys a slab cache that still holds an object");
MODULE_LICENSE("GPL");
