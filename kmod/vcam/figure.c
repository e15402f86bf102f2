// SPDX-License-Identifier: GPL-2.0-only
/*
 * The picture that the virtual camera shows; see figure.h.
 */
#include "figure.h"

/*
 * Every channel of RGB is off, half or full in these, and none is grey: so any
 * two are 127 or more apart, and all are far from the ground, from the limbs,
 * and from what an edge between a marker and either of those blurs into. The
 * script that makes the course's network reads this table, so a line keeps
 * its form.
 */
const struct vcam_colour vcam_palette[VCAM_JOINTS] = {
	[VCAM_NOSE] = { 81, 90, 240 },
	[VCAM_LEFT_EYE] = { 145, 54, 34 },
	[VCAM_RIGHT_EYE] = { 41, 240, 110 },
	[VCAM_LEFT_EAR] = { 210, 16, 146 },
	[VCAM_RIGHT_EAR] = { 170, 166, 16 },
	[VCAM_LEFT_SHOULDER] = { 106, 202, 222 },
	[VCAM_RIGHT_SHOULDER] = { 146, 53, 193 },
	[VCAM_LEFT_ELBOW] = { 177, 35, 90 },
	[VCAM_RIGHT_ELBOW] = { 157, 110, 25 },
	[VCAM_LEFT_WRIST] = { 105, 203, 63 },
	[VCAM_RIGHT_WRIST] = { 74, 221, 166 },
	[VCAM_LEFT_HIP] = { 94, 146, 231 },
	[VCAM_RIGHT_HIP] = { 49, 109, 184 },
	[VCAM_LEFT_KNEE] = { 81, 91, 81 },
	[VCAM_RIGHT_KNEE] = { 29, 184, 119 },
	[VCAM_LEFT_ANKLE] = { 61, 165, 175 },
	[VCAM_RIGHT_ANKLE] = { 93, 147, 72 },
};

static const struct vcam_colour limb_colour = { 235, 128, 128 };

#define BONES 16

static const __u8 bones[BONES][2] = {
	{ VCAM_NOSE, VCAM_LEFT_EYE },
	{ VCAM_NOSE, VCAM_RIGHT_EYE },
	{ VCAM_LEFT_EYE, VCAM_LEFT_EAR },
	{ VCAM_RIGHT_EYE, VCAM_RIGHT_EAR },
	{ VCAM_LEFT_SHOULDER, VCAM_RIGHT_SHOULDER },
	{ VCAM_LEFT_SHOULDER, VCAM_LEFT_ELBOW },
	{ VCAM_RIGHT_SHOULDER, VCAM_RIGHT_ELBOW },
	{ VCAM_LEFT_ELBOW, VCAM_LEFT_WRIST },
	{ VCAM_RIGHT_ELBOW, VCAM_RIGHT_WRIST },
	{ VCAM_LEFT_SHOULDER, VCAM_LEFT_HIP },
	{ VCAM_RIGHT_SHOULDER, VCAM_RIGHT_HIP },
	{ VCAM_LEFT_HIP, VCAM_RIGHT_HIP },
	{ VCAM_LEFT_HIP, VCAM_LEFT_KNEE },
	{ VCAM_RIGHT_HIP, VCAM_RIGHT_KNEE },
	{ VCAM_LEFT_KNEE, VCAM_LEFT_ANKLE },
	{ VCAM_RIGHT_KNEE, VCAM_RIGHT_ANKLE },
};

/* --- chance */

/* Each bit of the answer hangs on each bit of @value. */
static __u32 mix(__u32 value)
{
	value ^= value >> 16;
	value *= 0x7feb352dU;
	value ^= value >> 15;
	value *= 0x846ca68bU;
	value ^= value >> 16;
	return value;
}

static __u32 random_of(__u32 seed, __u32 what)
{
	return mix(mix(seed + 0x9e3779b9U) ^ what);
}

/* --- the figure's movement */

