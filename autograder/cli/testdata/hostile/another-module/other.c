// SPDX-License-Identifier: GPL-2.0-only
#include <linux/module.h>

MODULE_DESCRIPTION("Is not the module that was asked for");
MODULE_LICENSE("GPL");
