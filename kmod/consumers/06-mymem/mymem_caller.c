// SPDX-License-Identifier: GPL-2.0-only
/*
 * A user of mymem.ko on behalf of the grader: a program's read, write and ioctl
 * on /dev/mymem_caller become calls of mymem_read() and mymem_write() in the
 * kernel. The position of the file is theirs, and no call moves it.
 */

#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/fs.h>
#include <linux/kthread.h>
#include <linux/minmax.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "mymem.h"
#include "mymem_caller.h"

static int caller_open(struct inode *inode, struct file *file)
{
	file->private_data = vzalloc(MYMEM_SIZE);
	return file->private_data ? 0 : -ENOMEM;
}

static int caller_release(struct inode *inode, struct file *file)
{
	vfree(file->private_data);
	return 0;
}

static ssize_t caller_read(struct file *file, char __user *to, size_t len,
			   loff_t *ppos)
{
	ssize_t count;

	if (len > MYMEM_SIZE)
		return -E2BIG;
	count = mymem_read(file->private_data, len, *ppos);
	if (count > 0 &&
	    copy_to_user(to, file->private_data, min_t(size_t, count, len)))
		return -EFAULT;
	return count;
}

static ssize_t caller_write(struct file *file, const char __user *from,
			    size_t len, loff_t *ppos)
{
	if (len > MYMEM_SIZE)
		return -E2BIG;
	if (copy_from_user(file->private_data, from, len))
		return -EFAULT;
	return mymem_write(file->private_data, len, *ppos);
}

static long call(void *buffer, struct mymem_call __user *argument)
{
	struct mymem_call call;
	u64 start;
	u32 i;

	if (copy_from_user(&call, argument, sizeof(call)))
		return -EFAULT;
	start = ktime_get_raw_ns();
	for (i = 0; i < call.times; i++)
		call.result = call.write ?
			mymem_write(buffer, call.len, call.pos) :
			mymem_read(buffer, call.len, call.pos);
	call.nanoseconds = ktime_get_raw_ns() - start;
	return copy_to_user(argument, &call, sizeof(call)) ? -EFAULT : 0;
}

struct counting {
	u32 increments;
	atomic_t next;
	struct completion gone;
};

static int count(void *data)
{
	struct counting *counting = data;
	u64 counter;
	loff_t pos = sizeof(counter) * (atomic_inc_return(&counting->next) - 1);
	u32 i;

	for (i = 0; i < counting->increments; i++) {
		mymem_read(&counter, sizeof(counter), pos);
		counter++;
		mymem_write(&counter, sizeof(counter), pos);
	}
	kthread_complete_and_exit(&counting->gone, 0);
}

static long count_all(const struct mymem_counting __user *argument)
{
	struct mymem_counting wish;
	struct counting counting = {
		.next = ATOMIC_INIT(0),
		.gone = COMPLETION_INITIALIZER_ONSTACK(counting.gone),
	};
	struct task_struct *worker;
	long err = 0;
	u32 started;

	if (copy_from_user(&wish, argument, sizeof(wish)))
		return -EFAULT;
	counting.increments = wish.increments;
	for (started = 0; started < wish.workers; started++) {
		worker = kthread_run(count, &counting, "counter/%u", started);
		if (IS_ERR(worker)) {
			err = PTR_ERR(worker);
			break;
		}
	}
	while (started--)
		wait_for_completion(&counting.gone);
	return err;
}

static long caller_ioctl(struct file *file, unsigned int request,
			 unsigned long argument)
{
	switch (request) {
	case MYMEM_CALL:
		return call(file->private_data, (void __user *)argument);
	case MYMEM_COUNT:
		return count_all((void __user *)argument);
	default:
		return -ENOTTY;
	}
}

static const struct file_operations caller_fops = {
	.owner = THIS_MODULE,
	.open = caller_open,
	.release = caller_release,
	.read = caller_read,
	.write = caller_write,
	.llseek = default_llseek,
	.unlocked_ioctl = caller_ioctl,
};

static struct miscdevice caller_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "mymem_caller",
	.fops = &caller_fops,
};

module_misc_device(caller_device);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Calls mymem for the grader");
MODULE_AUTHOR("The Klass authors");
