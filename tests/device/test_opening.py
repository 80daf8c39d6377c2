"""What is told when something that the settings ask for is not here."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from companion import opening
from companion.core.event import Device, DeviceLost, Event
from companion.core.units import Instant
from companion.opening import open_ears
from companion.places import library
from companion.settings import load_settings
from tests.hearing.tones import ToneRecogniser


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


def test_a_rehearsal_names_what_the_recogniser_cannot_know(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class Ignorant(ToneRecogniser):
        def unknown(self, phrases: Sequence[str]) -> tuple[int, ...]:
            return (0, len(phrases) - 1)

    monkeypatch.setattr(opening, "open_recogniser", lambda *_: Ignorant())
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    books = library(load_settings(None))
    opening.open_listener("nl", books, "whisper")
    assert f'"{books.phrases("nl")[0].text}", "tafel": it will not hear that' in caplog.text
