"""Opens each device as the settings say: what is not there is said once and left out; a session needs none."""

import logging
from collections.abc import Callable
from contextlib import ExitStack

from companion.core.event import Event
from companion.core.units import Instant
from companion.hearing.calibration import load_calibration
from companion.hearing.listener import Listener
from companion.hearing.models import listing
from companion.hearing.recogniser import open_recogniser
from companion.language.phrases import language_file
from companion.places import Library

Post = Callable[[Event], None]
Clock = Callable[[], Instant]

_log = logging.getLogger(__name__)


def chosen_recogniser(wanted: str, language: str) -> str:
    """ "vosk" or "whisper"; for "auto", Vosk where its model for the language is installed."""
    if wanted != "auto":
        return wanted
    here = {model.name for model in listing() if model.here}
    return "vosk" if f"vosk-{language}" in here else "whisper"


def open_listener(language: str, books: Library, wanted: str) -> Listener:
    """The listener in this process, for a rehearsal. Raises ModelError when its model is not here."""
    recogniser = open_recogniser(chosen_recogniser(wanted, language), language)
    calibration = load_calibration(recogniser.model, language)
    return Listener(books.phrases(language), recogniser, calibration, language_file(language)["device_name"])
