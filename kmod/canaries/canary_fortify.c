// SPDX-License-Identifier: GPL-2.0-only
/*
 * Canary: copies more into an array than fits.
 *
 * Expects: fortify
 * Says: detected buffer overflow
 */

#include <linux/compiler.h>
#include <linux/module.h>
#include <linux/string.h>

static char target[8];

static int __init canary_init(void)
{
	static const char source[] = "much longer than the target";
	size_t length = sizeof(source);

	OPTIMIZER_HIDE_VAR(length);
	memcpy(target, source, length);
	return 0;
}
module_init(canary_init);

MODULE_DESCRIPTION("Canary: copies more into an array than fits");
MODULE_LICENSE("GPL");
