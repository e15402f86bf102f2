// SPDX-License-Identifier: GPL-2.0-only
/*
 * Canary: registers two devices under one name.
 *
 * Expects: duplicate-name
 * Says: cannot create duplicate filename
 */

#include <linux/module.h>
#include <linux/platform_device.h>

static int __init canary_init(void)
{
	struct platform_device *first, *second;

	first = platform_device_register_simple("canary", -1, NULL, 0);
	second = platform_device_register_simple("canary", -1, NULL, 0);
	if (!IS_ERR(second))
		platform_device_unregister(second);
	if (!IS_ERR(first))
		platform_device_unregister(first);
	return 0;
}
module_init(canary_init);

MODULE_DESCRIPTION("Canary: registers two devices under one name");
MODULE_LICENSE("GPL");
