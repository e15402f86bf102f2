// SPDX-License-Identifier: GPL-2.0-only
/*
 * Canary: takes a lock while holding another of its class.
 *
 * Expects: lockdep
 * Says: possible recursive locking
 */

#include <linux/module.h>
#include <linux/mutex.h>

static struct mutex locks[2];

static int __init canary_init(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(locks); i++)
		mutex_init(&locks[i]);
	for (i = 0; i < ARRAY_SIZE(locks); i++)
		mutex_lock(&locks[i]);
	while (i--)
		mutex_unlock(&locks[i]);
	return 0;
}
module_init(canary_init);

MODULE_DESCRIPTION("Canary: takes a lock while holding another of its class");
MODULE_LICENSE("GPL");
