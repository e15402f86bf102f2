// SPDX-License-Identifier: GPL-2.0-only
/*
 * Canary: calls a function through a null pointer.
 *
 * Expects: null-dereference
 */

#include <linux/compiler.h>
#include <linux/module.h>

static int __init canary_init(void)
{
	int (*callback)(void) = NULL;

	OPTIMIZER_HIDE_VAR(callback);
	return callback() + 1;
}
module_init(canary_init);

MODULE_DESCRIPTION("Canary: calls a function through a null pointer");
MODULE_LICENSE("GPL");
