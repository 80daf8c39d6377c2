"""The one wire to a ring: the SPI bus, which every Raspberry Pi gives to the group `spi` without root."""

from typing import Any, Protocol

from companion.core.errors import DeviceError


class Spi(Protocol):
    """What a driver needs of spidev.SpiDev. Raises OSError when the bus is gone."""

    def writebytes2(self, values: bytes) -> None:
        """Clock the bytes out, most significant bit first; longer ones in pieces of the kernel's buffer (4096)."""

    def close(self) -> None: ...


def opened_spi(hertz: int, bus: int = 0, device: int = 0) -> Spi:
    """/dev/spidev<bus>.<device> in mode 0 at this clock. Raises DeviceError with the remedy."""
    place = f"/dev/spidev{bus}.{device}"
    try:
        import spidev
    except ImportError as error:
        raise DeviceError(f"{place} needs the package spidev; install python3-spidev.") from error
    try:
        spi: Any = spidev.SpiDev()
        spi.open(bus, device)
        spi.max_speed_hz, spi.mode = hertz, 0
    except OSError as error:
        line = "dtparam=spi=on" if bus == 0 else f"dtoverlay=spi{bus}-{device + 1}cs"
        raise DeviceError(
            f"{place} cannot be opened ({error.strerror}); put {line} in config.txt and join group spi."
        ) from error
    opened: Spi = spi
    return opened


def sent(spi: Spi, data: bytes) -> None:
    """Write, or raise DeviceError."""
    try:
        spi.writebytes2(data)
    except OSError as error:
        raise DeviceError(f"The ring's SPI bus takes no data ({error.strerror}); check its wires.") from error
