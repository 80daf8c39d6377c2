// SPDX-License-Identifier: GPL-2.0
/*
 * An SPI controller without a wire: /dev/spidev0.0 whose transfers are seen in /sys/kernel/debug/spi-stand-in:
 * `sent` (bytes so far), `clock` (hertz of the last transfer), `last` (its bytes). `broken` refuses all with EIO.
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/platform_device.h>
#include <linux/spi/spi.h>

#define MOST 65536

static struct platform_device *place;
static struct spi_controller *controller;
static struct dentry *shown;
static DEFINE_MUTEX(busy);
static u8 last[MOST];
static size_t last_length;
static u64 sent;
static u32 clock;
static bool broken;

static int take(struct spi_controller *unused, struct spi_device *device, struct spi_transfer *transfer)
{
	if (broken)
		return -EIO;
	mutex_lock(&busy);
	clock = transfer->speed_hz;
	sent += transfer->len;
	last_length = transfer->tx_buf ? min_t(size_t, transfer->len, MOST) : 0;
	memcpy(last, transfer->tx_buf, last_length);
	if (transfer->rx_buf)
		memset(transfer->rx_buf, 0, transfer->len);
	mutex_unlock(&busy);
	return 0;
}

static ssize_t read_last(struct file *file, char __user *to, size_t count, loff_t *at)
{
	ssize_t given;

	mutex_lock(&busy);
	given = simple_read_from_buffer(to, count, at, last, last_length);
	mutex_unlock(&busy);
	return given;
}

static const struct file_operations last_file = {
	.owner = THIS_MODULE, .read = read_last, .llseek = default_llseek,
};

static int __init begin(void)
{
	/* spidev takes no device by its own name: this is one of those that it does take. */
	struct spi_board_info board = { .modalias = "dh2228fv", .max_speed_hz = 20000000 };
	int failure;

	place = platform_device_register_simple("spi-stand-in", 0, NULL, 0);
	if (IS_ERR(place))
		return PTR_ERR(place);
	controller = spi_alloc_host(&place->dev, 0);
	if (!controller) {
		platform_device_unregister(place);
		return -ENOMEM;
	}
	controller->bus_num = 0;
	controller->num_chipselect = 2;
	controller->bits_per_word_mask = SPI_BPW_MASK(8);
	controller->max_speed_hz = 125000000;
	controller->transfer_one = take;
	failure = spi_register_controller(controller);
	if (failure) {
		spi_controller_put(controller);
		platform_device_unregister(place);
		return failure;
	}
	shown = debugfs_create_dir("spi-stand-in", NULL);
	debugfs_create_u64("sent", 0400, shown, &sent);
	debugfs_create_u32("clock", 0400, shown, &clock);
	debugfs_create_bool("broken", 0600, shown, &broken);
	debugfs_create_file("last", 0400, shown, NULL, &last_file);
	return spi_new_device(controller, &board) ? 0 : -ENODEV;
}

static void __exit end(void)
{
	debugfs_remove(shown);
	spi_unregister_controller(controller);
	platform_device_unregister(place);
}

module_init(begin);
module_exit(end);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("An SPI controller without a wire");
