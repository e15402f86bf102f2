// SPDX-License-Identifier: GPL-2.0-only
/*
 * A network driver for the Intel 82540EM, which QEMU calls e1000.
 *
 * The life of a frame that comes in: the card writes it into a buffer of the
 * receive ring and raises its interrupt; the handler masks the card's
 * interrupts and schedules NAPI; ek_poll() hands the buffer to the network
 * stack and puts a new one in its place. One that goes out: the stack calls
 * ek_start_xmit(), which puts it into the transmit ring; when the card has sent
 * it, it interrupts, and ek_poll() frees it.
 */

#include <linux/dma-mapping.h>
#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/interrupt.h>
#include <linux/iopoll.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/pci.h>
#include <linux/timer.h>
#include <net/netdev_queues.h>

#include "e1000_klass.h"

#define EK_BAR		0
#define EK_RING_SIZE	256	/* descriptors; a power of two */
#define EK_BUFFER_SIZE	2048
#define EK_TX_WAKE	32	/* free descriptors at which sending goes on */
#define EK_WATCH	(2 * HZ)

/* What belongs to a descriptor and the card need not know. */
struct ek_buffer {
	struct sk_buff *skb;
	dma_addr_t dma;
};

struct ek_ring {
	union {
		struct ek_rx_desc *rx;
		struct ek_tx_desc *tx;
	};
	dma_addr_t dma;
	unsigned int next_to_use;	/* what is given to the card next */
	unsigned int next_to_clean;	/* what the card gives back next */
	struct ek_buffer buffers[EK_RING_SIZE];
};

struct ek_adapter {
	struct net_device *netdev;
	struct pci_dev *pdev;
	void __iomem *regs;
	struct napi_struct napi;
	struct timer_list watchdog;
	struct ek_ring rx;
	struct ek_ring tx;
};

static u32 ek_read(const struct ek_adapter *ek, unsigned int reg)
{
	return readl(ek->regs + reg);
}

static void ek_write(const struct ek_adapter *ek, unsigned int reg, u32 value)
{
	writel(value, ek->regs + reg);
}

static unsigned int ek_next(unsigned int i)
{
	return (i + 1) % EK_RING_SIZE;
}

/* ---- the card ---------------------------------------------------------- */

static void ek_irq_enable(const struct ek_adapter *ek)
{
	ek_write(ek, EK_IMS, EK_INT_OURS);
}

static void ek_irq_disable(const struct ek_adapter *ek)
{
	ek_write(ek, EK_IMC, ~0);
	ek_read(ek, EK_STATUS);		/* a read waits for the write */
}

/*
 * Afterwards the card is silent: it neither interrupts nor touches memory.
 */
static void ek_reset(const struct ek_adapter *ek)
{
	ek_irq_disable(ek);
	ek_write(ek, EK_RCTL, 0);
	ek_write(ek, EK_TCTL, EK_TCTL_PSP);
	ek_read(ek, EK_STATUS);
	usleep_range(10000, 11000);	/* what is on its way arrives */

	ek_write(ek, EK_CTRL, ek_read(ek, EK_CTRL) | EK_CTRL_RST);
	usleep_range(5000, 6000);	/* it reads its EEPROM again */
	ek_irq_disable(ek);
	ek_read(ek, EK_ICR);
}

static int ek_read_eeprom(const struct ek_adapter *ek, unsigned int word,
			  u16 *value)
{
	u32 answer;
	int ret;

	ek_write(ek, EK_EERD, word << EK_EERD_ADDR | EK_EERD_START);
	ret = readl_poll_timeout(ek->regs + EK_EERD, answer,
				 answer & EK_EERD_DONE, 10, 10000);
	if (ret)
		return ret;
	*value = answer >> EK_EERD_DATA;
	return 0;
}

/* Words 0 to 2 are the address; the last one makes the sum right. */
static int ek_read_address(const struct ek_adapter *ek, u8 *address)
{
	unsigned int i;
	u16 sum = 0;
	u16 word;
	int ret;

	for (i = 0; i < EK_EEPROM_WORDS; i++) {
		ret = ek_read_eeprom(ek, i, &word);
		if (ret)
			return ret;
		sum += word;
		if (i < ETH_ALEN / 2)
			put_unaligned_le16(word, address + 2 * i);
	}
	if (sum != EK_EEPROM_SUM || !is_valid_ether_addr(address))
		return -EIO;
	return 0;
}

