// SPDX-License-Identifier: GPL-2.0-only
/*
 * Canary: unmaps a DMA buffer that it never mapped.
 *
 * Expects: dma-api
 * Says: it has not allocated
 */

#include <linux/dma-mapping.h>
#include <linux/module.h>
#include <linux/platform_device.h>

static int __init canary_init(void)
{
	struct platform_device *device;

	device = platform_device_register_simple("canary", -1, NULL, 0);
	if (IS_ERR(device))
		return PTR_ERR(device);
	dma_unmap_single(&device->dev, 0x1000, 64, DMA_TO_DEVICE);
	platform_device_unregister(device);
	return 0;
}
module_init(canary_init);

MODULE_DESCRIPTION("Canary: unmaps a DMA buffer that it never mapped");
MODULE_LICENSE("GPL");
