// SPDX-License-Identifier: GPL-2.0-only
/*
 * Canary: reaches a WARN().
 *
 * Expects: warning
 * Says: the canary sings
 */

#include <linux/bug.h>
#include <linux/module.h>

static int __init canary_init(void)
{
	WARN(1, "the canary sings\n");
	return 0;
}
module_init(canary_init);

MODULE_DESCRIPTION("Canary: reaches a WARN()");
MODULE_LICENSE("GPL");
