"""What is told when something that the settings ask for is not here."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from companion.core.event import Device, DeviceLost, Event
from companion.core.units import Instant
from companion.opening import open_ears
from companion.places import library
from companion.settings import load_settings


def test_without_its_model_the_device_shows_that_it_is_deaf(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("COMPANION_MODELS", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    settings, posted = load_settings(None), list[Event]()
    with ExitStack() as stack:
        open_ears(stack, settings, library(settings), posted.append, lambda: Instant(7.0))
    assert posted == [DeviceLost(Instant(7.0), Device.MICROPHONE)]
    assert "Until then only the button is obeyed." in caplog.text
