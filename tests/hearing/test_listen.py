"""`companion listen`: what it says of every kind of report, and the whole way from a real microphone's sound."""

import sys
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from companion.core.attention import Attention
from companion.core.event import NOISE, Device, DeviceFound, DeviceLost
from companion.core.units import Instant
from companion.hearing import ears
from companion.hearing import listen as listen_module
from companion.hearing.listen import Line, Told, listen
from companion.hearing.mel import RATE
from companion.hearing.message import NO_COMMAND, Ailment, Kind, Note, Report
from companion.hearing.process import Configuration
from companion.language.phrases import LANGUAGES, language_file
from tests.hearing.tones import PHRASES, hush, tone
from tests.pulse import MICROPHONE, PulseTable, pulse_table, write_wave

__all__ = ["pulse_table"]


def said(note: Note, place: int = NO_COMMAND, z: float = 4.0, language: str = "nl") -> str:
    kind = Kind.DROPPED if note in (Note.TOO_SHORT, Note.TOO_LONG) else Kind.JUDGED
    (line,) = Told(PHRASES, language).of(Report(kind, place=place, z=z, needed=4.6, note=note))
    assert not line.passing
    return line.text


@pytest.mark.parametrize(
    ("note", "z", "words"),
    [
        (Note.ACCEPTED, 6.2, '"volgende fase": gehoord (6.2, nodig 4.6).'),
        (Note.ASKED, 4.0, '"volgende fase": bijna (4.0, nodig 4.6). Binnen 8 seconden nog eens gezegd telt het.'),
        (Note.UNLIKE, 3.0, '"volgende fase": genegeerd, het lijkt er te weinig op (3.0, nodig 4.6).'),
        (Note.BETWEEN, 5.0, '"volgende fase": genegeerd, het kan ook een andere opdracht zijn'),
        (Note.FAR, 0.0, "Genegeerd: geen opdracht."),
        (Note.OTHER_WORDS, 5.0, "Genegeerd: er werd iets anders gezegd."),
        (Note.TOO_LONG, 0.0, "Genegeerd: te lang voor een opdracht"),
    ],
)
def test_every_utterance_is_told_with_its_reason(note: Note, z: float, words: str) -> None:
    assert said(note, 0, z).startswith(words)


def test_what_the_model_does_not_know_is_named() -> None:
    told = Told(PHRASES, "nl")
    (line,) = told.lacks(("start balintgroep", "tafel"))
    assert line == Line('Het model kent niet elk woord van "start balintgroep", "tafel": dat hoort het nooit.')


def test_a_room_without_quiet_is_told_once_until_it_is_quiet() -> None:
    told, noisy = Told(PHRASES, "nl"), Report(Kind.LISTENING, note=Note.NEVER_QUIET)
    first, again, quiet = (told.of(report) for report in (noisy, noisy, Report(Kind.LISTENING)))
    assert [line.text for line in first if "halve minuut geen stilte" in line.text]
    assert [line.passing for line in again] == [line.passing for line in quiet] == [True]
    assert [line.text for line in told.of(noisy) if "halve minuut geen stilte" in line.text]


class OneReport:
    """Ears that report once, as soon as they start."""

    def __init__(self, _: Configuration, watch: Callable[[Report], None], **_others: object) -> None:
        self._watch = watch

    def attend(self, attention: Attention) -> None: ...

    def start(self) -> None:
        self._watch(Report(Kind.LISTENING))

    def close(self) -> None: ...


def test_it_ends_when_nobody_reads_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listen_module, "Ears", OneReport)
    shown = list[Line]()

    def show(line: Line) -> None:
        if shown:
            raise BrokenPipeError
        shown.append(line)

    until = threading.Event()
    listen(Configuration(PHRASES, "nl"), show, until)
    assert until.is_set()
    assert len(shown) == 1


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("note", [note for note in Note if note is not Note.NONE])
def test_every_language_has_words_for_everything(language: str, note: Note) -> None:
    assert said(note, 1, language=language)
    assert language_file(language)["listening"].keys() == language_file("nl")["listening"].keys()


def test_the_level_is_shown_and_written_over() -> None:
    told = Told(PHRASES, "nl")
    lines = told.of(Report(Kind.LISTENING, level=-60.0, loudness=-36.0, dropped=2))
    assert [line.passing for line in lines] == [False, False, True]
    assert lines[0].text == 'Klaar. Zeg bijvoorbeeld "volgende fase", van elke plaats aan tafel.'
    assert lines[1].text.startswith("2 stukjes geluid gemist")
    assert lines[2].text == "kamer -60 dB, nu -36 dB  " + "#" * 12 + "." * 12
    assert len(told.of(Report(Kind.LISTENING, level=-60.0, loudness=20.0, dropped=2))) == 1


def test_a_lost_microphone_is_told() -> None:
    told = Told(PHRASES, "en")
    lost, found = (kind(Instant(0), Device.MICROPHONE) for kind in (DeviceLost, DeviceFound))
    assert told.event(lost) == told.event(found) == [], "ears that still load are deaf, and nothing is wrong"
    told.of(Report(Kind.LISTENING))
    assert [line.text for line in told.event(lost)] == [language_file("en")["listening"]["lost"]]
    assert told.ails(Ailment(Kind.DEAF, 0)) == [], "once"
    assert [line.text for line in told.event(found)] == [language_file("en")["listening"]["found"]]
    (line,) = Told(PHRASES, "en").ails(Ailment(Kind.DEAF, 0))
    assert line.text == language_file("en")["listening"]["lost"]
    (line,) = Told(PHRASES, "en").ails(Ailment(Kind.REFUSED, 0))
    assert "cannot use these phrases" in line.text, "the microphone is not to blame"
    assert [told.event(kind(Instant(0), Device.MICROPHONE, NOISE)) for kind in (DeviceLost, DeviceFound)] == [[], []]


@pytest.mark.sound
def test_it_tells_what_a_microphone_hears_and_no_other_word(
    pulse_table: PulseTable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real path: PulseAudio, PortAudio, the ears' process; a recogniser of tones that prints what it hears."""
    child = (sys.executable, "-m", "tests.hearing.child", "prints", str(tmp_path / "nothing"))
    monkeypatch.setattr(ears.Ears.__init__, "__defaults__", (child, *(ears.Ears.__init__.__defaults__ or ())[1:]))
    lines: list[Line] = []
    changed, stop = threading.Condition(), threading.Event()

    def show(line: Line) -> None:
        with changed:
            lines.append(line)
            changed.notify_all()

    def wait_for(words: str) -> None:
        with changed:
            assert changed.wait_for(lambda: any(words in line.text for line in lines), 60), [
                line.text for line in lines
            ]

    thread = threading.Thread(
        target=listen, args=(Configuration(PHRASES, "nl", microphone=MICROPHONE), show, stop), daemon=True
    )
    thread.start()
    try:
        wait_for("Klaar")
        file = tmp_path / "said.wav"
        write_wave(file, np.concatenate([hush(1.0), tone(0, 0.9), hush(1.0), tone(1, 7.0), hush(1.0)]), RATE)
        pulse_table.play(file)
        wait_for('"volgende fase": gehoord')
        wait_for("te lang voor een opdracht")
    finally:
        stop.set()
        thread.join(10)
    assert not thread.is_alive()
    assert any(line.passing for line in lines)
    assert list(tmp_path.iterdir()) == [file]
