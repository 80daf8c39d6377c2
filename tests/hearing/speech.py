"""Recorded speech and models that some tests need: skipped, with the reason, where they are not."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from companion.bench.sound import read_sound
from companion.hearing.mel import Sound
from companion.hearing.models import models_folder

SPEECH = Path(os.environ.get("COMPANION_SPEECH", Path(__file__).parents[3] / "shared" / "speech"))


def need_model(name: str) -> None:
    if not (models_folder() / name).is_dir():
        pytest.skip(f"the model {name} is not here: companion models get {name}")


def rows(manifest: str) -> list[dict[str, str | None]]:
    file = SPEECH / manifest
    if not file.is_file():
        pytest.skip(f"the recorded speech {manifest} is not here: set COMPANION_SPEECH to its folder")
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def clip(row: dict[str, str | None]) -> Sound:
    """The recording at a usual level, with a little quiet around it."""
    sound = read_sound(SPEECH / str(row["file"]))
    loud = sound * np.float32(0.3 / max(0.01, float(np.abs(sound).max())))
    return np.concatenate([np.zeros(1600, np.float32), loud, np.zeros(1600, np.float32)])
