// SPDX-License-Identifier: GPL-2.0-only
/* Its init never returns: the kernel spins. */
#include <linux/module.h>

static int __init hello_init(void)
{
	for (;;)
		cpu_relax();
	return 0;
}
module_init(hello_init);

MODULE_DESCRIPTION("Never returns from init");
MODULE_LICENSE("GPL");
