// SPDX-License-Identifier: GPL-2.0-only
/*
 * Processes that count in /dev/mymem, all on the same number: what mymem_test.ko
 * does, from the other side of the system calls.
 *
 *     mymem_count WORKERS INCREMENTS
 */

#include <fcntl.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static const unsigned long long first = 0xdeadbeef;

static int open_memory(void)
{
	const int fd = open("/dev/mymem", O_RDWR);

	if (fd < 0) {
		perror("/dev/mymem");
		exit(EXIT_FAILURE);
	}
	return fd;
}

static void transfer(ssize_t count, const char *what)
{
	if (count != sizeof(first)) {
		perror(what);
		exit(EXIT_FAILURE);
	}
}

static void work(atomic_flag *lock, unsigned long increments)
{
	const int fd = open_memory();
	unsigned long long counter;

	while (increments--) {
		while (atomic_flag_test_and_set(lock))
			sched_yield();
		transfer(pread(fd, &counter, sizeof(counter), 0), "read");
		counter++;
		transfer(pwrite(fd, &counter, sizeof(counter), 0), "write");
		atomic_flag_clear(lock);
	}
	exit(EXIT_SUCCESS);
}

int main(int argc, char **argv)
{
	const unsigned long workers = argc == 3 ? strtoul(argv[1], NULL, 0) : 0;
	const unsigned long increments = argc == 3 ? strtoul(argv[2], NULL, 0) : 0;
	const unsigned long long expected = first + workers * increments;
	atomic_flag *lock = mmap(NULL, sizeof(*lock), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	unsigned long long counter = first;
	int status = 0;
	int failed = 0;

	if (workers == 0 || increments == 0 || lock == MAP_FAILED) {
		fprintf(stderr, "mymem_count WORKERS INCREMENTS\n");
		return EXIT_FAILURE;
	}
	atomic_flag_clear(lock);

	const int fd = open_memory();

	transfer(pwrite(fd, &counter, sizeof(counter), 0), "write");
	for (unsigned long i = 0; i < workers; i++) {
		const pid_t child = fork();

		if (child == 0)
			work(lock, increments);
		failed |= child < 0;
	}
	while (wait(&status) > 0)
		failed |= status;
	transfer(pread(fd, &counter, sizeof(counter), 0), "read");
	printf("counted to %llu, lost %lld\n", counter, expected - counter);
	return failed || counter != expected ? EXIT_FAILURE : EXIT_SUCCESS;
}
