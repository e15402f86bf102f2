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

/* [state] */
/*
 * klass:task Declare what all open files share: the data, its length and what
 * guards them; and what init makes and exit has to give back.
 */
static dev_t cicv_number;
static struct cdev cicv_cdev;
static struct class *cicv_class;

static DEFINE_MUTEX(cicv_lock);		/* guards length and data */
static size_t cicv_length;
static u8 cicv_data[CICV_CAPACITY];
/* klass:end */

/* [state] */
/* [open] */
static int cicv_open(struct inode *inode, struct file *file)
{
	/* klass:task With O_TRUNC in the file's flags, empty the device. */
	if (file->f_flags & O_TRUNC) {
		if (mutex_lock_interruptible(&cicv_lock))
			return -ERESTARTSYS;
		cicv_length = 0;
		mutex_unlock(&cicv_lock);
	}
	/* klass:end */
	return 0;
}

/* [open] */
/* [read] */
static ssize_t cicv_read(struct file *file, char __user *to, size_t count,
			 loff_t *ppos)
{
	/*
	 * klass:task Copy at most `count` bytes from the position on, but none
	 * from beyond the length; move the position, and return how many bytes
	 * were copied. At the end return 0.
	 */
	/* klass:skeleton return -EINVAL; */
	ssize_t ret;

	if (mutex_lock_interruptible(&cicv_lock))
		return -ERESTARTSYS;
	ret = simple_read_from_buffer(to, count, ppos, cicv_data, cicv_length);
	mutex_unlock(&cicv_lock);
	return ret;
	/* klass:end */
}

/* [read] */
/* [write] */
static ssize_t cicv_write(struct file *file, const char __user *from,
			  size_t count, loff_t *ppos)
{
	/*
	 * klass:task Copy as many of the `count` bytes to the position as fit,
	 * move the position, and return how many that were. Writes of several
	 * processes must not mix. At the capacity return -ENOSPC.
	 */
	/* klass:skeleton return -EINVAL; */
	loff_t pos = *ppos;
	ssize_t ret;
	u8 *bytes;

	if (!count)
		return 0;
	if (pos >= CICV_CAPACITY)
		return -ENOSPC;
	count = min_t(size_t, count, CICV_CAPACITY - pos);

	/* The caller's page may take for ever to come: copy without the lock. */
	bytes = memdup_user(from, count);
	if (IS_ERR(bytes))
		return PTR_ERR(bytes);

	if (mutex_lock_interruptible(&cicv_lock)) {
		ret = -ERESTARTSYS;
		goto free_bytes;
	}
	/* Old bytes may lie between the end and here: they are nobody's. */
	if (pos > cicv_length)
		memset(cicv_data + cicv_length, 0, pos - cicv_length);
	memcpy(cicv_data + pos, bytes, count);
	cicv_length = max_t(size_t, cicv_length, pos + count);
	mutex_unlock(&cicv_lock);

	*ppos = pos + count;
	ret = count;
free_bytes:
	kfree(bytes);
	return ret;
	/* klass:end */
}

/* [write] */
/* [llseek] */
static loff_t cicv_llseek(struct file *file, loff_t offset, int whence)
{
	/*
	 * klass:task Set the file's position: SEEK_END counts from the length.
	 * Beyond the end is allowed; before the start is -EINVAL.
	 */
	/* klass:skeleton return -EINVAL; */
	loff_t ret;

	if (mutex_lock_interruptible(&cicv_lock))
		return -ERESTARTSYS;
	ret = generic_file_llseek_size(file, offset, whence, MAX_LFS_FILESIZE,
				       cicv_length);
	mutex_unlock(&cicv_lock);
	return ret;
	/* klass:end */
}

/* [llseek] */
/* [fops] */
static const struct file_operations cicv_fops = {
	/* klass:task Whose code runs in these functions? Unload depends on it. */
	.owner = THIS_MODULE,
	/* klass:end */
	.open = cicv_open,
	.read = cicv_read,
	.write = cicv_write,
	.llseek = cicv_llseek,
};

/* [fops] */
/* [devnode] */
/* klass:task Give the node the mode 0666: see devnode in struct class. */
static char *cicv_devnode(const struct device *dev, umode_t *mode)
{
	if (mode)
		*mode = 0666;
	return NULL;
}

/* klass:end */

/* [devnode] */
/* [init] */
static int __init cicv_init(void)
{
	/*
	 * klass:task Get a device number, make a class, add the character
	 * device, and create the node /dev/cicv. When a step fails, undo those
	 * before it, last first, and return the error.
	 */
	/* klass:skeleton return 0; */
	struct device *device;
	int ret;

	ret = alloc_chrdev_region(&cicv_number, 0, 1, "cicv");
	if (ret)
		return ret;

	cicv_class = class_create("cicv");
	if (IS_ERR(cicv_class)) {
		ret = PTR_ERR(cicv_class);
		goto unregister_number;
	}
	cicv_class->devnode = cicv_devnode;

	cdev_init(&cicv_cdev, &cicv_fops);
	cicv_cdev.owner = THIS_MODULE;
	ret = cdev_add(&cicv_cdev, cicv_number, 1);
	if (ret)
		goto destroy_class;

	device = device_create(cicv_class, NULL, cicv_number, NULL, "cicv");
	if (IS_ERR(device)) {
		ret = PTR_ERR(device);
		goto delete_cdev;
	}
	return 0;

delete_cdev:
	cdev_del(&cicv_cdev);
destroy_class:
	class_destroy(cicv_class);
unregister_number:
	unregister_chrdev_region(cicv_number, 1);
	return ret;
	/* klass:end */
}

/* [init] */
/* [exit] */
static void __exit cicv_exit(void)
{
	/* klass:task Undo what init did, last first. */
	device_destroy(cicv_class, cicv_number);
	cdev_del(&cicv_cdev);
	class_destroy(cicv_class);
	unregister_chrdev_region(cicv_number, 1);
	/* klass:end */
}

/* [exit] */
module_init(cicv_init);
module_exit(cicv_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A character device of 4,096 bytes");
MODULE_AUTHOR("The Klass authors");
