// SPDX-License-Identifier: GPL-2.0-only
/*
 * Canary: asks which processor it runs on while it may be moved.
 *
 * Expects: preemptible-percpu
 * Says: using smp_processor_id() in preemptible
 */

#include <linux/module.h>
#include <linux/smp.h>

static int __init canary_init(void)
{
	return smp_processor_id() < 0;
}
module_init(canary_init);

MODULE_DESCRIPTION("Canary: asks which processor it runs on while it may be moved");
MODULE_LICENSE("GPL");