/*
 * The figure is designed on a sheet of 192 by 108 units, the smallest picture
 * of 16:9 that the network sees; lengths here are in 1/256 of a unit. Angles
 * are in 1/65536 of a turn, from straight down, outward positive.
 */
#define SHEET(units) ((units) * 256)
#define DEGREES(angle) ((angle) * 65536 / 360)
#define ONE 32768

struct point {
	__s32 x;
	__s32 y;
};

/* What chooses among the features of a stream, and among its movements. */
enum feature {
	PLACE,
	UPPER_ARM,
	FOREARM,
	THIGH,
	SHIN,
	TINT_BLUE,
	TINT_RED,
	GRAIN,
	LATTICE,
	SWAY,
	BOB,
	SHAKE,
	NOD,
	MOVES_OF_LEFT = 32,
	MOVES_OF_RIGHT = 64,
};

enum move {
	LIFT,
	BEND,
	STRIDE,
	KICK,
};

/* The sine of an angle times ONE, to 0.2 %: a parabola, and the correction of one. */
static __s32 sine(__u32 angle)
{
	__s32 x = (__s16)angle;
	__s32 y = x * (ONE - (x < 0 ? -x : x)) / 8192;

	return y + (y * (y < 0 ? -y : y) / ONE - y) * 225 / 1000;
}

/* A length or angle of the stream's own, at least @low and below @high. */
static __s32 chosen(__u32 seed, __u32 what, __s32 low, __s32 high)
{
	return low + (__s32)(random_of(seed, what) % (__u32)(high - low));
}

/*
 * One that swings between @low and @high, which are less than half a turn
 * apart: once in 120 to 240 frames, four to eight seconds.
 */
static __s32 swinging(__u32 seed, __u32 sequence, __u32 what, __s32 low, __s32 high)
{
	__u32 random = random_of(seed, what);
	__u32 a_frame = 273 + (random >> 16) % 273;

	return low + (high - low) * (sine(random + sequence * a_frame) + ONE) / (2 * ONE);
}

/* The end of a limb; @side is 1 where outward is to the right of the picture, else -1. */
static struct point limb_end(struct point from, __s32 length, __s32 angle, __s32 side)
{
	from.x += side * (length * sine((__u32)angle) / ONE);
	from.y += length * sine((__u32)angle + DEGREES(90)) / ONE;
	return from;
}

static void put_joint(struct vcam_joint *joint, __s32 x, __s32 y)
{
	joint->x = (__u32)(x * 4 / 3);
	joint->y = (__u32)(y * 64 / 27);
}

/*
 * An arm and a leg, from @centre: the middle of the figure at its highest. Each
 * limb keeps to its side and points outward, so that no marker hides another.
 */
static void put_side(__u32 seed, __u32 sequence, struct point centre, __s32 side,
		     struct vcam_joint joints[VCAM_JOINTS])
{
	__u32 moves = side > 0 ? MOVES_OF_LEFT : MOVES_OF_RIGHT;
	/* The joints of the right stand each after that of the left. */
	struct vcam_joint *own = joints + (side > 0 ? 0 : 1);
	struct point at = { centre.x + side * SHEET(16), centre.y + SHEET(36) };
	__s32 lift = swinging(seed, sequence, moves + LIFT, DEGREES(25), DEGREES(120));
	__s32 bend = swinging(seed, sequence, moves + BEND, DEGREES(-15), DEGREES(30));
	__s32 stride = swinging(seed, sequence, moves + STRIDE, DEGREES(2), DEGREES(22));
	__s32 kick = swinging(seed, sequence, moves + KICK, DEGREES(-4), DEGREES(15));

	put_joint(&own[VCAM_LEFT_SHOULDER], at.x, at.y);
	at = limb_end(at, chosen(seed, UPPER_ARM, SHEET(18), SHEET(20)), lift, side);
	put_joint(&own[VCAM_LEFT_ELBOW], at.x, at.y);
	at = limb_end(at, chosen(seed, FOREARM, SHEET(16), SHEET(18)), lift + bend, side);
	put_joint(&own[VCAM_LEFT_WRIST], at.x, at.y);

