"""The ring as a file: a line of JSON whenever it looks different, for rehearsals and for whoever draws it later."""

import json
from contextlib import suppress
from typing import TextIO

from companion.core.scene import Scene
from companion.core.units import Instant
from companion.light.colour import Pixels
from companion.light.strip import write


class FileStrip:
    """Writes lines with `t` (s), `figure`, `left`, `over` (0 to 1), `turn`, `turns`, `microphone`, `pixels` ("rrggbb").

    `out` is closed with the strip.
    """

    def __init__(self, count: int, out: TextIO) -> None:
        self.count = count
        self._out = out
        self._scene: Scene | None = None
        self._at = Instant(0.0)
        self._latest: dict[str, object] = {}

    def witness(self, scene: Scene, at: Instant) -> None:
        self._scene, self._at = scene, at

    def show(self, pixels: Pixels) -> None:
        line = _meaning(self._scene) | {"pixels": ["{:02x}{:02x}{:02x}".format(*pixel) for pixel in pixels]}
        if line != self._latest:
            write(self._out, json.dumps({"t": round(self._at, 3)} | line) + "\n")
            self._latest = line

    def close(self) -> None:
        with suppress(OSError):  # a full disk was told when it was written to
            self._out.close()


def _meaning(scene: Scene | None) -> dict[str, object]:
    if scene is None:
        return {}
    return {
        "figure": scene.figure.value,
        "left": round(scene.left, 3),
        "over": round(scene.over, 3),
        "turn": scene.turn,
        "turns": scene.turns,
        "microphone": scene.microphone.value,
    }
