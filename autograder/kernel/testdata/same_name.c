// SPDX-License-Identifier: GPL-2.0-only
/* A second static function of one name, and of another size; see symbols_test.cpp. */

extern void report(int value);

static __attribute__((noinline, used)) void work(void)
{
#ifdef LONG
	report(1);
	report(2);
	report(3); /* the long one */
#else
	report(4); /* the short one */
#endif
}
