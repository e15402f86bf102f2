// SPDX-License-Identifier: GPL-2.0-only
#include <linux/module.h>

static int __init hello_init(void)
{
	return undeclared_thing;
}
module_init(hello_init);

MODULE_DESCRIPTION("Does not compile");
MODULE_LICENSE("GPL");
