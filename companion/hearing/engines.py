"""The engines that there are, and opening one."""

from collections.abc import Sequence

from companion.core.errors import SettingsError
from companion.hearing.recogniser import Recogniser

RECOGNISERS = ("whisper", "vosk")


def unknown_to(recogniser: Recogniser, said: Sequence[str]) -> tuple[str, ...]:
    """Those of the phrases, or names, with a word that it cannot know."""
    return tuple(said[place] for place in recogniser.unknown(said))


def not_known(phrases: Sequence[str]) -> str:
    """What is told of phrases that a recogniser cannot know."""
    listed = ", ".join(f'"{phrase}"' for phrase in phrases)
    return f"The recogniser's model does not know every word of {listed}: it will not hear that; with Whisper it would."


def usual_model(kind: str, language: str) -> str:
    """The catalogue's name of the model that a recogniser has for this language."""
    return "whisper-base" if kind == "whisper" else f"{kind}-{language}"


def open_recogniser(kind: str, language: str, model: str | None = None, thorough: bool = False) -> Recogniser:
    """The recogniser `whisper` or `vosk` with its model for this language, or with another model by name.

    A `thorough` one takes its time to score also what was surely not said: to calibrate with.

    Raises SettingsError for another kind, ModelError when the model is not here or broken. Loading takes
    seconds and, with Whisper, 500 MB.
    """
    if model is not None and model.partition("-")[0] != kind and kind in RECOGNISERS:
        raise SettingsError(f'The model "{model}" is none for {kind}; name its recogniser, or another model.')
    # Imported here because either library costs a second and the process of the other needs none of it.
    if kind == "whisper":
        from companion.hearing.whisper import WhisperRecogniser

        return WhisperRecogniser(language, model or usual_model(kind, language), thorough)
    if kind == "vosk":
        from companion.hearing.vosk import VoskRecogniser

        return VoskRecogniser(model or usual_model(kind, language))
    raise SettingsError(f'There is no recogniser "{kind}"; choose one of {", ".join(RECOGNISERS)}.')
