// SPDX-License-Identifier: GPL-2.0-only
/*
 * 512 KiB of memory, shared by /dev/mymem and by other modules.
 */

#include <linux/fs.h>
#include <linux/minmax.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "mymem.h"

/*
 * TODO: Declare the memory, and what keeps two calls apart that want it
 * at the same time.
 */

/* TODO: How many of len bytes at pos are there? Or is pos no good? */

ssize_t mymem_read(void *dst, size_t len, loff_t pos)
{
	/* TODO: Copy out of the memory, and say how much. */
	return -EIO;
}
EXPORT_SYMBOL_GPL(mymem_read);

ssize_t mymem_write(const void *src, size_t len, loff_t pos)
{
	/* TODO: Copy into the memory, and say how much. */
	return -EIO;
}
EXPORT_SYMBOL_GPL(mymem_write);

static ssize_t mymem_dev_read(struct file *file, char __user *to, size_t len,
			      loff_t *ppos)
{
	/* TODO: The same for a program: its memory needs another copy. */
	return -EIO;
}

static ssize_t mymem_dev_write(struct file *file, const char __user *from,
			       size_t len, loff_t *ppos)
{
	/* TODO: The same for a program. */
	return -EIO;
}

static loff_t mymem_dev_llseek(struct file *file, loff_t offset, int whence)
{
	/* TODO: Where may a program go in a file of MYMEM_SIZE bytes? */
	return -EINVAL;
}

static const struct file_operations mymem_fops = {
	.owner = THIS_MODULE,
	.read = mymem_dev_read,
	.write = mymem_dev_write,
	.llseek = mymem_dev_llseek,
};

static struct miscdevice mymem_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "mymem",
	.fops = &mymem_fops,
	.mode = 0666,
};

static int __init mymem_init(void)
{
	/* TODO: Obtain the memory, all zeroes, and then show the device. */
	return misc_register(&mymem_device);
}

static void __exit mymem_exit(void)
{
	misc_deregister(&mymem_device);
	/* TODO: Undo the rest of what mymem_init() did. */
}

module_init(mymem_init);
module_exit(mymem_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Memory for programs and for other modules");
MODULE_AUTHOR("The Klass authors");
