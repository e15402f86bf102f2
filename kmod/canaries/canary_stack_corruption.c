// SPDX-License-Identifier: GPL-2.0-only
/*
 * Canary: writes past the end of an array on its stack.
 *
 * Expects: stack-corruption
 * Says: stack-protector
 */

#include <linux/compiler.h>
#include <linux/module.h>

/* Kbuild builds this file without KASAN, which would see the write itself. */
static noinline void overrun(int count)
{
	char name[16];
	char *end = name;

	OPTIMIZER_HIDE_VAR(end);
	while (count--)
		WRITE_ONCE(*end++, 'x');
}

static int __init canary_init(void)
{
	overrun(32);
	return 0;
}
module_init(canary_init);

MODULE_DESCRIPTION("Canary: writes past the end of an array on its stack");
MODULE_LICENSE("GPL");
