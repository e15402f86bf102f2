// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/cicv: 4,096 bytes that all openers share, with a position per open file.
 */

#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#define CICV_CAPACITY 4096

/*
 * TODO: Declare what all open files share: the data, its length and what
 * guards them; and what init makes and exit has to give back.
 */

static int cicv_open(struct inode *inode, struct file *file)
{
	/* TODO: With O_TRUNC in the file's flags, empty the device. */
	return 0;
}

static ssize_t cicv_read(struct file *file, char __user *to, size_t count,
			 loff_t *ppos)
{
	/*
	 * TODO: Copy at most `count` bytes from the position on, but none
	 * from beyond the length; move the position, and return how many bytes
	 * were copied. At the end return 0.
	 */
	return -EINVAL;
}

static ssize_t cicv_write(struct file *file, const char __user *from,
			  size_t count, loff_t *ppos)
{
	/*
	 * TODO: Copy as many of the `count` bytes to the position as fit,
	 * move the position, and return how many that were. Writes of several
	 * processes must not mix. At the capacity return -ENOSPC.
	 */
	return -EINVAL;
}

static loff_t cicv_llseek(struct file *file, loff_t offset, int whence)
{
	/*
	 * TODO: Set the file's position: SEEK_END counts from the length.
	 * Beyond the end is allowed; before the start is -EINVAL.
	 */
	return -EINVAL;
}

static const struct file_operations cicv_fops = {
	/* TODO: Whose code runs in these functions? Unload depends on it. */
	.open = cicv_open,
	.read = cicv_read,
	.write = cicv_write,
	.llseek = cicv_llseek,
};

/* TODO: Give the node the mode 0666: see devnode in struct class. */

static int __init cicv_init(void)
{
	/*
	 * TODO: Get a device number, make a class, add the character
	 * device, and create the node /dev/cicv. When a step fails, undo those
	 * before it, last first, and return the error.
	 */
	return 0;
}

static void __exit cicv_exit(void)
{
	/* TODO: Undo what init did, last first. */
}

module_init(cicv_init);
module_exit(cicv_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A character device of 4,096 bytes");
MODULE_AUTHOR("The Klass authors");