	at.x = centre.x + side * SHEET(9);
	at.y = centre.y + SHEET(62);
	put_joint(&own[VCAM_LEFT_HIP], at.x, at.y);
	at = limb_end(at, chosen(seed, THIGH, SHEET(15), SHEET(17)), stride, side);
	put_joint(&own[VCAM_LEFT_KNEE], at.x, at.y);
	at = limb_end(at, chosen(seed, SHIN, SHEET(14), SHEET(16)), kick, side);
	put_joint(&own[VCAM_LEFT_ANKLE], at.x, at.y);
}

void vcam_joints(__u32 seed, __u32 sequence, struct vcam_joint joints[VCAM_JOINTS])
{
	struct point body;
	struct point head;

	body.x = chosen(seed, PLACE, SHEET(78), SHEET(114)) +
		 swinging(seed, sequence, SWAY, SHEET(-6), SHEET(6));
	body.y = swinging(seed, sequence, BOB, 0, SHEET(3));
	head.x = body.x + swinging(seed, sequence, SHAKE, SHEET(-2), SHEET(2));
	head.y = body.y + swinging(seed, sequence, NOD, 0, SHEET(2));

	put_joint(&joints[VCAM_NOSE], head.x, head.y + SHEET(20));
	put_joint(&joints[VCAM_LEFT_EYE], head.x + SHEET(7), head.y + SHEET(14));
	put_joint(&joints[VCAM_RIGHT_EYE], head.x - SHEET(7), head.y + SHEET(14));
	put_joint(&joints[VCAM_LEFT_EAR], head.x + SHEET(14), head.y + SHEET(18));
	put_joint(&joints[VCAM_RIGHT_EAR], head.x - SHEET(14), head.y + SHEET(18));
	put_side(seed, sequence, body, 1, joints);
	put_side(seed, sequence, body, -1, joints);
}

/* --- drawing */

/*
 * Two neighbours in a row share their chroma in YUYV. So all is drawn in whole
 * pairs, and a marker has its colour up to its edge. Places are in 1/16 pixel.
 */
struct picture {
	__u8 *yuyv;
	__s32 pairs;
	__s32 rows;
};

static struct picture picture_of(__u8 *yuyv, __u32 width, __u32 height)
{
	struct picture picture = { yuyv, (__s32)(width / 2), (__s32)height };

	return picture;
}

/* The pairs of a row whose middles lie between @left and @right. */
static void draw_span(const struct picture *picture, __s32 row, __s32 left, __s32 right,
		      const struct vcam_colour *colour)
{
	/* The middle of pair n is at 32 n + 16. */
	__s32 first = left > 16 ? (left + 15) / 32 : 0;
	__s32 end = right < 16 ? 0 : (right + 16) / 32;
	__u8 *pair;

	if (row < 0 || row >= picture->rows)
		return;
	if (end > picture->pairs)
		end = picture->pairs;
	for (pair = picture->yuyv + (row * picture->pairs + first) * 4; first < end; first++) {
		*pair++ = colour->y;
		*pair++ = colour->u;
		*pair++ = colour->y;
		*pair++ = colour->v;
	}
}

static void draw_disc(const struct picture *picture, struct point centre, __s32 radius,
		      const struct vcam_colour *colour)
{
	__s32 row = (centre.y - radius) / 16;
	__s32 last = (centre.y + radius) / 16;
	__s32 half = 0;

	for (; row <= last; row++) {
		__s32 down = row * 16 + 8 - centre.y;
		__s32 rest = radius * radius - down * down;

		if (rest < 0)
			continue;
		/* From row to row the width changes little: no root is needed. */
		while (half * half > rest)
			half--;
		while ((half + 1) * (half + 1) <= rest)
			half++;
		draw_span(picture, row, centre.x - half, centre.x + half, colour);
	}
}

