// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/completion: a read sleeps until a write completes it, one for one.
 */

#include <linux/completion.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/wait.h>

/* [state] */
/*
 * klass:task Declare what readers sleep on. It belongs to the device, not to
 * an open file: the writer has opened the device by itself.
 */
static DECLARE_COMPLETION(written);
static DECLARE_WAIT_QUEUE_HEAD(pollers);	/* poll cannot wait for `written` */
/* klass:end */

/* [state] */
/* [read] */
static ssize_t completion_read(struct file *file, char __user *to, size_t count,
			       loff_t *ppos)
{
	/*
	 * klass:task Sleep until a write completes this read, and return 0. A
	 * signal ends the sleep. With O_NONBLOCK in the file's flags, never
	 * sleep: return -EAGAIN when no write is there to be taken.
	 */
	/* klass:skeleton return -EINVAL; */
	if (file->f_flags & O_NONBLOCK)
		return try_wait_for_completion(&written) ? 0 : -EAGAIN;
	return wait_for_completion_interruptible(&written);
	/* klass:end */
}

/* [read] */
/* [write] */
static ssize_t completion_write(struct file *file, const char __user *from,
				size_t count, loff_t *ppos)
{
	/*
	 * klass:task Complete one read, whatever the count is, and return the
	 * count. A count of 0 completes nothing.
	 */
	/* klass:skeleton return -EINVAL; */
	if (!count)
		return 0;
	complete(&written);
	wake_up_interruptible(&pollers);
	return count;
	/* klass:end */
}

/* [write] */
/* [poll] */
static __poll_t completion_poll(struct file *file, poll_table *wait)
{
	/*
	 * klass:task Say where a poller can wait, and then what is possible now:
	 * to write always, to read when a read would not sleep.
	 */
	/* klass:skeleton return EPOLLERR; */
	poll_wait(file, &pollers, wait);
	return EPOLLOUT | EPOLLWRNORM |
	       (completion_done(&written) ? EPOLLIN | EPOLLRDNORM : 0);
	/* klass:end */
}

/* [poll] */
/* [fops] */
static const struct file_operations completion_fops = {
	/* klass:task While a reader sleeps in this module, who keeps it loaded? */
	.owner = THIS_MODULE,
	/* klass:end */
	.read = completion_read,
	.write = completion_write,
	.poll = completion_poll,
};

/* [fops] */
/* [misc] */
static struct miscdevice completion_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "completion",
	.fops = &completion_fops,
	.mode = 0666,
};

module_misc_device(completion_device);
/* [misc] */

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A device on which readers wait for writers");
MODULE_AUTHOR("The Klass authors");
