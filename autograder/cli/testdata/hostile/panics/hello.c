// SPDX-License-Identifier: GPL-2.0-only
#include <linux/module.h>
#include <linux/panic.h>

static int __init hello_init(void)
{
	panic("as you wish");
}
module_init(hello_init);

MODULE_DESCRIPTION("Panics");
MODULE_LICENSE("GPL");
