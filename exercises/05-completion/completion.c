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

/*
 * TODO: Declare what readers sleep on. It belongs to the device, not to
 * an open file: the writer has opened the device by itself.
 */

static ssize_t completion_read(struct file *file, char __user *to, size_t count,
			       loff_t *ppos)
{
	/*
	 * TODO: Sleep until a write completes this read, and return 0. A
	 * signal ends the sleep. With O_NONBLOCK in the file's flags, never
	 * sleep: return -EAGAIN when no write is there to be taken.
	 */
	return -EINVAL;
}

static ssize_t completion_write(struct file *file, const char __user *from,
				size_t count, loff_t *ppos)
{
	/*
	 * TODO: Complete one read, whatever the count is, and return the
	 * count. A count of 0 completes nothing.
	 */
	return -EINVAL;
}

static __poll_t completion_poll(struct file *file, poll_table *wait)
{
	/*
	 * TODO: Say where a poller can wait, and then what is possible now:
	 * to write always, to read when a read would not sleep.
	 */
	return EPOLLERR;
}

static const struct file_operations completion_fops = {
	/* TODO: While a reader sleeps in this module, who keeps it loaded? */
	.read = completion_read,
	.write = completion_write,
	.poll = completion_poll,
};

static struct miscdevice completion_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "completion",
	.fops = &completion_fops,
	.mode = 0666,
};

module_misc_device(completion_device);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A device on which readers wait for writers");
MODULE_AUTHOR("The Klass authors");
