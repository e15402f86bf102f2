// SPDX-License-Identifier: GPL-2.0-only
/*
 * vcam: a camera without a lens. A V4L2 capture device whose every frame
 * follows from a seed and the frame's sequence number (figure.h), so that who
 * knows the two can compute each byte of it.
 *
 * A frame is due every interval, from one microsecond up. One for which no
 * buffer waits is lost, and its sequence number with it, as in any camera. When
 * the machine is too slow, frames come late, and none is lost for that.
 */
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <media/v4l2-common.h>
#include <media/v4l2-device.h>
#include <media/v4l2-ioctl.h>
#include <media/videobuf2-v4l2.h>
#include <media/videobuf2-vmalloc.h>

#include "figure.h"

static unsigned int seed;
module_param(seed, uint, 0644);
MODULE_PARM_DESC(seed, "of the next stream: what the ground looks like, and how the figure moves");

struct vcam_size {
	u32 width;
	u32 height;
};

static const struct vcam_size sizes[] = {
	{ 160, 120 }, { 320, 180 }, { 320, 240 }, { 640, 360 }, { 640, 480 }, { 1280, 720 },
};

static const struct v4l2_fract shortest_interval = { 1, 1000000 };
static const struct v4l2_fract usual_interval = { 1, 30 };
static const struct v4l2_fract longest_interval = { 1, 1 };

struct vcam_buffer {
	struct vb2_v4l2_buffer vb;
	struct list_head list;
};

struct vcam {
	struct v4l2_device v4l2_dev;	/* freed with its last user, and all of this with it */
	struct video_device video;
	struct vb2_queue queue;
	struct mutex lock;		/* of video and queue, and so of what is set up there: */
	const struct vcam_size *size;
	struct v4l2_fract interval;	/* seconds; nobody sets it while the camera runs */

	spinlock_t waiting_lock;	/* of waiting */
	struct list_head waiting;	/* buffers that are queued and have no picture yet */

	struct task_struct *thread;	/* takes the pictures while the camera runs; its own are: */
	u32 seed;
	u32 sequence;			/* of the frame that is due next */
	u8 *ground;			/* behind the figure, in each frame the same */
};

static u32 frame_bytes(const struct vcam_size *size)
{
	return size->width * size->height * 2;
}

/* --- taking pictures */

static struct vcam_buffer *take_waiting(struct vcam *cam)
{
	struct vcam_buffer *buffer;

	spin_lock(&cam->waiting_lock);
	buffer = list_first_entry_or_null(&cam->waiting, struct vcam_buffer, list);
	if (buffer)
		list_del(&buffer->list);
	spin_unlock(&cam->waiting_lock);
	return buffer;
}

static void take_picture(struct vcam *cam, struct vcam_buffer *buffer)
{
	struct vb2_buffer *vb = &buffer->vb.vb2_buf;
	u8 *pixels = vb2_plane_vaddr(vb, 0);

	memcpy(pixels, cam->ground, frame_bytes(cam->size));
	vcam_draw_figure(pixels, cam->size->width, cam->size->height, cam->seed,
			 cam->sequence);
	buffer->vb.sequence = cam->sequence;
	buffer->vb.field = V4L2_FIELD_NONE;
	vb->timestamp = ktime_get_ns();
	vb2_buffer_done(vb, VB2_BUF_STATE_DONE);
}

