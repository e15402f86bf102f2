// SPDX-License-Identifier: GPL-2.0-only
/*
 * A user of mymem.ko that needs nothing else which is only for the GPL: the
 * grader writes another licence into it before it is loaded.
 */

#include <linux/module.h>

#include "mymem.h"

static int __init closed_init(void)
{
	u8 byte = 0;

	mymem_read(&byte, sizeof(byte), 0);
	mymem_write(&byte, sizeof(byte), 0);
	return 0;
}

static void __exit closed_exit(void)
{
}

module_init(closed_init);
module_exit(closed_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Calls mymem from code with another licence");
MODULE_AUTHOR("The Klass authors");
