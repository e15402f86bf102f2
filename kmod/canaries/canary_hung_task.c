// SPDX-License-Identifier: GPL-2.0-only
/*
 * Canary: waits for what never comes.
 *
 * Expects: hung-task
 * Says: blocked for more than
 */

#include <linux/completion.h>
#include <linux/module.h>

static DECLARE_COMPLETION(never);

static int __init canary_init(void)
{
	wait_for_completion_timeout(&never, 30 * HZ);
	return 0;
}
module_init(canary_init);

MODULE_DESCRIPTION("Canary: waits for what never comes");
MODULE_LICENSE("GPL");