/* A line, @thickness high where it is rather flat, and so wide where it is rather steep. */
static void draw_line(const struct picture *picture, struct point from, struct point to,
		      __s32 thickness, const struct vcam_colour *colour)
{
	struct point top = from.y < to.y ? from : to;
	struct point foot = from.y < to.y ? to : from;
	__s32 across = foot.x - top.x;
	__s32 down = foot.y - top.y;
	__s32 far = across < 0 ? -across : across;
	__s32 at;

	/* A row at a time, or a pair. */
	for (at = 0; down >= far && at <= down; at += 16) {
		__s32 x = top.x + (down ? across * at / down : 0);

		draw_span(picture, (top.y + at) / 16, x - thickness / 2, x + thickness / 2, colour);
	}
	for (at = 0; down < far && at <= far; at += 32) {
		__s32 x = (top.x + (across < 0 ? -at : at)) / 32 * 32 + 16;
		__s32 y = top.y + down * at / far - thickness / 2;
		__s32 row;

		for (row = y / 16; row < (y + thickness) / 16; row++)
			draw_span(picture, row, x, x, colour);
	}
}

void vcam_draw_figure(__u8 *yuyv, __u32 width, __u32 height, __u32 seed, __u32 sequence)
{
	struct picture picture = picture_of(yuyv, width, height);
	struct vcam_joint joints[VCAM_JOINTS];
	struct point places[VCAM_JOINTS];
	/* A 64th of the longer side: the same for a network that scales this side to its own. */
	__s32 radius = (__s32)(width > height ? width : height) / 4;
	/* A pair at least, or a steep line would have holes. */
	__s32 thickness = radius > 48 ? radius * 2 / 3 : 32;
	__u32 i;

	vcam_joints(seed, sequence, joints);
	for (i = 0; i < VCAM_JOINTS; i++) {
		places[i].x = (__s32)(joints[i].x * width / 4096);
		places[i].y = (__s32)(joints[i].y * height / 4096);
	}
	for (i = 0; i < BONES; i++)
		draw_line(&picture, places[bones[i][0]], places[bones[i][1]], thickness,
			  &limb_colour);
	for (i = 0; i < VCAM_JOINTS; i++)
		draw_disc(&picture, places[i], radius, &vcam_palette[i]);
}

/* --- the ground */

/* The height of the ground at a corner of its lattice, below 16384. */
static __s32 corner(__u32 seed, __u32 column, __u32 row)
{
	return (__s32)(random_of(seed, LATTICE + column * 0x10000 + row * 0x100) % 16384);
}

/*
 * Soft hills of luma, by a lattice of random heights and straight lines between
 * them, with a grain on top; all in one tint, which is nearly grey.
 */
void vcam_draw_ground(__u8 *yuyv, __u32 width, __u32 height, __u32 seed)
{
	__u8 tint[2] = { (__u8)chosen(seed, TINT_BLUE, 120, 137),
			 (__u8)chosen(seed, TINT_RED, 120, 137) };
	__s32 cell = (__s32)(width > height ? width : height) / 16 + 1;
	__u32 grain = random_of(seed, GRAIN);
	__u32 x, y;

	for (y = 0; y < height; y++) {
		__u32 row = y / (__u32)cell;
		__s32 down = (__s32)(y % (__u32)cell);
		__s32 left = 0;
		__s32 right = 0;
		__s32 across = 0;
		__u32 column = 0;

		for (x = 0; x < width / 2 * 2; x++) {
			if (across == 0) {
				left = (corner(seed, column, row) * (cell - down) +
					corner(seed, column, row + 1) * down) / cell;
				column++;
				right = (corner(seed, column, row) * (cell - down) +
					 corner(seed, column, row + 1) * down) / cell;
			}
			grain = grain * 1664525U + 1013904223U;
			*yuyv++ = (__u8)(96 + (left + (right - left) * across / cell) / 256 +
					 (__s32)(grain >> 29));
			*yuyv++ = tint[x % 2];
			across = across + 1 < cell ? across + 1 : 0;
		}
	}
}
