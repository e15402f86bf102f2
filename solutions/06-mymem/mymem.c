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

/* [state] */
/*
 * klass:task Declare the memory, and what keeps two calls apart that want it
 * at the same time.
 */
static u8 *memory;
static DEFINE_MUTEX(memory_lock);
/* klass:end */

/* [state] */
/* [bounds] */
/* klass:task How many of len bytes at pos are there? Or is pos no good? */
static ssize_t bytes_there(size_t len, loff_t pos)
{
	if (pos < 0)
		return -EINVAL;
	if (pos >= MYMEM_SIZE)
		return 0;
	return min_t(size_t, len, MYMEM_SIZE - pos);
}

/* klass:end */

/* [bounds] */
/* [exports] */
ssize_t mymem_read(void *dst, size_t len, loff_t pos)
{
	/* klass:task Copy out of the memory, and say how much. */
	/* klass:skeleton return -EIO; */
	ssize_t count = bytes_there(len, pos);

	if (count <= 0)
		return count;
	mutex_lock(&memory_lock);
	memcpy(dst, memory + pos, count);
	mutex_unlock(&memory_lock);
	return count;
	/* klass:end */
}
EXPORT_SYMBOL_GPL(mymem_read);

ssize_t mymem_write(const void *src, size_t len, loff_t pos)
{
	/* klass:task Copy into the memory, and say how much. */
	/* klass:skeleton return -EIO; */
	ssize_t count = bytes_there(len, pos);

	if (count < 0 || !len)
		return count;
	if (!count)
		return -ENOSPC;
	mutex_lock(&memory_lock);
	memcpy(memory + pos, src, count);
	mutex_unlock(&memory_lock);
	return count;
	/* klass:end */
}
EXPORT_SYMBOL_GPL(mymem_write);

/* [exports] */
/* [device] */
static ssize_t mymem_dev_read(struct file *file, char __user *to, size_t len,
			      loff_t *ppos)
{
	/* klass:task The same for a program: its memory needs another copy. */
	/* klass:skeleton return -EIO; */
	ssize_t count;

	mutex_lock(&memory_lock);
	count = simple_read_from_buffer(to, len, ppos, memory, MYMEM_SIZE);
	mutex_unlock(&memory_lock);
	return count;
	/* klass:end */
}

static ssize_t mymem_dev_write(struct file *file, const char __user *from,
			       size_t len, loff_t *ppos)
{
	/* klass:task The same for a program. */
	/* klass:skeleton return -EIO; */
	ssize_t count;

	if (len && *ppos >= MYMEM_SIZE)
		return -ENOSPC;
	mutex_lock(&memory_lock);
	count = simple_write_to_buffer(memory, MYMEM_SIZE, ppos, from, len);
	mutex_unlock(&memory_lock);
	return count;
	/* klass:end */
}

static loff_t mymem_dev_llseek(struct file *file, loff_t offset, int whence)
{
	/* klass:task Where may a program go in a file of MYMEM_SIZE bytes? */
	/* klass:skeleton return -EINVAL; */
	return fixed_size_llseek(file, offset, whence, MYMEM_SIZE);
	/* klass:end */
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

/* [device] */
/* [init] */
static int __init mymem_init(void)
{
	/* klass:task Obtain the memory, all zeroes, and then show the device. */
	/* klass:skeleton return misc_register(&mymem_device); */
	int err;

	memory = vzalloc(MYMEM_SIZE);
	if (!memory)
		return -ENOMEM;
	err = misc_register(&mymem_device);
	if (err)
		vfree(memory);
	return err;
	/* klass:end */
}

static void __exit mymem_exit(void)
{
	misc_deregister(&mymem_device);
	/* klass:task Undo the rest of what mymem_init() did. */
	vfree(memory);
	/* klass:end */
}

/* [init] */
module_init(mymem_init);
module_exit(mymem_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Memory for programs and for other modules");
MODULE_AUTHOR("The Klass authors");
