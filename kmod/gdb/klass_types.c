// SPDX-License-Identifier: GPL-2.0-only
/*
 * The types that a debugger asks for, described whole.
 *
 * The course's kernels are built with CONFIG_DEBUG_INFO_REDUCED, which leaves most structures
 * undescribed and saves two thirds of a build's disk. This module is never loaded: it is compiled
 * with its debugging information unreduced, for the same configuration, and gdb takes from it
 * what vmlinux does not tell. A variable of a type makes the compiler describe it.
 */
#include <linux/cdev.h>
#include <linux/completion.h>
#include <linux/dcache.h>
#include <linux/device.h>
#include <linux/fs.h>
#include <linux/hrtimer.h>
#include <linux/irq.h>
#include <linux/kthread.h>
#include <linux/maple_tree.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mount.h>
#include <linux/netdevice.h>
#include <linux/page_ext.h>
#include <linux/pci.h>
#include <linux/radix-tree.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <asm/current.h>
#include <../drivers/base/base.h>
#include <../fs/mount.h>
#include <../kernel/printk/printk_ringbuffer.h>

struct klass_types {
	struct cdev cdev;
	struct completion completion;
	struct dentry dentry;
	struct device device;
	struct file file;
	const struct file_operations *file_operations;
	struct hrtimer hrtimer;
	struct inode inode;
	struct irq_desc irq_desc;
	struct maple_tree maple_tree;
	struct miscdevice miscdevice;
	struct mm_struct mm;
	struct mount mount;
	struct module module;
	struct module_use module_use;
	struct mutex mutex; /* guards nothing: all is here for its type */
	struct net_device *net_device;
	struct page page;
	struct pcpu_hot pcpu_hot;
	struct pci_dev pci_dev;
	struct prb_data_blk_lpos prb_data_blk_lpos;
	struct prb_desc prb_desc;
	struct prb_desc_ring prb_desc_ring;
	struct prb_data_ring prb_data_ring;
	struct printk_info printk_info;
	struct printk_ringbuffer printk_ringbuffer;
	struct signal_struct signal;
	struct subsys_private subsys_private;
	struct sk_buff sk_buff;
	struct super_block super_block;
	struct task_struct task;
	struct thread_info thread_info;
	struct vm_struct vm_struct;
	struct work_struct work;
	enum mod_mem_type mod_mem_type;
	wait_queue_head_t wait_queue_head;
} klass_types;

MODULE_DESCRIPTION("Types for a debugger; not to be loaded");
MODULE_LICENSE("GPL");
