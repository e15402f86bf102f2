// SPDX-License-Identifier: GPL-2.0-only
/*
 * Canary: writes past the end of an object unseen by KASAN.
 *
 * Expects: slub
 * Says: Redzone overwritten
 */

#include <linux/module.h>
#include <linux/slab.h>

/* Kbuild builds this file without KASAN, which would see the write itself. */
static int __init canary_init(void)
{
	const slab_flags_t checked = SLAB_RED_ZONE | SLAB_CONSISTENCY_CHECKS;
	size_t length = 24;
	struct kmem_cache *cache;
	char *object;

	cache = kmem_cache_create("canary", length, 0, checked, NULL);
	if (!cache)
		return -ENOMEM;
	object = kmem_cache_alloc(cache, GFP_KERNEL);
	if (object) {
		OPTIMIZER_HIDE_VAR(length);
		object[length] = 'x';
		kmem_cache_free(cache, object);
	}
	kmem_cache_destroy(cache);
	return 0;
}
module_init(canary_init);

MODULE_DESCRIPTION("Canary: writes past the end of an object unseen by KASAN");
MODULE_LICENSE("GPL");
