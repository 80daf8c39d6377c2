"""The errors of the whole house: one root, a class a layer, each also the fitting built-in.

Every message is one sentence that names the place, the value and the remedy. No message ever holds
anything that came from a microphone.
"""


class CompanionError(Exception):
    """Root of every error that this package raises on purpose."""


class UserError(CompanionError):
    """The user can mend it: the command line prints the sentence and exits with status 2."""


class PlanError(UserError, ValueError):
    """The people and the time asked for do not make a plan."""


class MethodError(UserError, ValueError):
    """A file of methods or rules holds a mistake."""


class SettingsError(UserError, ValueError):
    """The settings file holds a mistake."""


class ScriptError(UserError, ValueError):
    """A rehearsal's script holds a mistake."""


class PhraseError(UserError, ValueError):
    """A list of phrases holds a mistake."""


class SoundFileError(UserError, ValueError):
    """A sound file or a manifest of sound files cannot be used."""


class ModelError(UserError, OSError):
    """A recogniser's or a voice's model is missing or broken."""


class TerminalError(UserError, OSError):
    """What is shown on a screen and steered by keys was started without either."""


class DeviceError(CompanionError, OSError):
    """A microphone, loudspeaker, ring or button cannot be used."""


class VoiceError(CompanionError, RuntimeError):
    """A sentence could not be turned into sound."""
