"""The device's own sounds, made by audio/make_chimes.py and read once at the start."""

import wave
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from companion.core.effect import Chime
from companion.core.errors import SoundFileError
from companion.voice.sound import Pcm

_PACKAGE = Path(__file__).parents[1]


def chimes_folder() -> Path:
    """Where the chimes lie: in the installed package, or beside it in a checkout."""
    installed = _PACKAGE / "data" / "audio"
    return installed if installed.is_dir() else _PACKAGE.parent / "audio"


def load_chimes(folder: Path | None = None) -> Mapping[Chime, Pcm]:
    """Every chime at RATE. Raises SoundFileError naming the file that is missing or no mono 16-bit WAV."""
    folder = folder or chimes_folder()
    return {chime: _loaded(folder / f"{chime.value}.wav") for chime in Chime}


def _loaded(path: Path) -> Pcm:
    try:
        with wave.open(str(path)) as source:
            if (source.getnchannels(), source.getsampwidth()) != (1, 2):
                raise SoundFileError(f"{path} must be mono with 16-bit samples; run audio/make_chimes.py.")
            samples = np.frombuffer(source.readframes(source.getnframes()), dtype="<i2")
            return Pcm(samples.astype(np.int16), source.getframerate()).at_house_rate()
    except (OSError, EOFError, wave.Error) as error:
        raise SoundFileError(f"{path} cannot be read ({error}); run audio/make_chimes.py.") from error
