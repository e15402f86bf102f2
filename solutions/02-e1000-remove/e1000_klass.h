/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the Intel 82540EM looks like to its driver: registers, bits, and the
 * descriptors that card and driver hand each other in memory.
 *
 * Reference: Intel, "PCI/PCI-X Family of Gigabit Ethernet Controllers Software
 * Developer's Manual", 317453, chapters 3 (descriptors) and 13 (registers).
 */
#ifndef _E1000_KLASS_H
#define _E1000_KLASS_H

#include <linux/bits.h>
#include <linux/types.h>

/* Registers: where in BAR 0. */
#define EK_CTRL		0x0000	/* device control */
#define EK_STATUS	0x0008	/* device status */
#define EK_EERD		0x0014	/* EEPROM read */
#define EK_ICR		0x00c0	/* interrupt causes; reading clears them */
#define EK_ITR		0x00c4	/* least time between two of them, in 256 ns */
#define EK_IMS		0x00d0	/* lets causes interrupt */
#define EK_IMC		0x00d8	/* stops causes from interrupting */
#define EK_RCTL		0x0100	/* receive control */
#define EK_TCTL		0x0400	/* transmit control */
#define EK_TIPG		0x0410	/* gap between two frames */
#define EK_RDBAL	0x2800	/* receive ring: address, low half */
#define EK_RDBAH	0x2804	/* its high half */
#define EK_RDLEN	0x2808	/* its bytes */
#define EK_RDH		0x2810	/* head: what the card fills next */
#define EK_RDT		0x2818	/* tail: the first that the card must not fill */
#define EK_TDBAL	0x3800	/* transmit ring, likewise */
#define EK_TDBAH	0x3804
#define EK_TDLEN	0x3808
#define EK_TDH		0x3810
#define EK_TDT		0x3818
#define EK_MPC		0x4010	/* frames missed for want of room; reading clears it */
#define EK_MTA		0x5200	/* multicast table: 128 registers */
#define EK_MTA_COUNT	128
#define EK_RAL		0x5400	/* our address: bytes 0 to 3 */
#define EK_RAH		0x5404	/* bytes 4 and 5, and whether it is in use */

#define EK_CTRL_ASDE	BIT(5)	/* take the speed that the PHY found */
#define EK_CTRL_SLU	BIT(6)	/* link up */
#define EK_CTRL_RST	BIT(26)	/* reset; falls by itself */
#define EK_STATUS_LU	BIT(1)	/* the link is up */

#define EK_EERD_START	BIT(0)
#define EK_EERD_DONE	BIT(4)
#define EK_EERD_ADDR	8	/* shift of the word's number */
#define EK_EERD_DATA	16	/* shift of its value */
#define EK_EEPROM_WORDS	64
#define EK_EEPROM_SUM	0xbaba	/* of all its words */

#define EK_INT_TXDW	BIT(0)	/* descriptors were sent */
#define EK_INT_LSC	BIT(2)	/* the link changed */
#define EK_INT_RXDMT0	BIT(4)	/* few free receive descriptors are left */
#define EK_INT_RXO	BIT(6)	/* none was left */
#define EK_INT_RXT0	BIT(7)	/* frames were received */
#define EK_INT_OURS	(EK_INT_TXDW | EK_INT_LSC | EK_INT_RXDMT0 | \
			 EK_INT_RXO | EK_INT_RXT0)

#define EK_RCTL_EN	BIT(1)	/* receive */
#define EK_RCTL_UPE	BIT(3)	/* frames for any address */
#define EK_RCTL_MPE	BIT(4)	/* and for any group */
#define EK_RCTL_BAM	BIT(15)	/* and broadcasts; buffers have 2,048 bytes */
#define EK_RCTL_SECRC	BIT(26)	/* without the checksum at their ends */

#define EK_TCTL_EN	BIT(1)	/* transmit */
#define EK_TCTL_PSP	BIT(3)	/* pad short frames */
#define EK_TCTL_CT	(15 << 4)	/* tries after collisions */
#define EK_TCTL_COLD	(64 << 12)	/* how late one may be: full duplex */
#define EK_TIPG_COPPER	(10 | 8 << 10 | 6 << 20)

#define EK_ITR_20000	195	/* at most 20,000 interrupts a second */
#define EK_RAH_VALID	BIT(31)

/* One frame's buffer, given to the card to be filled. */
struct ek_rx_desc {
	__le64 address;
	__le16 length;
	__le16 checksum;
	u8 status;
	u8 errors;
	__le16 special;
};

#define EK_RXD_DONE	BIT(0)	/* of status: the card has filled it */
#define EK_RXD_EOP	BIT(1)	/* and this is all of the frame */

/* One frame, given to the card to be sent. */
struct ek_tx_desc {
	__le64 address;
	__le16 length;
	u8 checksum_offset;
	u8 command;
	u8 status;
	u8 checksum_start;
	__le16 special;
};

#define EK_TXD_EOP	BIT(0)	/* of command: this is all of the frame */
#define EK_TXD_FCS	BIT(1)	/* the card adds the checksum at the end */
#define EK_TXD_REPORT	BIT(3)	/* the card says when it is done */
#define EK_TXD_DONE	BIT(0)	/* of status: it is */

#endif /* _E1000_KLASS_H */
