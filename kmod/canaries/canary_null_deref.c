// SPDX-License-Identifier: GPL-2.0-only
/*
 * Canary: reads through a null pointer.
 *
 * Expects: kasan, null-dereference
 * Says: null-ptr-deref
 */

#include <linux/compiler.h>
#include <linux/module.h>

static int __init canary_init(void)
{
	int *pointer = NULL;

	OPTIMIZER_HIDE_VAR(pointer);
	return READ_ONCE(*pointer);
}
module_init(canary_init);

MODULE_DESCRIPTION("Canary: reads through a null pointer");
MODULE_LICENSE("GPL");
