// SPDX-License-Identifier: GPL-2.0-only
/*
 * Canary: recurses until its stack is used up.
 *
 * Expects: stack-overflow
 */

#include <linux/module.h>
#include <linux/string.h>

static noinline int recurse(int depth)
{
	char frame[256];

	memset(frame, depth, sizeof(frame));
	if (depth < INT_MAX)
		depth = recurse(depth + 1);
	return depth + frame[depth & 0xff];
}

static int __init canary_init(void)
{
	return recurse(0);
}
module_init(canary_init);

MODULE_DESCRIPTION("Canary: recurses until its stack is used up");
MODULE_LICENSE("GPL");
