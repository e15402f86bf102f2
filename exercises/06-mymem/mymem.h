/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What mymem.ko offers to other modules.
 */

#ifndef MYMEM_H
#define MYMEM_H

#include <linux/sizes.h>
#include <linux/types.h>

#define MYMEM_SIZE SZ_512K	/* bytes */

/*
 * Copy len bytes at pos out of the memory, or into it. May sleep.
 *
 * Both return how many bytes were copied, which is less than len at the end of
 * the memory, or -EINVAL if pos is negative. Beyond the end, mymem_read()
 * returns 0 and mymem_write() returns -ENOSPC. No call sees another one half
 * done.
 */
ssize_t mymem_read(void *dst, size_t len, loff_t pos);
ssize_t mymem_write(const void *src, size_t len, loff_t pos);

#endif /* MYMEM_H */
