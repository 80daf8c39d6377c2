"""One look at a microphone, in a process of its own: how loud it is. What it heard ends with that process."""

import math
import multiprocessing
from multiprocessing.connection import Connection

import numpy as np

from companion.core.errors import DeviceError
from companion.hearing.microphone import Microphone
from companion.memory import forbid_dumps

_BLOCKS = 16
"""Blocks that are read: half a second."""
_FULL_SCALE = 32768.0
_SILENCE = 1e-12
"""Power, of full scale, that stands for no sound at all."""


def loudness_of(device: str | None) -> float:
    """What the microphone gives for half a second, in dB of full scale. Raises DeviceError with the remedy."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_tell, args=(theirs, device), daemon=True)
    process.start()
    theirs.close()
    try:
        found = ours.recv()
    except EOFError:
        raise DeviceError("The microphone could not be tried: its process died; plug it in again.") from None
    finally:
        process.join()
        ours.close()
    if isinstance(found, DeviceError):
        raise found
    return float(found)


def _tell(target: Connection, device: str | None) -> None:
    forbid_dumps()
    try:
        target.send(_measured(device))
    except DeviceError as fault:
        target.send(fault)


def _measured(device: str | None) -> float:
    microphone = Microphone(device)
    try:
        powers = [float(np.mean((microphone.read().block / _FULL_SCALE) ** 2)) for _ in range(_BLOCKS)]
    finally:
        microphone.close()
    return 10 * math.log10(max(_SILENCE, sum(powers) / _BLOCKS))
