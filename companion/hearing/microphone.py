"""Where sound comes from: a microphone, read by blocking calls in a thread of its own, or a sound file.

Callback streams need writable executable memory, which the service's sandbox denies. A lost microphone is
judged by its samples, never by the state that the library reports: a suspended or dead server stays "active".
"""

import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from companion.core.errors import DeviceError, SoundFileError
from companion.hearing.mel import RATE

BLOCK = 512
"""Samples of a block at 16 kHz: 32 ms."""
STALE_AFTER = 2.0
"""Seconds without a block after which a microphone is lost."""
ZEROS_AFTER = 2.5
"""Seconds of one and the same value, zero mostly, after which a microphone is lost: a real one, even a quiet
one, has noise. The group must see it within 3 s."""
_BACKLOG = 256
"""Blocks that may wait for a slow recogniser: 8 s."""
_WAYS = tuple((rate, channels) for channels in (1, 2) for rate in (RATE, 48_000, 44_100))
"""Rates and channels to try: what a microphone cannot do by itself, the raw device of ALSA refuses."""

Block = NDArray[np.int16]


class Piece(NamedTuple):
    """What a source gives at once."""

    block: Block
    """16 kHz mono."""
    at: float
    """The CLOCK_MONOTONIC instant at which its last sample came."""
    follows_gap: bool = False
    """Sound was lost right before it: what came before does not lead up to it."""


class Source(Protocol):
    """Sound as blocks of 16 kHz mono; one reader."""

    @property
    def dropped(self) -> int:
        """Blocks lost since the start, because nobody read them in time or the driver overflowed."""

    @property
    def alive(self) -> bool:
        """Something else than one and the same value has come."""

    def read(self) -> Piece:
        """The next piece. Waits. Raises DeviceError when the source is lost."""


class Microphone:
    """The microphone whose name contains `name` (None: the system's default one).

    Raises DeviceError, listing what there is, when there is none or it cannot be opened.
    """

    def __init__(self, name: str | None) -> None:
        self._stream, self._resample = _open(name)
        self._pieces: queue.Queue[Piece] = queue.Queue(_BACKLOG)
        self._dropped = 0
        self._has_gap = False
        self._dead_since: float | None = None
        self._alive = False
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._pump, name="microphone", daemon=True)
        self._thread.start()

    @property
    def dropped(self) -> int:
        return self._dropped

    @property
    def alive(self) -> bool:
        return self._alive

    def read(self) -> Piece:
        try:
            piece = self._pieces.get(timeout=STALE_AFTER)
        except queue.Empty:
            raise DeviceError(f"The microphone gave no sound for {STALE_AFTER:.0f} s; check its plug.") from None
        self._watch(piece)
        return piece

    def close(self) -> None:
        """Ends the reading; of a stream that hangs, which may be for good, only for a second."""
        self._closing.set()
        self._thread.join(1.0)

    def _watch(self, piece: Piece) -> None:
        if piece.block.min() != piece.block.max():
            self._alive, self._dead_since = True, None
        elif self._dead_since is None:
            self._dead_since = piece.at
        elif piece.at - self._dead_since >= ZEROS_AFTER:
            raise DeviceError(f"The microphone gave one and the same value for {ZEROS_AFTER:g} s; is its switch off?")

    def _pump(self) -> None:
        channels, length = self._stream.channels, round(BLOCK * self._stream.samplerate / RATE)
        while not self._closing.is_set():
            try:
                data, overflowed = self._stream.read(length)
            except Exception:  # noqa: BLE001  the reader notices by the age of the last block, whatever it was
                return
            if overflowed:
                self._lose()
            block = self._brought(np.frombuffer(data, np.int16), channels)
            # A resampler gives nothing at first.
            if len(block):
                self._hand_over(block)
        self._stream.close()

    def _brought(self, taken: Block, channels: int) -> Block:
        """To 16 kHz mono; what was taken is overwritten."""
        samples = taken if channels == 1 else taken.reshape(-1, channels).mean(axis=1).astype(np.int16)
        # One value stays so: resampling dithers it.
        is_dead = samples.min() == samples.max()
        block = np.full(BLOCK, samples[0]) if is_dead else self._resample(samples)
        samples[:] = taken[:] = 0
        return block

    def _hand_over(self, block: Block) -> None:
        try:
            self._pieces.put_nowait(Piece(block, time.monotonic(), self._has_gap))
        except queue.Full:
            block[:] = 0
            self._lose()
        else:
            self._has_gap = False

    def _lose(self) -> None:
        self._dropped += 1
        self._has_gap = True


class SoundFile:
    """A sound file at the pace of a microphone, then quiet without end: to try the ears without one."""

    def __init__(self, file: Path) -> None:
        # Imported here: a live session never needs it.
        import soundfile

        try:
            sound, rate = soundfile.read(file, dtype="int16", always_2d=True)
        except (OSError, RuntimeError) as error:
            raise SoundFileError(f"{file} cannot be read as sound: {error}.") from error
        if rate != RATE:
            raise SoundFileError(f"{file} has {rate} samples a second; convert it to {RATE}.")
        self._sound: Block = np.ascontiguousarray(sound[:, 0])
        self._next = time.monotonic()
        self._place = 0

    @property
    def dropped(self) -> int:
        return 0

    @property
    def alive(self) -> bool:
        return True

    def read(self) -> Piece:
        self._next += BLOCK / RATE
        time.sleep(max(0.0, self._next - time.monotonic()))
        block = np.zeros(BLOCK, np.int16)
        taken = self._sound[self._place : self._place + BLOCK]
        block[: len(taken)] = taken
        self._place += BLOCK
        return Piece(block, self._next)


def _open(name: str | None) -> tuple[Any, Callable[[Block], Block]]:
    """The stream, and what makes a block of 16 kHz, always a new one, of what it gives."""
    # Imported here: importing it initialises PortAudio.
    import sounddevice
    import soxr

    place = None if name is None else _find(sounddevice, name)
    reason = ""
    for rate, channels in _WAYS:
        try:
            stream = sounddevice.RawInputStream(
                rate, BLOCK * rate // RATE, device=place, channels=channels, dtype="int16", latency="high"
            )
            stream.start()
        except sounddevice.PortAudioError as error:
            reason = str(error)
            continue
        if rate == RATE:
            return stream, np.copy
        return stream, soxr.ResampleStream(rate, RATE, 1, dtype="int16").resample_chunk
    remedy = "plug one in, or name another as microphone.device in the settings"
    raise DeviceError(f'The microphone "{name or "default"}" cannot be opened ({reason}); {remedy}.')


def _find(sounddevice: Any, name: str) -> int:
    inputs = [device for device in sounddevice.query_devices() if device["max_input_channels"] > 0]
    for device in inputs:
        if name.lower() in device["name"].lower():
            return int(device["index"])
    listed = ", ".join(f'"{device["name"]}"' for device in inputs) or "none at all"
    raise DeviceError(f'There is no microphone "{name}"; there is {listed}.')
