// SPDX-License-Identifier: GPL-2.0-only
/*
 * Canary: puts more into a packet than the packet holds.
 *
 * Expects: bug
 * Says: kernel BUG at
 */

#include <linux/module.h>
#include <linux/skbuff.h>

static int __init canary_init(void)
{
	struct sk_buff *packet = alloc_skb(64, GFP_KERNEL);

	if (!packet)
		return -ENOMEM;
	skb_put(packet, 4096);
	kfree_skb(packet);
	return 0;
}
module_init(canary_init);

MODULE_DESCRIPTION("Canary: puts more into a packet than the packet holds");
MODULE_LICENSE("GPL");
