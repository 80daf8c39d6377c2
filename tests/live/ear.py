"""A listener of its own for tests: what a recording of the device's loudspeaker says, by Whisper."""

import numpy as np
from numpy.typing import NDArray

from companion.bench.listen import Listener


def transcript(samples: NDArray[np.int16], rate: int, language: str = "nl") -> str:
    """The words of the recording, lower case; 30 s at a time."""
    return Listener(language, threads=2).transcript(samples, rate)
