// SPDX-License-Identifier: GPL-2.0-only
/*
 * Compiled by symbols_test.cpp to a relocatable file, as a module is. Its
 * comments name the lines that the test looks for.
 */

extern void report(int value);
extern void stop(void) __attribute__((noreturn));

static inline __attribute__((always_inline)) void innermost(int value)
{
	report(value); /* innermost */
}

static inline __attribute__((always_inline)) void middle(int value)
{
	innermost(value + 1); /* middle */
}

__attribute__((noinline)) void outer(int value)
{
	middle(value); /* outer */
	report(0);
}

__attribute__((noinline)) void ends_in_a_call(void)
{
	stop(); /* noreturn */
}

/* What GCC calls a copy of a function that it made for one caller. */
static __attribute__((noinline, used)) void copied(void) __asm__("copied.constprop.0");
static void copied(void)
{
	report(1); /* constprop */
}
