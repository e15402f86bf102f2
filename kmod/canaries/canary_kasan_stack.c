// SPDX-License-Identifier: GPL-2.0-only
/*
 * Canary: reads past the end of an array on its stack.
 *
 * Expects: kasan
 * Says: stack-out-of-bounds
 */

#include <linux/compiler.h>
#include <linux/module.h>

static int __init canary_init(void)
{
	char name[10] = "canary";
	size_t length = sizeof(name);

	OPTIMIZER_HIDE_VAR(length);
	return READ_ONCE(*(name + length)) & 0;
}
module_init(canary_init);

MODULE_DESCRIPTION("Canary: reads past the end of an array on its stack");
MODULE_LICENSE("GPL");
