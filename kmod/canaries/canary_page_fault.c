// SPDX-License-Identifier: GPL-2.0-only
/*
 * Canary: writes to a constant.
 *
 * Expects: page-fault
 */

#include <linux/compiler.h>
#include <linux/module.h>

static const int constant = 1;

static int __init canary_init(void)
{
	int *pointer = (int *)&constant;

	OPTIMIZER_HIDE_VAR(pointer);
	*pointer = 2;
	return 0;
}
module_init(canary_init);

MODULE_DESCRIPTION("Canary: writes to a constant");
MODULE_LICENSE("GPL");
