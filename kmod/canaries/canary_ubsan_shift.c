// SPDX-License-Identifier: GPL-2.0-only
/*
 * Canary: shifts a value further than it is wide.
 *
 * Expects: ubsan
 * Says: shift-out-of-bounds
 */

#include <linux/compiler.h>
#include <linux/module.h>

static int __init canary_init(void)
{
	unsigned int distance = 40;

	OPTIMIZER_HIDE_VAR(distance);
	return (1 << distance) & 0;
}
module_init(canary_init);

MODULE_DESCRIPTION("Canary: shifts a value further than it is wide");
MODULE_LICENSE("GPL");