static int take_pictures(void *data)
{
	struct vcam *cam = data;
	const u64 interval = div_u64((u64)cam->interval.numerator * NSEC_PER_SEC,
				     cam->interval.denominator);
	ktime_t due = ktime_get();

	for (;;) {
		struct vcam_buffer *buffer;

		due = ktime_add_ns(due, interval);
		set_current_state(TASK_IDLE);
		if (kthread_should_stop())
			break;
		schedule_hrtimeout(&due, HRTIMER_MODE_ABS);
		/* A clock that jumped is no reason to hurry the next ones. */
		if (ktime_after(ktime_get(), ktime_add_ns(due, interval)))
			due = ktime_get();

		buffer = take_waiting(cam);
		if (buffer)
			take_picture(cam, buffer);
		cam->sequence++;
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

/* --- buffers */

static int vcam_queue_setup(struct vb2_queue *queue, unsigned int *buffers, unsigned int *planes,
			    unsigned int bytes[], struct device *alloc_devs[])
{
	const struct vcam *cam = vb2_get_drv_priv(queue);

	if (*planes)
		return bytes[0] < frame_bytes(cam->size) ? -EINVAL : 0;
	*planes = 1;
	bytes[0] = frame_bytes(cam->size);
	return 0;
}

static int vcam_buf_prepare(struct vb2_buffer *vb)
{
	const struct vcam *cam = vb2_get_drv_priv(vb->vb2_queue);

	if (vb2_plane_size(vb, 0) < frame_bytes(cam->size))
		return -EINVAL;
	vb2_set_plane_payload(vb, 0, frame_bytes(cam->size));
	return 0;
}

static void vcam_buf_queue(struct vb2_buffer *vb)
{
	struct vcam *cam = vb2_get_drv_priv(vb->vb2_queue);
	struct vcam_buffer *buffer = container_of(to_vb2_v4l2_buffer(vb), struct vcam_buffer, vb);

	spin_lock(&cam->waiting_lock);
	list_add_tail(&buffer->list, &cam->waiting);
	spin_unlock(&cam->waiting_lock);
}

/* Buffers that get no picture go back to their owner. */
static void give_back(struct vcam *cam, enum vb2_buffer_state state)
{
	struct vcam_buffer *buffer;

	while ((buffer = take_waiting(cam)))
		vb2_buffer_done(&buffer->vb.vb2_buf, state);
}

static int vcam_start_streaming(struct vb2_queue *queue, unsigned int count)
{
	struct vcam *cam = vb2_get_drv_priv(queue);
	int err = -ENOMEM;

	cam->ground = vmalloc(frame_bytes(cam->size));
	if (!cam->ground)
		goto err_give_back;
	cam->seed = READ_ONCE(seed);
	vcam_draw_ground(cam->ground, cam->size->width, cam->size->height, cam->seed);

	cam->sequence = 0;
	cam->thread = kthread_run(take_pictures, cam, "vcam");
	if (IS_ERR(cam->thread)) {
		err = PTR_ERR(cam->thread);
		goto err_free_ground;
	}
	return 0;

err_free_ground:
	cam->thread = NULL;
	vfree(cam->ground);
err_give_back:
	give_back(cam, VB2_BUF_STATE_QUEUED);
	return err;
}

static void vcam_stop_streaming(struct vb2_queue *queue)
{
	struct vcam *cam = vb2_get_drv_priv(queue);

	kthread_stop(cam->thread);
	cam->thread = NULL;
	vfree(cam->ground);
	give_back(cam, VB2_BUF_STATE_ERROR);
}

static const struct vb2_ops vcam_queue_ops = {
	.queue_setup = vcam_queue_setup,
	.buf_prepare = vcam_buf_prepare,
	.buf_queue = vcam_buf_queue,
	.start_streaming = vcam_start_streaming,
	.stop_streaming = vcam_stop_streaming,
	.wait_prepare = vb2_ops_wait_prepare,
	.wait_finish = vb2_ops_wait_finish,
};

/* --- ioctls */

static int vcam_querycap(struct file *file, void *fh, struct v4l2_capability *cap)
{
	strscpy(cap->driver, KBUILD_MODNAME, sizeof(cap->driver));
	strscpy(cap->card, "Klass virtual camera", sizeof(cap->card));
	return 0;
}

static int vcam_enum_input(struct file *file, void *fh, struct v4l2_input *input)
{
	if (input->index)
		return -EINVAL;
	input->type = V4L2_INPUT_TYPE_CAMERA;
	strscpy(input->name, "Camera", sizeof(input->name));
	return 0;
}

static int vcam_g_input(struct file *file, void *fh, unsigned int *index)
{
	*index = 0;
	return 0;
}

static int vcam_s_input(struct file *file, void *fh, unsigned int index)
{
	return index ? -EINVAL : 0;
}

static int vcam_enum_fmt(struct file *file, void *fh, struct v4l2_fmtdesc *desc)
{
	if (desc->index)
		return -EINVAL;
	desc->pixelformat = V4L2_PIX_FMT_YUYV;
	return 0;
}

static int vcam_enum_framesizes(struct file *file, void *fh, struct v4l2_frmsizeenum *frame)
{
	if (frame->index >= ARRAY_SIZE(sizes) || frame->pixel_format != V4L2_PIX_FMT_YUYV)
		return -EINVAL;
	frame->type = V4L2_FRMSIZE_TYPE_DISCRETE;
	frame->discrete.width = sizes[frame->index].width;
	frame->discrete.height = sizes[frame->index].height;
	return 0;
}

static const struct vcam_size *nearest_size(u32 width, u32 height)
{
	return v4l2_find_nearest_size(sizes, ARRAY_SIZE(sizes), width, height, width, height);
}

static int vcam_enum_frameintervals(struct file *file, void *fh, struct v4l2_frmivalenum *rate)
{
	const struct vcam_size *size = nearest_size(rate->width, rate->height);

	if (rate->index || rate->pixel_format != V4L2_PIX_FMT_YUYV ||
	    rate->width != size->width || rate->height != size->height)
		return -EINVAL;
	rate->type = V4L2_FRMIVAL_TYPE_CONTINUOUS;
	rate->stepwise.min = shortest_interval;
	rate->stepwise.max = longest_interval;
	rate->stepwise.step = (struct v4l2_fract){ 1, 1 };
	return 0;
}

static void describe(struct v4l2_pix_format *pix, const struct vcam_size *size)
{
	*pix = (struct v4l2_pix_format){
		.width = size->width,
		.height = size->height,
		.pixelformat = V4L2_PIX_FMT_YUYV,
		.field = V4L2_FIELD_NONE,
		.bytesperline = size->width * 2,
		.sizeimage = frame_bytes(size),
		.colorspace = V4L2_COLORSPACE_SMPTE170M,
	};
}

static int vcam_g_fmt(struct file *file, void *fh, struct v4l2_format *format)
{
	const struct vcam *cam = video_drvdata(file);

	describe(&format->fmt.pix, cam->size);
	return 0;
}

static int vcam_try_fmt(struct file *file, void *fh, struct v4l2_format *format)
{
	struct v4l2_pix_format *pix = &format->fmt.pix;

	describe(pix, nearest_size(pix->width, pix->height));
	return 0;
}

static int vcam_s_fmt(struct file *file, void *fh, struct v4l2_format *format)
{
	struct vcam *cam = video_drvdata(file);
	struct v4l2_pix_format *pix = &format->fmt.pix;

	if (vb2_is_busy(&cam->queue))
		return -EBUSY;
	cam->size = nearest_size(pix->width, pix->height);
	describe(pix, cam->size);
	return 0;
}

static int vcam_g_parm(struct file *file, void *fh, struct v4l2_streamparm *parm)
{
	const struct vcam *cam = video_drvdata(file);

	if (parm->type != V4L2_BUF_TYPE_VIDEO_CAPTURE)
		return -EINVAL;
	parm->parm.capture = (struct v4l2_captureparm){
		.capability = V4L2_CAP_TIMEPERFRAME,
		.timeperframe = cam->interval,
		.readbuffers = 1,
	};
	return 0;
}

static int vcam_s_parm(struct file *file, void *fh, struct v4l2_streamparm *parm)
{
	struct vcam *cam = video_drvdata(file);
	struct v4l2_fract asked = parm->parm.capture.timeperframe;

	if (parm->type != V4L2_BUF_TYPE_VIDEO_CAPTURE)
		return -EINVAL;
	if (vb2_is_streaming(&cam->queue))
		return -EBUSY;
	if (!asked.numerator || !asked.denominator)
		asked = usual_interval;
	if (V4L2_FRACT_COMPARE(asked, <, shortest_interval))
		asked = shortest_interval;
	if (V4L2_FRACT_COMPARE(asked, >, longest_interval))
		asked = longest_interval;
	cam->interval = asked;
	return vcam_g_parm(file, fh, parm);
}

static const struct v4l2_ioctl_ops vcam_ioctl_ops = {
	.vidioc_querycap = vcam_querycap,
	.vidioc_enum_input = vcam_enum_input,
	.vidioc_g_input = vcam_g_input,
	.vidioc_s_input = vcam_s_input,
	.vidioc_enum_fmt_vid_cap = vcam_enum_fmt,
	.vidioc_enum_framesizes = vcam_enum_framesizes,
	.vidioc_enum_frameintervals = vcam_enum_frameintervals,
	.vidioc_g_fmt_vid_cap = vcam_g_fmt,
	.vidioc_try_fmt_vid_cap = vcam_try_fmt,
	.vidioc_s_fmt_vid_cap = vcam_s_fmt,
	.vidioc_g_parm = vcam_g_parm,
	.vidioc_s_parm = vcam_s_parm,
	.vidioc_reqbufs = vb2_ioctl_reqbufs,
	.vidioc_prepare_buf = vb2_ioctl_prepare_buf,
	.vidioc_querybuf = vb2_ioctl_querybuf,
	.vidioc_qbuf = vb2_ioctl_qbuf,
	.vidioc_dqbuf = vb2_ioctl_dqbuf,
	.vidioc_expbuf = vb2_ioctl_expbuf,
	.vidioc_streamon = vb2_ioctl_streamon,
	.vidioc_streamoff = vb2_ioctl_streamoff,
};

static const struct v4l2_file_operations vcam_file_ops = {
	.owner = THIS_MODULE,
	.open = v4l2_fh_open,
	.release = vb2_fop_release,
	.unlocked_ioctl = video_ioctl2,
	.read = vb2_fop_read,
	.mmap = vb2_fop_mmap,
	.poll = vb2_fop_poll,
};

/* --- the device */

static void vcam_release(struct v4l2_device *v4l2_dev)
{
	struct vcam *cam = container_of(v4l2_dev, struct vcam, v4l2_dev);

	v4l2_device_unregister(&cam->v4l2_dev);
	kfree(cam);
}

static int vcam_probe(struct platform_device *pdev)
{
	struct vcam *cam;
	int err;

	cam = kzalloc(sizeof(*cam), GFP_KERNEL);
	if (!cam)
		return -ENOMEM;
	cam->size = &sizes[1];
	cam->interval = usual_interval;
	mutex_init(&cam->lock);
	spin_lock_init(&cam->waiting_lock);
	INIT_LIST_HEAD(&cam->waiting);

	err = v4l2_device_register(&pdev->dev, &cam->v4l2_dev);
	if (err)
		goto err_free;
	cam->v4l2_dev.release = vcam_release;

	cam->queue = (struct vb2_queue){
		.type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
		.io_modes = VB2_MMAP | VB2_USERPTR | VB2_DMABUF | VB2_READ,
		.drv_priv = cam,
		.buf_struct_size = sizeof(struct vcam_buffer),
		.ops = &vcam_queue_ops,
		.mem_ops = &vb2_vmalloc_memops,
		.timestamp_flags = V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC,
		.lock = &cam->lock,
		.dev = &pdev->dev,
	};
	err = vb2_queue_init(&cam->queue);
	if (err)
		goto err_unregister;

	cam->video = (struct video_device){
		.fops = &vcam_file_ops,
		.ioctl_ops = &vcam_ioctl_ops,
		.v4l2_dev = &cam->v4l2_dev,
		.queue = &cam->queue,
		.lock = &cam->lock,
		.device_caps = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING | V4L2_CAP_READWRITE,
		.release = video_device_release_empty,
	};
	strscpy(cam->video.name, KBUILD_MODNAME, sizeof(cam->video.name));
	video_set_drvdata(&cam->video, cam);
	err = video_register_device(&cam->video, VFL_TYPE_VIDEO, -1);
	if (err)
		goto err_unregister;

	platform_set_drvdata(pdev, cam);
	return 0;

err_unregister:
	v4l2_device_unregister(&cam->v4l2_dev);
err_free:
	kfree(cam);
	return err;
}

/* An unplugged camera: who streams gets ENODEV, and who closes last frees it. */
static void vcam_remove(struct platform_device *pdev)
{
	struct vcam *cam = platform_get_drvdata(pdev);

	vb2_video_unregister_device(&cam->video);
	v4l2_device_disconnect(&cam->v4l2_dev);
	v4l2_device_put(&cam->v4l2_dev);
}

static struct platform_driver vcam_driver = {
	.probe = vcam_probe,
	.remove = vcam_remove,
	.driver.name = KBUILD_MODNAME,
};

static struct platform_device *vcam_device;

static int __init vcam_init(void)
{
	int err;

	vcam_device = platform_device_register_simple(KBUILD_MODNAME, PLATFORM_DEVID_NONE, NULL, 0);
	if (IS_ERR(vcam_device))
		return PTR_ERR(vcam_device);
	err = platform_driver_register(&vcam_driver);
	if (err)
		platform_device_unregister(vcam_device);
	return err;
}
module_init(vcam_init);

static void __exit vcam_exit(void)
{
	platform_driver_unregister(&vcam_driver);
	platform_device_unregister(vcam_device);
}
module_exit(vcam_exit);

MODULE_DESCRIPTION("A virtual camera whose frames follow from a seed");
MODULE_AUTHOR("Klass");
MODULE_LICENSE("GPL");
