// SPDX-License-Identifier: GPL-2.0-only
/*
 * Frames from a camera to a pose server, and key points back, in the kernel.
 */

#include <linux/dma-buf.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/in.h>
#include <linux/iosys-map.h>
#include <linux/kthread.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/net.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/uio.h>
#include <linux/wait.h>
#include <media/v4l2-dev.h>
#include <media/videobuf2-v4l2.h>
#include <net/sock.h>

#include "camera_offload.h"

#define CONNECT_SECONDS 5

/* What belongs to one open file. */
struct offload {
	struct mutex lock;		/* of all that begin() makes and end() takes down: */
	struct file *camera;		/* NULL when there is none */
	struct vb2_queue *queue;	/* the camera's buffers */
	unsigned int buffers;
	struct dma_buf *dma_bufs[CAMERA_OFFLOAD_MAX_BUFFERS];	/* their memory, held */
	struct iosys_map maps[CAMERA_OFFLOAD_MAX_BUFFERS];	/* and mapped */
	struct socket *sock;
	struct camera_offload_frame frame_header;	/* but for sequence and time */
	struct task_struct *sender;
	struct task_struct *receiver;

	struct mutex result_lock;	/* of what the receiver finds: */
	struct camera_offload_result newest;
	bool any;			/* there was an answer at all */
	bool unread;			/* nobody has read the newest */
	bool ended;			/* there will be no more */
	wait_queue_head_t changed;	/* for who waits for one of these */
};

static void set_ended(struct offload *offload)
{
	mutex_lock(&offload->result_lock);
	offload->ended = true;
	mutex_unlock(&offload->result_lock);
	wake_up_interruptible(&offload->changed);
}

