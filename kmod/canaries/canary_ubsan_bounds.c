// SPDX-License-Identifier: GPL-2.0-only
/*
 * Canary: indexes past the end of an array.
 *
 * Expects: ubsan
 * Says: array-index-out-of-bounds
 */

#include <linux/compiler.h>
#include <linux/module.h>

/* What follows the table keeps KASAN, which knows only whole objects, quiet. */
static struct {
	int table[4];
	int after[4];
} data;

static int __init canary_init(void)
{
	unsigned int index = ARRAY_SIZE(data.table);

	OPTIMIZER_HIDE_VAR(index);
	data.table[index] = 1;
	return 0;
}
module_init(canary_init);

MODULE_DESCRIPTION("Canary: indexes past the end of an array");
MODULE_LICENSE("GPL");
