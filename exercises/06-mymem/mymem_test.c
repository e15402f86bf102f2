// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kernel threads that count in mymem.ko's memory, all on the same number.
 */

#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/mutex.h>

#include "mymem.h"

#define FIRST 0xdeadbeefULL	/* where the workers begin to count */

static unsigned int workers = 2;
module_param(workers, uint, 0444);
MODULE_PARM_DESC(workers, "number of kernel threads");

static unsigned int increments = 1000;
module_param(increments, uint, 0444);
MODULE_PARM_DESC(increments, "how often each of them adds one");

static atomic_t counting;	/* workers that are not through */
/*
 * TODO: Declare what makes a read, an addition and a write one step, how
 * the workers are told to stop, and how you notice that they are gone.
 */

static void report(void)
{
	u64 expected = FIRST + (u64)workers * increments;
	u64 counter = 0;

	mymem_read(&counter, sizeof(counter), 0);
	pr_info("mymem_test: counted to %llu, lost %lld\n", counter,
		expected - counter);
}

static void count_one(void)
{
	u64 counter = 0;

	/* TODO: Let nobody in between the read and the write. */
	mymem_read(&counter, sizeof(counter), 0);
	counter++;
	mymem_write(&counter, sizeof(counter), 0);
	/* TODO: And now let the others. */
}

static int work(void *unused)
{
	unsigned int i;

	for (i = 0; i < increments; i++) {
		/* TODO: End early if told to. */
		count_one();
	}
	if (atomic_dec_and_test(&counting))
		report();
	/* TODO: End, and let it be known in the same step. */
	return 0;
}

/* TODO: Have the workers stop, and come back when all of them are gone. */
static int __init mymem_test_init(void)
{
	struct task_struct *worker;
	unsigned int started;
	u64 counter = FIRST;

	mymem_write(&counter, sizeof(counter), 0);
	atomic_set(&counting, workers);
	for (started = 0; started < workers; started++) {
		worker = kthread_run(work, NULL, "mymem_test/%u", started);
		if (IS_ERR(worker)) {
			/* TODO: What about those that run already? */
			return PTR_ERR(worker);
		}
	}
	return 0;
}

static void __exit mymem_test_exit(void)
{
	/* TODO: Nobody may run in this code when it goes away. */
}

module_init(mymem_test_init);
module_exit(mymem_test_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Kernel threads that count in mymem's memory");
MODULE_AUTHOR("The Klass authors");
