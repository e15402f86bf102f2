// SPDX-License-Identifier: GPL-2.0-only
/*
 * Canary: removes a directory of /proc with a file in it.
 *
 * Expects: proc-leftover
 * Says: leaking at least
 */

#include <linux/module.h>
#include <linux/proc_fs.h>

static int __init canary_init(void)
{
	struct proc_dir_entry *folder = proc_mkdir("canary", NULL);

	proc_mkdir("forgotten", folder);
	remove_proc_entry("canary", NULL);
	return 0;
}
module_init(canary_init);

MODULE_DESCRIPTION("Canary: removes a directory of /proc with a file in it");
MODULE_LICENSE("GPL");
