// SPDX-License-Identifier: GPL-2.0-only
/*
 * Canary: frees an object while holding the lock in it.
 *
 * Expects: held-lock-freed
 * Says: held lock freed
 */

#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>

struct object {
	struct mutex lock; /* protects nothing: it is the one that is freed */
};

static int __init canary_init(void)
{
	struct object *object = kzalloc(sizeof(*object), GFP_KERNEL);

	if (!object)
		return -ENOMEM;
	mutex_init(&object->lock);
	mutex_lock(&object->lock);
	kfree(object);
	return 0;
}
module_init(canary_init);

MODULE_DESCRIPTION("Canary: frees an object while holding the lock in it");
MODULE_LICENSE("GPL");
