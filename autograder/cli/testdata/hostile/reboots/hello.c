// SPDX-License-Identifier: GPL-2.0-only
#include <linux/module.h>
#include <linux/reboot.h>

static int __init hello_init(void)
{
	emergency_restart();
	return 0;
}
module_init(hello_init);

MODULE_DESCRIPTION("Restarts the machine");
MODULE_LICENSE("GPL");
