"""The engines that there are, and opening one."""

from companion.core.errors import SettingsError
from companion.hearing.recogniser import Recogniser

RECOGNISERS = ("whisper", "vosk")


def open_recogniser(kind: str, language: str, model: str | None = None, thorough: bool = False) -> Recogniser:
    """The recogniser `whisper` or `vosk` with its model for this language, or with another model by name.

    A `thorough` one takes its time to score also what was surely not said: to calibrate with.

    Raises SettingsError for another kind, ModelError when the model is not here or broken. Loading takes
    seconds and, with Whisper, 500 MB.
    """
    # Imported here because either library costs a second and the process of the other needs none of it.
    if kind == "whisper":
        from companion.hearing.whisper import WhisperRecogniser

        return WhisperRecogniser(language, model or "whisper-base", thorough)
    if kind == "vosk":
        from companion.hearing.vosk import VoskRecogniser

        return VoskRecogniser(model or f"vosk-{language}")
    raise SettingsError(f'There is no recogniser "{kind}"; choose one of {", ".join(RECOGNISERS)}.')
