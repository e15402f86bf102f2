// SPDX-License-Identifier: GPL-2.0-only
/* Its init waits for a lock that it holds itself. */
#include <linux/module.h>
#include <linux/mutex.h>

static DEFINE_MUTEX(lock);

static int __init hello_init(void)
{
	mutex_lock(&lock);
	mutex_lock(&lock);
	return 0;
}
module_init(hello_init);

MODULE_DESCRIPTION("Takes a lock twice");
MODULE_LICENSE("GPL");
