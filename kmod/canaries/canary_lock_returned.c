// SPDX-License-Identifier: GPL-2.0-only
/*
 * Canary: returns to user space with a lock held.
 *
 * Expects: lock-returned
 * Says: lock held when returning to user space
 */

#include <linux/module.h>
#include <linux/mutex.h>

static DEFINE_MUTEX(lock);

/* Not __init: the report comes when such a function is discarded. */
static int canary_init(void)
{
	mutex_lock(&lock);
	return 0;
}
module_init(canary_init);

MODULE_DESCRIPTION("Canary: returns to user space with a lock held");
MODULE_LICENSE("GPL");
