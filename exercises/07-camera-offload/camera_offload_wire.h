/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * What goes over the connection between a camera's sender and a pose server:
 * frames one way, key points the other.
 *
 * The sender writes any number of frames, each a struct camera_offload_frame
 * and right after it the pixels. The server writes an answer for each frame
 * that it has looked at, a struct camera_offload_answer and right after it
 * CAMERA_OFFLOAD_KEYPOINTS of struct camera_offload_keypoint.
 *
 * - All numbers are little endian, and no structure has padding.
 * - An answer has the sequence number and the time of its frame. That is how
 *   the sender knows which frame it is of: answers come in the order in which
 *   they are ready, and a server that cannot keep up leaves frames out.
 * - There is no other message, and no error to read: a side that does not
 *   understand the other closes the connection.
 * - A sender that has no more frames shuts down its direction (shutdown(2),
 *   SHUT_WR), reads the answers that are still to come, and closes.
 *
 * A later version may append fields to a header. It then has the same version
 * number, and header_bytes says where the payload begins: a reader passes over
 * what it does not know. A change that a reader has to understand gets another
 * version number.
 */
#ifndef CAMERA_OFFLOAD_WIRE_H
#define CAMERA_OFFLOAD_WIRE_H

#include <linux/types.h>

/* The first four bytes of a frame, "KCOF", and of an answer, "KCOA". */
#define CAMERA_OFFLOAD_FRAME_MAGIC	0x464f434bU
#define CAMERA_OFFLOAD_ANSWER_MAGIC	0x414f434bU

#define CAMERA_OFFLOAD_VERSION		1

/* Pixel formats, with V4L2's numbers (linux/videodev2.h): what is not here is refused. */
#define CAMERA_OFFLOAD_YUYV		0x56595559U	/* "YUYV", 2 bytes a pixel, even widths */
#define CAMERA_OFFLOAD_BGR24		0x33524742U	/* "BGR3", 3 bytes a pixel */

/* Limits. Each side closes the connection when the other goes beyond one. */
#define CAMERA_OFFLOAD_MAX_HEADER_BYTES	256
#define CAMERA_OFFLOAD_MIN_SIDE		16
#define CAMERA_OFFLOAD_MAX_WIDTH	1920
#define CAMERA_OFFLOAD_MAX_HEIGHT	1080
#define CAMERA_OFFLOAD_MAX_PAYLOAD_BYTES \
	(CAMERA_OFFLOAD_MAX_WIDTH * CAMERA_OFFLOAD_MAX_HEIGHT * 3)

#define CAMERA_OFFLOAD_KEYPOINTS	17
#define CAMERA_OFFLOAD_ANSWER_PAYLOAD_BYTES \
	(CAMERA_OFFLOAD_KEYPOINTS * 12)			/* 204 */

/**
 * struct camera_offload_frame - what stands before the pixels of a frame
 * @magic: CAMERA_OFFLOAD_FRAME_MAGIC
 * @version: CAMERA_OFFLOAD_VERSION
 * @header_bytes: from @magic to the first pixel: 32 today, never less
 * @sequence: of the camera's buffer (struct v4l2_buffer)
 * @width: pixels in a row, CAMERA_OFFLOAD_MIN_SIDE to CAMERA_OFFLOAD_MAX_WIDTH
 * @height: rows, CAMERA_OFFLOAD_MIN_SIDE to CAMERA_OFFLOAD_MAX_HEIGHT
 * @pixel_format: one of the formats above
 * @payload_bytes: of the pixels: @width * @height times the bytes a pixel
 *	takes, no more and no less; rows have no gap between them
 * @timestamp_ns: when the camera took the frame, by the sender's CLOCK_MONOTONIC;
 *	the server only copies it into the answer
 */
struct camera_offload_frame {
	__le32 magic;
	__le16 version;
	__le16 header_bytes;
	__le32 sequence;
	__le16 width;
	__le16 height;
	__le32 pixel_format;
	__le32 payload_bytes;
	__le64 timestamp_ns;
};

/**
 * struct camera_offload_answer - what stands before the key points of a frame
 * @magic: CAMERA_OFFLOAD_ANSWER_MAGIC
 * @version: CAMERA_OFFLOAD_VERSION
 * @header_bytes: from @magic to the first key point: 24 today, never less
 * @sequence: of the frame
 * @payload_bytes: CAMERA_OFFLOAD_ANSWER_PAYLOAD_BYTES
 * @timestamp_ns: of the frame
 */
struct camera_offload_answer {
	__le32 magic;
	__le16 version;
	__le16 header_bytes;
	__le32 sequence;
	__le32 payload_bytes;
	__le64 timestamp_ns;
};

/**
 * struct camera_offload_keypoint - one joint, in MoveNet's order: nose, left
 *	and right eye, ear, shoulder, elbow, wrist, hip, knee, ankle
 * @y: from the top, as a fraction of the frame's height
 * @x: from the left, as a fraction of the frame's width
 * @score: 0 to 1: how sure the network is
 *
 * Each is the bits of a binary32 of IEEE 754: a kernel passes them on, and has
 * no need to calculate with them.
 */
struct camera_offload_keypoint {
	__le32 y;
	__le32 x;
	__le32 score;
};

#endif /* CAMERA_OFFLOAD_WIRE_H */
