"""Reads the tensors of a CTranslate2 model file (`model.bin`, binary version 6)."""

import mmap
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from companion.core.errors import ModelError

_TYPES = {0: np.float32, 1: np.int8, 2: np.int16, 3: np.int32, 4: np.float16}
"""Codes of element types as in CTranslate2's `python/ctranslate2/specs/model_spec.py`."""
_VERSION = 6


def read_tensors(file: Path, prefix: str) -> dict[str, NDArray[np.float32]]:
    """The tensors whose name begins with `prefix`, without it, as float32; any thread.

    Raises ModelError when the file is not such a model.
    """
    try:
        with file.open("rb") as opened:
            data = memoryview(mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ))
        return {name.removeprefix(prefix): tensor for name, tensor in _tensors(data) if name.startswith(prefix)}
    except (OSError, struct.error, KeyError, ValueError, UnicodeDecodeError) as error:
        raise ModelError(f"{file} is no Whisper model of the kind that is used here; get it again.") from error


def _tensors(data: memoryview) -> Iterator[tuple[str, NDArray[np.float32]]]:
    (version,) = struct.unpack_from("<I", data)
    if version != _VERSION:
        raise ValueError(version)
    _, offset = _name(data, 4)
    _, count = struct.unpack_from("<II", data, offset)
    offset += 8
    for _ in range(count):
        name, offset = _name(data, offset)
        rank = data[offset]
        shape = struct.unpack_from(f"<{rank}I", data, offset + 1)
        code, length = struct.unpack_from("<BI", data, offset + 1 + 4 * rank)
        offset += 1 + 4 * rank + 5
        array = np.frombuffer(data[offset : offset + length], _TYPES[code])
        yield name, array.reshape(shape).astype(np.float32)
        offset += length


def _name(data: memoryview, offset: int) -> tuple[str, int]:
    (length,) = struct.unpack_from("<H", data, offset)
    end = offset + 2 + length
    return bytes(data[offset + 2 : end - 1]).decode(), end
