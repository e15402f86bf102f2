/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the grader asks of mymem_caller.ko.
 */

#ifndef MYMEM_CALLER_H
#define MYMEM_CALLER_H

#include <linux/ioctl.h>
#include <linux/types.h>

/*
 * Calls mymem_read() or mymem_write() with any arguments, on a buffer of
 * MYMEM_SIZE bytes that belongs to the open file.
 */
struct mymem_call {
	__s64 pos;
	__u64 len;
	__u32 write;		/* else read */
	__u32 times;		/* at least 1 */
	__s64 result;		/* of the last call */
	__u64 nanoseconds;	/* of all, CLOCK_MONOTONIC_RAW */
};

/*
 * Has kernel threads count, each on eight bytes of its own, without a lock, and
 * returns when all of them are gone.
 */
struct mymem_counting {
	__u32 workers;
	__u32 increments;
};

#define MYMEM_CALL _IOWR('m', 1, struct mymem_call)
#define MYMEM_COUNT _IOW('m', 2, struct mymem_counting)

#endif /* MYMEM_CALLER_H */