static void ek_write_address(const struct ek_adapter *ek)
{
	const u8 *address = ek->netdev->dev_addr;

	ek_write(ek, EK_RAL, get_unaligned_le32(address));
	ek_write(ek, EK_RAH, get_unaligned_le16(address + 4) | EK_RAH_VALID);
}

static void ek_set_rx_mode(struct net_device *netdev)
{
	struct ek_adapter *ek = netdev_priv(netdev);
	u32 rctl = EK_RCTL_EN | EK_RCTL_BAM | EK_RCTL_SECRC;

	if (netdev->flags & IFF_PROMISC)
		rctl |= EK_RCTL_UPE | EK_RCTL_MPE;
	else if (netdev->flags & IFF_ALLMULTI || !netdev_mc_empty(netdev))
		rctl |= EK_RCTL_MPE;
	ek_write(ek, EK_RCTL, rctl);
}

static void ek_set_ring(const struct ek_adapter *ek, unsigned int base,
			const struct ek_ring *ring, unsigned int bytes)
{
	ek_write(ek, base, lower_32_bits(ring->dma));
	ek_write(ek, base + EK_RDBAH - EK_RDBAL, upper_32_bits(ring->dma));
	ek_write(ek, base + EK_RDLEN - EK_RDBAL, bytes);
	ek_write(ek, base + EK_RDH - EK_RDBAL, 0);
	ek_write(ek, base + EK_RDT - EK_RDBAL, 0);
}

/* The rings are there, and NAPI is ready: from here on frames may come. */
static void ek_start(struct ek_adapter *ek)
{
	unsigned int i;

	ek_write(ek, EK_CTRL,
		 ek_read(ek, EK_CTRL) | EK_CTRL_ASDE | EK_CTRL_SLU);
	ek_write_address(ek);
	for (i = 0; i < EK_MTA_COUNT; i++)
		ek_write(ek, EK_MTA + 4 * i, 0);

	ek_set_ring(ek, EK_TDBAL, &ek->tx,
		    EK_RING_SIZE * sizeof(struct ek_tx_desc));
	ek_write(ek, EK_TIPG, EK_TIPG_COPPER);
	ek_write(ek, EK_TCTL,
		 EK_TCTL_EN | EK_TCTL_PSP | EK_TCTL_CT | EK_TCTL_COLD);

	ek_set_ring(ek, EK_RDBAL, &ek->rx,
		    EK_RING_SIZE * sizeof(struct ek_rx_desc));
	ek_set_rx_mode(ek->netdev);
	ek_write(ek, EK_ITR, EK_ITR_20000);
	/* All but one: a ring with head and tail at one place is empty. */
	ek_write(ek, EK_RDT, EK_RING_SIZE - 1);
	ek_irq_enable(ek);
}

/* ---- the rings --------------------------------------------------------- */

static int ek_alloc_ring(struct ek_adapter *ek, struct ek_ring *ring)
{
	BUILD_BUG_ON(sizeof(struct ek_rx_desc) != sizeof(struct ek_tx_desc));

	ring->rx = dma_alloc_coherent(&ek->pdev->dev,
				      EK_RING_SIZE * sizeof(*ring->rx),
				      &ring->dma, GFP_KERNEL);
	if (!ring->rx)
		return -ENOMEM;
	ring->next_to_use = 0;
	ring->next_to_clean = 0;
	return 0;
}

static void ek_free_ring(struct ek_adapter *ek, struct ek_ring *ring)
{
	dma_free_coherent(&ek->pdev->dev, EK_RING_SIZE * sizeof(*ring->rx),
			  ring->rx, ring->dma);
}

/* Puts a new buffer at a place of the receive ring; the old one stays if not. */
static int ek_refill(struct ek_adapter *ek, unsigned int i, gfp_t gfp)
{
	struct device *dev = &ek->pdev->dev;
	struct sk_buff *skb;
	dma_addr_t dma;

	skb = __netdev_alloc_skb_ip_align(ek->netdev, EK_BUFFER_SIZE, gfp);
	if (!skb)
		return -ENOMEM;
	dma = dma_map_single(dev, skb->data, EK_BUFFER_SIZE, DMA_FROM_DEVICE);
	if (dma_mapping_error(dev, dma)) {
		dev_kfree_skb_any(skb);
		return -ENOMEM;
	}
	ek->rx.buffers[i].skb = skb;
	ek->rx.buffers[i].dma = dma;
	return 0;
}