/* The threads' last act: the other one comes to its end too. Then it waits for kthread_stop(). */
static int end_of_thread(struct offload *offload)
{
	kernel_sock_shutdown(offload->sock, SHUT_RDWR);
	set_ended(offload);
	wake_up_all(&offload->queue->done_wq);
	for (;;) {
		set_current_state(TASK_IDLE);
		if (kthread_should_stop())
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

/* --- frames out */

struct taken {
	unsigned int index;
	u32 sequence;
	u64 timestamp_ns;
	size_t bytes;
};

static int try_to_take(struct offload *offload, struct taken *taken)
{
	/* TODO: Dequeue a buffer, without waiting; say what is in it, and whose it is. */
	return -ENODATA;
}

static bool something_happened(struct offload *offload)
{
	struct vb2_queue *queue = offload->queue;

	return kthread_should_stop() || READ_ONCE(offload->ended) || queue->error ||
	       !vb2_is_streaming(queue) || !list_empty(&queue->done_list);
}

static int take_frame(struct offload *offload, struct taken *taken)
{
	int err;

	while ((err = try_to_take(offload, taken)) == -EAGAIN) {
		wait_event_idle(offload->queue->done_wq, something_happened(offload));
		if (kthread_should_stop() || READ_ONCE(offload->ended))
			return -EINTR;
	}
	return err;
}

static int give_back(struct offload *offload, unsigned int index)
{
	/* TODO: Queue the buffer again. */
	return -ENODATA;
}

static int send_frame(struct offload *offload, const struct taken *taken)
{
	/*
	 * TODO: Send the header, with this frame's number and time, and the pixels: all
	 * of them, however little the socket takes at once.
	 */
	return -EIO;
}

static int send_frames(void *data)
{
	struct offload *offload = data;
	const size_t whole = le32_to_cpu(offload->frame_header.payload_bytes);
	struct taken taken;
	int err = 0;

	while (!err && !kthread_should_stop()) {
		err = take_frame(offload, &taken);
		if (err)
			break;
		/* A camera that was disturbed gives less; a program may have set another format. */
		if (taken.index < offload->buffers && taken.bytes == whole)
			err = send_frame(offload, &taken);
		/* Only now may the camera write into it again. */
		if (give_back(offload, taken.index))
			break;
	}
	return end_of_thread(offload);
}

/* --- answers in */

static int receive(struct offload *offload, void *to, size_t bytes)
{
	/* TODO: Receive so many bytes, or fail. */
	return -EIO;
}

static int receive_header(struct offload *offload, struct camera_offload_answer *header)
{
	u8 later_fields[CAMERA_OFFLOAD_MAX_HEADER_BYTES];
	unsigned int bytes;
	int err;

	err = receive(offload, header, sizeof(*header));
	if (err)
		return err;
	bytes = le16_to_cpu(header->header_bytes);
	if (le32_to_cpu(header->magic) != CAMERA_OFFLOAD_ANSWER_MAGIC ||
	    le16_to_cpu(header->version) != CAMERA_OFFLOAD_VERSION ||
	    bytes < sizeof(*header) || bytes > CAMERA_OFFLOAD_MAX_HEADER_BYTES ||
	    le32_to_cpu(header->payload_bytes) != CAMERA_OFFLOAD_ANSWER_PAYLOAD_BYTES)
		return -EPROTO;
	if (bytes == sizeof(*header))
		return 0;
	return receive(offload, later_fields, bytes - sizeof(*header));
}

static int receive_answers(void *data)
{
	struct offload *offload = data;
	struct camera_offload_answer header = {};
	struct camera_offload_result result = {};	/* what lies between fields, too */

	while (!receive_header(offload, &header) &&
	       !receive(offload, result.keypoints, sizeof(result.keypoints))) {
		result.sequence = le32_to_cpu(header.sequence);
		result.timestamp_ns = le64_to_cpu(header.timestamp_ns);

		mutex_lock(&offload->result_lock);
		/* TODO: Keep it, if it is newer than the newest. */
		mutex_unlock(&offload->result_lock);
		wake_up_interruptible(&offload->changed);
	}
	return end_of_thread(offload);
}

/* --- begin and end */

static int get_camera(struct offload *offload, int fd)
{
	/* TODO: Take hold of the camera: is it one, and does it stream? */
	return -EIO;
}

static void put_buffers(struct offload *offload)
{
	/* TODO: Let go of the buffers. */
}

static int get_buffer(struct offload *offload, int fd)
{
	/* TODO: Take hold of one buffer's memory, and map it. */
	return -EIO;
}

static int connect_to(struct offload *offload, __be32 address, __be16 port)
{
	/* TODO: Connect; do not wait for longer than CONNECT_SECONDS. */
	return -EIO;
}

static int fill_header(struct offload *offload, const struct camera_offload_start *start)
{
	const u32 pixel_bytes = start->pixel_format == CAMERA_OFFLOAD_YUYV ? 2 : 3;

	if (start->pixel_format != CAMERA_OFFLOAD_YUYV &&
	    start->pixel_format != CAMERA_OFFLOAD_BGR24)
		return -EINVAL;
	if (start->width < CAMERA_OFFLOAD_MIN_SIDE || start->width > CAMERA_OFFLOAD_MAX_WIDTH ||
	    start->height < CAMERA_OFFLOAD_MIN_SIDE || start->height > CAMERA_OFFLOAD_MAX_HEIGHT)
		return -EINVAL;
	/* Two pixels of YUYV share their colour. */
	if (start->pixel_format == CAMERA_OFFLOAD_YUYV && start->width % 2)
		return -EINVAL;
	offload->frame_header = (struct camera_offload_frame){
		.magic = cpu_to_le32(CAMERA_OFFLOAD_FRAME_MAGIC),
		.version = cpu_to_le16(CAMERA_OFFLOAD_VERSION),
		.header_bytes = cpu_to_le16(sizeof(struct camera_offload_frame)),
		.width = cpu_to_le16(start->width),
		.height = cpu_to_le16(start->height),
		.pixel_format = cpu_to_le32(start->pixel_format),
		.payload_bytes = cpu_to_le32(start->width * start->height * pixel_bytes),
	};
	return 0;
}

static int begin(struct offload *offload, const struct camera_offload_start *start)
{
	unsigned int i;
	int err;

	if (offload->camera)
		return -EBUSY;
	if (!start->buffers || start->buffers > CAMERA_OFFLOAD_MAX_BUFFERS || start->reserved)
		return -EINVAL;
	err = fill_header(offload, start);
	if (err)
		return err;
	err = get_camera(offload, start->camera);
	if (err)
		return err;
	for (i = 0; i < start->buffers; i++) {
		err = get_buffer(offload, start->dma_bufs[i]);
		if (err)
			goto err_put_buffers;
	}
	err = connect_to(offload, start->address, start->port);
	if (err)
		goto err_put_buffers;

	mutex_lock(&offload->result_lock);
	offload->any = false;
	offload->unread = false;
	offload->ended = false;
	mutex_unlock(&offload->result_lock);
	offload->receiver = kthread_run(receive_answers, offload, "offload_receive");
	if (IS_ERR(offload->receiver)) {
		err = PTR_ERR(offload->receiver);
		goto err_close;
	}
	offload->sender = kthread_run(send_frames, offload, "offload_send");
	if (IS_ERR(offload->sender)) {
		err = PTR_ERR(offload->sender);
		goto err_stop_receiver;
	}
	return 0;

err_stop_receiver:
	kernel_sock_shutdown(offload->sock, SHUT_RDWR);
	kthread_stop(offload->receiver);
err_close:
	set_ended(offload);
	sock_release(offload->sock);
err_put_buffers:
	put_buffers(offload);
	fput(offload->camera);
	offload->camera = NULL;
	return err;
}

static void end(struct offload *offload)
{
	/* TODO: Undo all that begin() does. In which order? Who may be asleep, and in what? */
}

/* --- the device */

static int offload_open(struct inode *inode, struct file *file)
{
	struct offload *offload = kzalloc(sizeof(*offload), GFP_KERNEL);

	if (!offload)
		return -ENOMEM;
	mutex_init(&offload->lock);
	mutex_init(&offload->result_lock);
	init_waitqueue_head(&offload->changed);
	offload->ended = true;
	file->private_data = offload;
	return stream_open(inode, file);
}

static int offload_release(struct inode *inode, struct file *file)
{
	struct offload *offload = file->private_data;

	end(offload);
	kfree(offload);
	return 0;
}

static long offload_ioctl(struct file *file, unsigned int command, unsigned long argument)
{
	struct offload *offload = file->private_data;
	struct camera_offload_start start;
	long err = 0;

	if (command != CAMERA_OFFLOAD_START && command != CAMERA_OFFLOAD_STOP)
		return -ENOTTY;
	if (command == CAMERA_OFFLOAD_START &&
	    copy_from_user(&start, (void __user *)argument, sizeof(start)))
		return -EFAULT;
	if (mutex_lock_interruptible(&offload->lock))
		return -ERESTARTSYS;
	if (command == CAMERA_OFFLOAD_START)
		err = begin(offload, &start);
	else
		end(offload);
	mutex_unlock(&offload->lock);
	return err;
}

static ssize_t offload_read(struct file *file, char __user *to, size_t count, loff_t *pos)
{
	/* TODO: Give the newest result that nobody has read, or wait for one. */
	return -EIO;
}

static __poll_t offload_poll(struct file *file, poll_table *table)
{
	/* TODO: Say what a read would do, and wake who waits for it. */
	return EPOLLERR;
}

static const struct file_operations offload_operations = {
	.owner = THIS_MODULE,
	.open = offload_open,
	.release = offload_release,
	.unlocked_ioctl = offload_ioctl,
	.read = offload_read,
	.poll = offload_poll,
};

static struct miscdevice offload_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "camera_offload",
	.fops = &offload_operations,
	.mode = 0666,
};
module_misc_device(offload_device);

MODULE_DESCRIPTION("Sends a camera's frames to a pose server, and takes its answers");
MODULE_AUTHOR("Klass");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(DMA_BUF);
