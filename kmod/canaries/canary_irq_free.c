// SPDX-License-Identifier: GPL-2.0-only
/*
 * Canary: frees an interrupt line that it never requested.
 *
 * Expects: irq-free
 * Says: already-free IRQ
 */

#include <linux/interrupt.h>
#include <linux/module.h>

static int cookie;

static int __init canary_init(void)
{
	free_irq(5, &cookie);
	return 0;
}
module_init(canary_init);

MODULE_DESCRIPTION("Canary: frees an interrupt line that it never requested");
MODULE_LICENSE("GPL");
