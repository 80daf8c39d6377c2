"""The real engine renders: skipped by name where it is not installed."""

import errno
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from companion.core.errors import VoiceError
from companion.voice.render import OTHER_PACE
from companion.voice.synthesiser import Pyttsx3Synthesiser, shortest

pytestmark = [
    pytest.mark.sound,
    pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed"),
]

LONG = "Vertel in je eigen woorden wat er gebeurde, wie erbij waren, en welke vraag jou sindsdien bezighoudt. " * 6


@pytest.mark.parametrize("voice", ["nl", "gmw/nl", "nl+f2", "Dutch", "en-gb", "en"])
@pytest.mark.parametrize("text", ["Ja.", "De volgende fase: luisteren.", LONG], ids=["word", "cue", "long"])
def test_a_sentence_is_rendered_whole(voice: str, text: str) -> None:
    pcm = Pyttsx3Synthesiser(voice).render(text)
    assert shortest(text, 150) <= pcm.seconds <= 10 * shortest(text, 150) + 2
    assert np.abs(pcm.samples.astype(int)).max() > 3000
    last = pcm.samples[-round(0.1 * pcm.rate) :].astype(int)
    assert np.abs(last).max() < 3000, "a whole sentence ends in a pause"


DENIED = """
import ctypes, os, sys
PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN = 65, 1
if ctypes.CDLL(None).prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0):
    sys.exit(77)
os.execv(sys.executable, [sys.executable, "-m", "companion.voice.render", "nl", "150"])
"""


def test_a_sentence_is_rendered_where_no_memory_may_become_executable() -> None:
    """As in the service's sandbox (MemoryDenyWriteExecute): pyttsx3 calls back from C."""
    done = subprocess.run([sys.executable, "-c", DENIED], input=b"Welkom allemaal.", capture_output=True, check=False)
    if done.returncode == 77:
        pytest.skip("this kernel knows no PR_SET_MDWE")
    assert done.returncode == 0, done.stderr
    assert len(done.stdout) > 20_000


LOSING = """
import sys
from pyttsx3.drivers import _espeak
from companion.voice.render import main
told, lost = _espeak.SetParameter, []
def told_in_vain(*told_that):
    lost.append(told_that)
    return told(*told_that) if len(lost) > {many} else 0
_espeak.SetParameter = told_in_vain
sys.exit(main("nl", 110))
"""


def rendered_losing(many: int) -> subprocess.CompletedProcess[bytes]:
    """A sentence by an espeak-ng that forgets as many things as it is told, as the real one does now and then."""
    command = [sys.executable, "-c", LOSING.format(many=many)]
    return subprocess.run(command, input=b"Welkom allemaal.", capture_output=True, check=False)


def test_a_pace_that_espeak_lost_is_set_once_more() -> None:
    before_the_sentence = 3  # pyttsx3's own pace and volume, and ours
    assert rendered_losing(before_the_sentence).stdout == rendered_losing(0).stdout


def test_a_sentence_at_another_pace_is_not_taken() -> None:
    done = rendered_losing(99)
    assert (done.returncode, done.stdout) == (OTHER_PACE, b"")


def test_rate_is_obeyed() -> None:
    text = "Iedereen krijgt evenveel tijd om te vertellen."
    slow, fast = (Pyttsx3Synthesiser("nl", rate).render(text).seconds for rate in (110, 220))
    assert 1.6 < slow / fast < 2.6


@pytest.mark.parametrize("voice", ["wauwel", "zz", "nl-nergens"])
def test_an_unknown_voice_is_refused(voice: str) -> None:
    with pytest.raises(VoiceError) as refusal:
        Pyttsx3Synthesiser(voice).render("Hallo allemaal.")
    assert str(refusal.value) == f'There is no voice "{voice}"; choose one that `espeak-ng --voices` lists.'


@pytest.mark.parametrize("rate", [79, 451])
def test_an_impossible_rate_is_refused(rate: int) -> None:
    with pytest.raises(VoiceError) as refusal:
        Pyttsx3Synthesiser("nl", rate)
    assert str(refusal.value) == f"The voice cannot speak {rate} words a minute; choose 80 to 450."


@pytest.mark.parametrize(
    ("script", "fault"),
    [
        ("exit 1", "gave no sound (no reason given); install espeak-ng and pyttsx3."),
        ("echo kapot >&2; exit 1", "gave no sound (kapot); install espeak-ng and pyttsx3."),
        (f"exit {OTHER_PACE}", "did not keep to 150 words a minute; try another pace."),
        ("echo no wave", "gave a broken sound file; install pyttsx3 anew."),
        ("sox -n -r 22050 -c 1 -b 16 -t wav - trim 0 0.1", "left off in the middle of a sentence; try another voice."),
    ],
)
def test_a_broken_engine_is_tried_twice_and_named(
    script: str, fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine's process is a real one that misbehaves, and counts how often it is called."""
    if shutil.which("sox") is None:
        pytest.skip("sox is not installed")
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\necho x >> {tmp_path}/calls\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(sys, "executable", str(program))
    with pytest.raises(VoiceError) as refusal:
        Pyttsx3Synthesiser("nl").render("Dit is een zin van gewone lengte.")
    assert str(refusal.value) == f'The voice "nl" {fault}'
    assert (tmp_path / "calls").read_text().count("x") == 2


@pytest.mark.parametrize("number", [errno.ENOMEM, errno.EAGAIN, errno.EMFILE])
def test_an_engine_that_cannot_be_started_is_tried_twice_and_named(
    number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[object] = []

    def refuse(command: object, **options: object) -> None:
        tries.append(command)
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(subprocess, "run", refuse)
    with pytest.raises(VoiceError) as refusal:
        Pyttsx3Synthesiser("nl").render("Hallo allemaal.")
    reason = f"could not be started ({os.strerror(number)}); is the machine overloaded?"
    assert str(refusal.value) == f'The voice "nl" {reason}'
    assert len(tries) == 2


def test_identity_tells_apart_what_sounds_different() -> None:
    identities = {
        Pyttsx3Synthesiser(*made).identity for made in [("nl", 150), ("nl", 160), ("en-gb", 150), ("nl+f2", 150)]
    }
    assert len(identities) == 4
    assert Pyttsx3Synthesiser("nl", 150).identity == Pyttsx3Synthesiser("nl").identity