/* Frees what is in the rings. The card must have been reset before. */
static void ek_clean_rings(struct ek_adapter *ek)
{
	struct device *dev = &ek->pdev->dev;
	unsigned int i;

	for (i = 0; i < EK_RING_SIZE; i++) {
		struct ek_buffer *in = &ek->rx.buffers[i];
		struct ek_buffer *out = &ek->tx.buffers[i];

		if (in->skb) {
			dma_unmap_single(dev, in->dma, EK_BUFFER_SIZE,
					 DMA_FROM_DEVICE);
			dev_kfree_skb(in->skb);
			in->skb = NULL;
		}
		if (out->skb) {
			dma_unmap_single(dev, out->dma, out->skb->len,
					 DMA_TO_DEVICE);
			dev_kfree_skb(out->skb);
			out->skb = NULL;
		}
	}
	netdev_reset_queue(ek->netdev);
}

static int ek_fill_rx(struct ek_adapter *ek)
{
	unsigned int i;
	int ret;

	for (i = 0; i < EK_RING_SIZE; i++) {
		ret = ek_refill(ek, i, GFP_KERNEL);
		if (ret) {
			ek_clean_rings(ek);
			return ret;
		}
		ek->rx.rx[i].address = cpu_to_le64(ek->rx.buffers[i].dma);
	}
	return 0;
}

/* ---- frames that go out ------------------------------------------------ */

static unsigned int ek_tx_room(const struct ek_ring *ring)
{
	/* One stays free: a full ring must not look like an empty one. */
	return (READ_ONCE(ring->next_to_clean) - READ_ONCE(ring->next_to_use) -
		1) % EK_RING_SIZE;
}

static netdev_tx_t ek_start_xmit(struct sk_buff *skb, struct net_device *netdev)
{
	struct ek_adapter *ek = netdev_priv(netdev);
	struct device *dev = &ek->pdev->dev;
	struct ek_ring *ring = &ek->tx;
	unsigned int i = ring->next_to_use;
	dma_addr_t dma;

	if (eth_skb_pad(skb)) {
		dev_core_stats_tx_dropped_inc(netdev);
		return NETDEV_TX_OK;
	}
	dma = dma_map_single(dev, skb->data, skb->len, DMA_TO_DEVICE);
	if (dma_mapping_error(dev, dma)) {
		dev_kfree_skb_any(skb);
		dev_core_stats_tx_dropped_inc(netdev);
		return NETDEV_TX_OK;
	}
	ring->buffers[i].skb = skb;
	ring->buffers[i].dma = dma;
	ring->tx[i] = (struct ek_tx_desc) {
		.address = cpu_to_le64(dma),
		.length = cpu_to_le16(skb->len),
		.command = EK_TXD_EOP | EK_TXD_FCS | EK_TXD_REPORT,
	};
	skb_tx_timestamp(skb);
	netdev_sent_queue(netdev, skb->len);

	/* ek_clean_tx() sees the place in use only when it is whole. */
	smp_store_release(&ring->next_to_use, ek_next(i));
	netif_subqueue_maybe_stop(netdev, 0, ek_tx_room(ring), 1, EK_TX_WAKE);
	if (!netdev_xmit_more() ||
	    netif_xmit_stopped(netdev_get_tx_queue(netdev, 0)))
		ek_write(ek, EK_TDT, ring->next_to_use);
	return NETDEV_TX_OK;
}

/* Frees what the card has sent. */
static void ek_clean_tx(struct ek_adapter *ek, int budget)
{
	struct net_device *netdev = ek->netdev;
	struct ek_ring *ring = &ek->tx;
	unsigned int i = ring->next_to_clean;
	unsigned int packets = 0;
	unsigned int bytes = 0;
	unsigned int end;

	/* Goes with ek_start_xmit()'s release: up to here they are whole. */
	end = smp_load_acquire(&ring->next_to_use);

	for (; i != end; i = ek_next(i)) {
		struct ek_buffer *buffer = &ring->buffers[i];

		if (!(READ_ONCE(ring->tx[i].status) & EK_TXD_DONE))
			break;
		packets++;
		bytes += buffer->skb->len;
		dma_unmap_single(&ek->pdev->dev, buffer->dma, buffer->skb->len,
				 DMA_TO_DEVICE);
		napi_consume_skb(buffer->skb, budget);
		buffer->skb = NULL;
	}
	WRITE_ONCE(ring->next_to_clean, i);
	dev_sw_netstats_tx_add(netdev, packets, bytes);
	netif_subqueue_completed_wake(netdev, 0, packets, bytes,
				      ek_tx_room(ring), EK_TX_WAKE);
}

