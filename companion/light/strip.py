"""What the painter asks of anything that shines, and what strips of text have in common."""

from typing import Protocol, TextIO, runtime_checkable

from companion.core.errors import DeviceError
from companion.core.scene import Scene
from companion.core.units import Instant
from companion.light.colour import Pixels


class Strip(Protocol):
    """LEDs in a ring or a row, from the top or the left; one thread uses it."""

    @property
    def count(self) -> int:
        """How many LEDs there are, 1 to 60."""

    def show(self, pixels: Pixels) -> None:
        """Light `count` LEDs so, until told otherwise. Raises DeviceError when that cannot be."""

    def close(self) -> None:
        """Give the device back; no error. It stays lit as it was: the painter darkens it first."""


@runtime_checkable
class Witness(Protocol):
    """A strip that also wants to know what the pixels mean."""

    def witness(self, scene: Scene, at: Instant) -> None:
        """Called before each `show`, with the scene and instant that are shown."""


def write(out: TextIO, text: str) -> None:
    """Write and flush. Raises DeviceError when the file or terminal takes no more."""
    try:
        out.write(text)
        out.flush()
    except (OSError, ValueError) as error:
        name = getattr(out, "name", "its file")
        raise DeviceError(
            f"The ring cannot be drawn in {name} ({error}); free some space or name another place."
        ) from error


def dark(count: int) -> Pixels:
    return ((0, 0, 0),) * count
