/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The picture that the virtual camera shows: a figure that moves over a
 * textured ground. All of it follows from a seed and a sequence number, so
 * that who knows the two knows where each joint is.
 *
 * The same source is compiled in the kernel and in user space. It has integers
 * only, allocates nothing, sleeps nowhere and calls nothing outside.
 */
#ifndef VCAM_FIGURE_H
#define VCAM_FIGURE_H

#include <linux/types.h>

/* The joints in MoveNet's order; left and right are the figure's own, and it faces us. */
enum vcam_joint_name {
	VCAM_NOSE,
	VCAM_LEFT_EYE,
	VCAM_RIGHT_EYE,
	VCAM_LEFT_EAR,
	VCAM_RIGHT_EAR,
	VCAM_LEFT_SHOULDER,
	VCAM_RIGHT_SHOULDER,
	VCAM_LEFT_ELBOW,
	VCAM_RIGHT_ELBOW,
	VCAM_LEFT_WRIST,
	VCAM_RIGHT_WRIST,
	VCAM_LEFT_HIP,
	VCAM_RIGHT_HIP,
	VCAM_LEFT_KNEE,
	VCAM_RIGHT_KNEE,
	VCAM_LEFT_ANKLE,
	VCAM_RIGHT_ANKLE,
	VCAM_JOINTS
};

/* A place in the picture: 1/65536 of its width from the left, of its height from the top. */
struct vcam_joint {
	__u32 x;
	__u32 y;
};

/* A colour as YUYV has it: ITU-R BT.601, luma 16..235, chroma around 128. */
struct vcam_colour {
	__u8 y;
	__u8 u;
	__u8 v;
};

/* The colour of each joint's marker, which nothing else in the picture has. */
extern const struct vcam_colour vcam_palette[VCAM_JOINTS];

/*
 * Where the joints are in frame @sequence of the stream @seed. No joint is
 * nearer to an edge than a twentieth of the picture, and none moves by more
 * than a fortieth of it from one frame to the next; that also holds where the
 * sequence number wraps.
 */
void vcam_joints(__u32 seed, __u32 sequence, struct vcam_joint joints[VCAM_JOINTS]);

/*
 * Pictures are YUYV without gaps: @width (even) by @height pixels in
 * @width * @height * 2 bytes. They are made for 160x120 to 1280x720 and for
 * shapes between 4:3 and 16:9, in which no two markers touch. Whatever the
 * size, nothing is written outside of it.
 */

/* The ground of the stream, all of the picture. It is the same in each frame: once is enough. */
void vcam_draw_ground(__u8 *yuyv, __u32 width, __u32 height, __u32 seed);

/* The figure, over a copy of the ground: of 320x180 it touches some 2,500 pixels. */
void vcam_draw_figure(__u8 *yuyv, __u32 width, __u32 height, __u32 seed, __u32 sequence);

#endif /* VCAM_FIGURE_H */
