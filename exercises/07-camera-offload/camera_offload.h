/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * /dev/camera_offload: a camera's frames go to a pose server and the key
 * points come back, without a program that carries them.
 *
 * A program opens the camera, sets its format, asks for buffers, queues them
 * and starts the stream; exports each buffer as a dma-buf (VIDIOC_EXPBUF); and
 * hands all of it over with CAMERA_OFFLOAD_START. From then on the kernel
 * dequeues the buffers, sends each frame to the server
 * (camera_offload_wire.h), and queues them again.
 *
 * - An open file serves one camera at a time. Closing it stops what it
 *   started, as CAMERA_OFFLOAD_STOP does; the camera itself streams on.
 * - read(2) gives one struct camera_offload_result: the newest that has not
 *   been read, by the frame's sequence number. It waits for one, or fails with
 *   EAGAIN where O_NONBLOCK is set. A shorter count than the structure is
 *   EINVAL. When the offload has ended, for whatever reason, and when there is
 *   none, it returns 0.
 * - poll(2) says EPOLLIN when a read would not wait, and EPOLLHUP besides when
 *   the offload has ended, or has not begun.
 * - While it goes on, nobody else queues or dequeues the camera's buffers.
 * - The offload ends by itself when the server closes the connection or sends
 *   what it must not, and when the camera stops or is unplugged.
 */
#ifndef CAMERA_OFFLOAD_H
#define CAMERA_OFFLOAD_H

#include <linux/ioctl.h>
#include <linux/types.h>

#include "camera_offload_wire.h"

#define CAMERA_OFFLOAD_MAX_BUFFERS	32

/**
 * struct camera_offload_start - a streaming camera, and where its frames go
 * @camera: descriptor of a V4L2 device that captures, and streams
 * @buffers: how many the program has asked for, 1 to CAMERA_OFFLOAD_MAX_BUFFERS
 * @dma_bufs: a descriptor for each, in the order of their V4L2 index
 * @pixel_format: of a frame, as camera_offload_wire.h has it
 * @width: of a frame, within the limits there
 * @height: likewise
 * @address: of the server: IPv4, in network byte order
 * @port: of the server: TCP, in network byte order
 * @reserved: 0
 */
struct camera_offload_start {
	__s32 camera;
	__u32 buffers;
	__s32 dma_bufs[CAMERA_OFFLOAD_MAX_BUFFERS];
	__u32 pixel_format;
	__u16 width;
	__u16 height;
	__be32 address;
	__be16 port;
	__u16 reserved;
};

/**
 * struct camera_offload_result - what the server says of one frame
 * @sequence: of the frame
 * @reserved: 0
 * @timestamp_ns: when the frame was taken, by the camera
 * @keypoints: as they came
 */
struct camera_offload_result {
	__u32 sequence;
	__u32 reserved;
	__u64 timestamp_ns;
	struct camera_offload_keypoint keypoints[CAMERA_OFFLOAD_KEYPOINTS];
};

/*
 * Connects to the server, and begins.
 *
 * EBADF: a descriptor is none. EINVAL: it is of another kind, a number is out
 * of its range, or the camera does not stream, or for somebody else. EBUSY: this file has begun
 * before, and not stopped. ECONNREFUSED, EHOSTUNREACH, ETIMEDOUT: no server
 * answers; after five seconds at the latest.
 */
#define CAMERA_OFFLOAD_START	_IOW('K', 1, struct camera_offload_start)

/* Ends it: the connection is closed when this returns. Nothing happens when there is none. */
#define CAMERA_OFFLOAD_STOP	_IO('K', 2)

#endif /* CAMERA_OFFLOAD_H */
