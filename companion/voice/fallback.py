"""A voice that may fail, and one that takes its place."""

import logging

from companion.core.errors import VoiceError
from companion.voice.sound import Pcm
from companion.voice.synthesiser import Synthesiser

_log = logging.getLogger(__name__)


class WithFallback:
    """Speaks with the `first` voice until that fails once, then with the `second`: a group is led by one voice at a
    time, and not by none. Sentences are kept by `identity`, so what either made is never taken for the other's."""

    def __init__(self, first: Synthesiser, second: Synthesiser) -> None:
        self._first, self._second = first, second
        self._speaking = first
        self._is_closed = False

    @property
    def identity(self) -> str:
        return self._speaking.identity

    def render(self, text: str) -> Pcm:
        speaking = self._speaking
        try:
            return speaking.render(text)
        except VoiceError as error:
            if speaking is self._second or self._is_closed:
                raise
            if self._speaking is self._first:
                self._speaking = self._second
                _log.warning("%s Until the next start espeak-ng speaks.", error)
        return self._second.render(text)

    def close(self) -> None:
        self._is_closed = True
        self._first.close()
        self._second.close()