/* ---- frames that come in ----------------------------------------------- */

static void ek_receive(struct ek_adapter *ek, unsigned int i)
{
	struct net_device *netdev = ek->netdev;
	struct ek_rx_desc *desc = &ek->rx.rx[i];
	struct ek_buffer old = ek->rx.buffers[i];

	if (desc->errors || !(desc->status & EK_RXD_EOP)) {
		DEV_STATS_INC(netdev, rx_errors);
	} else if (ek_refill(ek, i, GFP_ATOMIC)) {
		dev_core_stats_rx_dropped_inc(netdev);
	} else {
		dma_unmap_single(&ek->pdev->dev, old.dma, EK_BUFFER_SIZE,
				 DMA_FROM_DEVICE);
		skb_put(old.skb, le16_to_cpu(desc->length));
		dev_sw_netstats_rx_add(netdev, old.skb->len);
		old.skb->protocol = eth_type_trans(old.skb, netdev);
		napi_gro_receive(&ek->napi, old.skb);
	}
	desc->address = cpu_to_le64(ek->rx.buffers[i].dma);
	desc->status = 0;
}

static int ek_clean_rx(struct ek_adapter *ek, int budget)
{
	struct ek_ring *ring = &ek->rx;
	unsigned int i = ring->next_to_clean;
	int done;

	for (done = 0; done < budget; done++) {
		if (!(READ_ONCE(ring->rx[i].status) & EK_RXD_DONE))
			break;
		dma_rmb();	/* the rest of it was written before */
		ek_receive(ek, i);
		i = ek_next(i);
	}
	if (done) {
		ring->next_to_clean = i;
		/* The card gets back all but the one before its head. */
		ek_write(ek, EK_RDT, (i - 1) % EK_RING_SIZE);
	}
	return done;
}

static int ek_poll(struct napi_struct *napi, int budget)
{
	struct ek_adapter *ek = container_of(napi, struct ek_adapter, napi);
	int done;

	ek_clean_tx(ek, budget);
	done = ek_clean_rx(ek, budget);
	if (done < budget && napi_complete_done(napi, done))
		ek_irq_enable(ek);
	return done;
}

/* The line may be another card's, too: then there is no cause for us. */
static irqreturn_t ek_interrupt(int irq, void *data)
{
	struct ek_adapter *ek = data;
	u32 causes = ek_read(ek, EK_ICR);

	if (!(causes & EK_INT_OURS))
		return IRQ_NONE;
	if (causes & EK_INT_LSC)
		mod_timer(&ek->watchdog, jiffies);
	if (napi_schedule_prep(&ek->napi)) {
		ek_irq_disable(ek);
		__napi_schedule(&ek->napi);
	}
	return IRQ_HANDLED;
}

/* Looks after the link and the card's own count of lost frames. */
static void ek_watchdog(struct timer_list *timer)
{
	struct ek_adapter *ek = from_timer(ek, timer, watchdog);
	struct net_device *netdev = ek->netdev;
	bool up = ek_read(ek, EK_STATUS) & EK_STATUS_LU;

	if (up != netif_carrier_ok(netdev)) {
		netdev_info(netdev, "link is %s\n", up ? "up" : "down");
		if (up)
			netif_carrier_on(netdev);
		else
			netif_carrier_off(netdev);
	}
	DEV_STATS_ADD(netdev, rx_missed_errors, ek_read(ek, EK_MPC));
	mod_timer(&ek->watchdog, jiffies + EK_WATCH);
}

/* ---- the network device ------------------------------------------------ */

/* The interface goes up. */
static int ek_open(struct net_device *netdev)
{
	struct ek_adapter *ek = netdev_priv(netdev);
	int ret;

	ret = ek_alloc_ring(ek, &ek->tx);
	if (ret)
		return ret;
	ret = ek_alloc_ring(ek, &ek->rx);
	if (ret)
		goto free_tx;
	ret = ek_fill_rx(ek);
	if (ret)
		goto free_rx;
	ret = request_irq(ek->pdev->irq, ek_interrupt, IRQF_SHARED,
			  netdev->name, ek);
	if (ret)
		goto clean_rings;

	napi_enable(&ek->napi);
	ek_start(ek);
	netif_start_queue(netdev);
	mod_timer(&ek->watchdog, jiffies);
	return 0;

clean_rings:
	ek_clean_rings(ek);
free_rx:
	ek_free_ring(ek, &ek->rx);
free_tx:
	ek_free_ring(ek, &ek->tx);
	return ret;
}

