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

/* [state] */
static atomic_t counting;	/* workers that are not through */
/*
 * klass:task Declare what makes a read, an addition and a write one step, how
 * the workers are told to stop, and how you notice that they are gone.
 */
static DEFINE_MUTEX(counter_lock);
static DECLARE_COMPLETION(gone);
static bool stop;
/* klass:end */

/* [state] */
static void report(void)
{
	u64 expected = FIRST + (u64)workers * increments;
	u64 counter = 0;

	mymem_read(&counter, sizeof(counter), 0);
	pr_info("mymem_test: counted to %llu, lost %lld\n", counter,
		expected - counter);
}

/* [work] */
static void count_one(void)
{
	u64 counter = 0;

	/* klass:task Let nobody in between the read and the write. */
	mutex_lock(&counter_lock);
	/* klass:end */
	mymem_read(&counter, sizeof(counter), 0);
	counter++;
	mymem_write(&counter, sizeof(counter), 0);
	/* klass:task And now let the others. */
	mutex_unlock(&counter_lock);
	/* klass:end */
}

static int work(void *unused)
{
	unsigned int i;

	for (i = 0; i < increments; i++) {
		/* klass:task End early if told to. */
		if (READ_ONCE(stop))
			break;
		/* klass:end */
		count_one();
	}
	if (atomic_dec_and_test(&counting))
		report();
	/* klass:task End, and let it be known in the same step. */
	/* klass:skeleton return 0; */
	kthread_complete_and_exit(&gone, 0);
	/* klass:end */
}

/* [work] */
/* [join] */
/* klass:task Have the workers stop, and come back when all of them are gone. */
static void join(unsigned int started)
{
	WRITE_ONCE(stop, true);
	while (started--)
		wait_for_completion(&gone);
}

/* klass:end */
/* [join] */
/* [init] */
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
			/* klass:task What about those that run already? */
			join(started);
			/* klass:end */
			return PTR_ERR(worker);
		}
	}
	return 0;
}

static void __exit mymem_test_exit(void)
{
	/* klass:task Nobody may run in this code when it goes away. */
	join(workers);
	/* klass:end */
}

/* [init] */
module_init(mymem_test_init);
module_exit(mymem_test_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Kernel threads that count in mymem's memory");
MODULE_AUTHOR("The Klass authors");
