// SPDX-License-Identifier: GPL-2.0-only
/* Its init spins with interrupts off: not even the agent runs any more. */
#include <linux/irqflags.h>
#include <linux/module.h>
#include <linux/processor.h>

static int __init hello_init(void)
{
	local_irq_disable();
	for (;;)
		cpu_relax();
	return 0;
}
module_init(hello_init);

MODULE_DESCRIPTION("Spins with interrupts off");
MODULE_LICENSE("GPL");