/* The interface goes down: undoes what ek_open() did. */
static int ek_stop(struct net_device *netdev)
{
	/*
	 * TODO: Undo all that ek_open() did, so that it can be called
	 * again. Frames may be coming and going while you do it: first make
	 * sure that nobody works on the rings any more, neither the stack, nor
	 * NAPI, nor the interrupt, nor the timer, nor the card. Then free them.
	 */
	return 0;
}

static int ek_set_mac_address(struct net_device *netdev, void *address)
{
	int ret;

	ret = eth_mac_addr(netdev, address);
	if (ret)
		return ret;
	ek_write_address(netdev_priv(netdev));
	return 0;
}

static const struct net_device_ops ek_netdev_ops = {
	.ndo_open = ek_open,
	.ndo_stop = ek_stop,
	.ndo_start_xmit = ek_start_xmit,
	.ndo_set_rx_mode = ek_set_rx_mode,
	.ndo_set_mac_address = ek_set_mac_address,
	.ndo_validate_addr = eth_validate_addr,
};

static const struct ethtool_ops ek_ethtool_ops = {
	.get_link = ethtool_op_get_link,
};

/* ---- the PCI device ---------------------------------------------------- */

/* A card was found. */
static int ek_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct net_device *netdev;
	struct ek_adapter *ek;
	u8 address[ETH_ALEN];
	int ret;

	ret = pci_enable_device(pdev);
	if (ret)
		return ret;
	ret = pci_request_region(pdev, EK_BAR, KBUILD_MODNAME);
	if (ret)
		goto disable_device;
	ret = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(32));
	if (ret)
		goto release_region;
	pci_set_master(pdev);

	netdev = alloc_etherdev(sizeof(*ek));
	if (!netdev) {
		ret = -ENOMEM;
		goto release_region;
	}
	SET_NETDEV_DEV(netdev, &pdev->dev);
	pci_set_drvdata(pdev, netdev);
	ek = netdev_priv(netdev);
	ek->netdev = netdev;
	ek->pdev = pdev;
	timer_setup(&ek->watchdog, ek_watchdog, 0);

	ek->regs = pci_ioremap_bar(pdev, EK_BAR);
	if (!ek->regs) {
		ret = -ENOMEM;
		goto free_netdev;
	}
	ek_reset(ek);
	ret = ek_read_address(ek, address);
	if (ret) {
		dev_err(&pdev->dev, "the EEPROM cannot be read\n");
		goto unmap;
	}
	eth_hw_addr_set(netdev, address);

	netdev->netdev_ops = &ek_netdev_ops;
	netdev->ethtool_ops = &ek_ethtool_ops;
	netdev->pcpu_stat_type = NETDEV_PCPU_STAT_TSTATS;
	netif_napi_add(netdev, &ek->napi, ek_poll);
	netif_carrier_off(netdev);
	ret = register_netdev(netdev);
	if (ret)
		goto delete_napi;
	netdev_info(netdev, "82540EM, %pM\n", netdev->dev_addr);
	return 0;

	/*
	 * TODO: Each step above that may fail jumps here, to the label
	 * that undoes what was done before it. The labels are there: undo at
	 * each what its name says. The one below it undoes the step before.
	 */
delete_napi:
unmap:
free_netdev:
release_region:
disable_device:
	return ret;
}

/* The card or the driver goes away: undoes what ek_probe() did. */
static void ek_remove(struct pci_dev *pdev)
{
	/*
	 * TODO: Undo all that ek_probe() did, last first. The network
	 * stack must let go of the device before anything under it goes.
	 */
}

static const struct pci_device_id ek_ids[] = {
	{ PCI_VDEVICE(INTEL, 0x100e) },		/* 82540EM, copper */
	{ }
};
MODULE_DEVICE_TABLE(pci, ek_ids);

static struct pci_driver ek_driver = {
	.name = KBUILD_MODNAME,
	.id_table = ek_ids,
	.probe = ek_probe,
	.remove = ek_remove,
};

module_pci_driver(ek_driver);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Intel 82540EM network driver");
MODULE_AUTHOR("The Klass authors");
