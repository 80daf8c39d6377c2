"""Whisper's front end: sound to log-mel features, as openai/whisper `audio.py` defines them."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

RATE = 16_000
"""Samples a second of all sound in the ears."""
HOP = 160
"""Samples from one frame of features to the next: 10 ms."""
_WINDOW = 400
_BANDS = 80
_FLOOR = 1e-10
_RANGE = 8.0
"""log10 units kept under the loudest value."""

Sound = NDArray[np.float32]


def log_mel(sound: Sound, frames: int) -> NDArray[np.float32]:
    """Features of shape (80, frames); `sound` in -1..1 is cut or filled with silence to frames * 10 ms."""
    filled = np.zeros(frames * HOP, np.float32)
    filled[: len(sound)] = sound[: len(filled)]
    padded = np.pad(filled, _WINDOW // 2, mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::HOP][:frames] * _hann()
    spectrum = np.fft.rfft(windows, axis=1)
    power = np.abs(spectrum).astype(np.float32) ** 2
    bands = np.log10(np.maximum(_filters() @ power.T, _FLOOR))
    features = np.ascontiguousarray((np.maximum(bands, bands.max() - _RANGE) + 4.0) / 4.0, np.float32)
    for copy in (filled, padded, windows, spectrum, power, bands):
        copy[:] = 0
    return features


@cache
def _hann() -> NDArray[np.float32]:
    return np.hanning(_WINDOW + 1)[:-1].astype(np.float32)


@cache
def _filters() -> NDArray[np.float32]:
    """Triangular filters on Slaney's mel scale with equal area, shape (80, 201)."""
    frequencies = np.linspace(0, RATE / 2, _WINDOW // 2 + 1)
    points = _hertz(np.linspace(0, _mel(RATE / 2), _BANDS + 2))
    widths = np.diff(points)
    slopes = points[:, None] - frequencies[None]
    triangles = np.minimum(-slopes[:-2] / widths[:-1, None], slopes[2:] / widths[1:, None])
    area = 2.0 / (points[2:] - points[:-2])
    return (np.maximum(0.0, triangles) * area[:, None]).astype(np.float32)


_LINEAR = 200.0 / 3.0
_BREAK = 1000.0
_STEP = np.log(6.4) / 27.0


def _mel(hertz: float) -> float:
    return float(hertz / _LINEAR if hertz < _BREAK else _BREAK / _LINEAR + np.log(hertz / _BREAK) / _STEP)


def _hertz(mels: NDArray[np.float64]) -> NDArray[np.float64]:
    above = _BREAK * np.exp(_STEP * (mels - _BREAK / _LINEAR))
    return np.where(mels < _BREAK / _LINEAR, mels * _LINEAR, above)
