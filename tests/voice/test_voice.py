"""The voice on a loudspeaker that behaves: nothing here waits for real time, the test paces the sound."""

import itertools
import queue
import threading
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.core.effect import Chime
from companion.core.errors import DeviceError, VoiceError
from companion.core.event import Device, DeviceFound, DeviceLost, Event, SpeechEnded
from companion.core.units import Instant
from companion.voice.sound import PAUSE, Pcm, joined, silence
from companion.voice.speaker import BLOCK
from companion.voice.voice import NOTCH_DB, NOTCHES, USUAL_NOTCH, Voice
from tests.voice.fake_speaker import FakeSpeaker

GAIN = 10 ** ((USUAL_NOTCH - NOTCHES) * NOTCH_DB / 20)
LENGTHS = {"een": 30, "twee": 50, "drie": 20, "lang": 20_000}
"""Sentences and how many blocks they take."""
LATE = "laat"


def block_sound(level: int, blocks: int) -> Pcm:
    return Pcm(np.full(blocks * BLOCK, level, dtype=np.int16))


class Sentences:
    """LATE takes until they are closed."""

    def __init__(self) -> None:
        self.is_waited_for, self._closed = threading.Event(), threading.Event()

    def pcm(self, text: str) -> Pcm:
        if text == LATE:
            self.is_waited_for.set()
            self._closed.wait()
        if text not in LENGTHS:
            raise VoiceError("The voice is broken; mend it.")
        return block_sound(1000 * (1 + list(LENGTHS).index(text)), LENGTHS[text])

    def close(self) -> None:
        self._closed.set()


CHIMES = {chime: block_sound(-1000 * (1 + place), 10) for place, chime in enumerate(Chime)}


class Inbox:
    def __init__(self) -> None:
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()

    def post(self, event: Event) -> None:
        self._events.put(event)

    def next(self) -> Event:
        return self._events.get(timeout=30)

    def rest(self) -> list[Event]:
        return [self._events.get() for _ in range(self._events.qsize())]


class House:
    """A voice with all its surroundings; its clock counts how often it is read."""

    def __init__(self, *speakers: FakeSpeaker | DeviceError) -> None:
        self.inbox = Inbox()
        self._speakers = iter(speakers)
        ticks = itertools.count()
        self.seen: list[Event] = []
        self.sentences = Sentences()
        self.voice = Voice(
            self.sentences, self._open, CHIMES, self.inbox.post, lambda: Instant(float(next(ticks))), first_pause=0.001
        )

    def _open(self) -> FakeSpeaker:
        speaker = next(self._speakers, DeviceError("There is no more loudspeaker; plug one in."))
        if isinstance(speaker, DeviceError):
            raise speaker
        return speaker

    def after_all(self, number: int = 999) -> None:
        """Wait until all that was asked for is done, by asking for one speech more."""
        self.voice.say(number, ())
        while (event := self.inbox.next()) != SpeechEnded(event.at, number):
            self.seen.append(event)


@pytest.fixture
def house() -> Iterator[Callable[..., House]]:
    houses: list[House] = []

    def build(*speakers: FakeSpeaker | DeviceError) -> House:
        houses.append(House(*speakers))
        return houses[-1]

    yield build
    for built in houses:
        built.voice.close()


def as_heard(*sounds: Pcm, gain: float = GAIN) -> np.ndarray:
    return np.round(joined(sounds).samples * gain).astype(np.int16)


def sound(text: str) -> Pcm:
    return Sentences().pcm(text)


def test_chimes_and_sentences_are_heard_in_order_with_a_pause_between_sentences(house) -> None:
    speaker = FakeSpeaker()
    built = house(speaker)
    built.voice.ring(Chime.END)
    built.voice.say(1, ("een", "twee"))
    built.voice.say(2, ("drie",))
    built.after_all()
    expected = as_heard(CHIMES[Chime.END], sound("een"), silence(PAUSE), sound("twee"), sound("drie"))
    assert np.array_equal(speaker.heard, expected)
    assert [event.speech for event in built.seen] == [1, 2]
    assert built.seen == sorted(built.seen, key=lambda event: event.at)


def test_speech_ends_only_when_all_of_it_was_heard(house) -> None:
    speaker = FakeSpeaker(paced=True)
    built = house(speaker)
    built.voice.say(1, ("een",))
    speaker.let(LENGTHS["een"] - 1)
    speaker.await_writes(LENGTHS["een"] - 1)
    assert built.inbox.rest() == []
    speaker.let(1)
    event = built.inbox.next()
    assert event == SpeechEnded(event.at, 1)
    assert np.array_equal(speaker.heard, as_heard(sound("een")))


def test_a_press_cuts_speech_off_within_one_block_and_posts_nothing(house) -> None:
    speaker = FakeSpeaker(paced=True)
    built = house(speaker)
    built.voice.say(1, ("een", "twee"))
    built.voice.say(2, ("drie",))
    speaker.let(20)
    speaker.await_writes(20)
    built.voice.hush()
    built.voice.say(3, ("drie",))
    speaker.let(1000)
    event = built.inbox.next()
    assert event == SpeechEnded(event.at, 3)
    assert built.inbox.rest() == []
    first = np.count_nonzero(speaker.heard == speaker.heard[0])
    assert first <= 21 * BLOCK - round(float(speaker.latency) * 22050)
    assert np.array_equal(speaker.heard[first:], as_heard(sound("drie")))


@pytest.fixture
def ringing(house) -> tuple[House, FakeSpeaker]:
    """In the midst of a chime."""
    speaker = FakeSpeaker(paced=True)
    built = house(speaker)
    built.voice.ring(Chime.START)
    speaker.let(3)
    speaker.await_writes(3)
    return built, speaker


def test_a_chime_is_not_cut_off_by_a_hush(ringing: tuple[House, FakeSpeaker]) -> None:
    built, speaker = ringing
    built.voice.hush()
    speaker.let(1000)
    built.after_all()
    assert np.array_equal(speaker.heard, as_heard(CHIMES[Chime.START]))


def test_of_the_same_chimes_that_wait_the_last_one_rings(ringing: tuple[House, FakeSpeaker]) -> None:
    """A knob gives one a notch: what the group is told next must not wait for twelve."""
    built, speaker = ringing
    for _ in range(12):
        built.voice.ring(Chime.START)
    built.voice.ring(Chime.END)
    speaker.let(1000)
    built.after_all()
    assert np.array_equal(speaker.heard, as_heard(CHIMES[Chime.START], CHIMES[Chime.START], CHIMES[Chime.END]))


@settings(deadline=None, max_examples=60)
@given(st.lists(st.sampled_from(["say", "hush", "ring"]), max_size=12))
def test_every_speech_ends_once_or_was_hushed(asked: list[str]) -> None:
    built = House(FakeSpeaker())
    waiting: list[int] = []
    for number, what in enumerate(asked):
        if what == "say":
            built.voice.say(number, ("een",))
            waiting.append(number)
        elif what == "hush":
            built.voice.hush()
            ended = [event.speech for event in built.inbox.rest()]
            assert ended == waiting[: len(ended)], "what ended before the hush ended in order, each once"
            waiting = []
        else:
            built.voice.ring(Chime.TURN)
    built.after_all()
    built.voice.close()
    assert [event.speech for event in built.seen] == waiting, "nothing hushed ends afterwards"


def test_a_sentence_without_sound_is_left_out(house, caplog: pytest.LogCaptureFixture) -> None:
    speaker = FakeSpeaker()
    built = house(speaker)
    built.voice.say(1, ("onbekend",))
    built.voice.say(2, ("een", "onbekend"))
    built.after_all()
    assert [event.speech for event in built.seen] == [1, 2]
    assert np.array_equal(speaker.heard, as_heard(sound("een"), silence(PAUSE)))
    assert "onbekend" not in caplog.text


@pytest.mark.parametrize(("notches", "notch"), [(0, 6), (1, 7), (-2, 4), (9, 9), (-9, 1)])
def test_volume_goes_by_notches_and_stays_within_them(house, notches: int, notch: int) -> None:
    speaker = FakeSpeaker()
    built = house(speaker)
    built.voice.change_volume(notches)
    built.voice.say(1, ("een",))
    built.after_all()
    assert np.array_equal(speaker.heard, as_heard(sound("een"), gain=10 ** ((notch - 9) * NOTCH_DB / 20)))


def test_a_pulled_loudspeaker_is_told_once_ends_its_speech_and_is_found_again(house) -> None:
    broken, mended = FakeSpeaker(paced=True), FakeSpeaker()
    nothing = [DeviceError("Still gone; plug it in.")] * 3
    built = house(broken, *nothing, mended)
    built.voice.say(1, ("een",))
    broken.let(5)
    broken.await_writes(5)
    broken.pull_out()
    broken.let(1)
    events = [built.inbox.next() for _ in range(3)]
    assert events == [
        DeviceLost(events[0].at, Device.SPEAKER),
        SpeechEnded(events[1].at, 1),
        DeviceFound(events[2].at, Device.SPEAKER),
    ]
    built.voice.say(2, ("twee",))
    built.after_all()
    assert np.array_equal(mended.heard, as_heard(sound("twee")))
    assert broken.closed


def test_without_any_loudspeaker_every_speech_ends_at_once(house) -> None:
    built = house()
    built.voice.ring(Chime.END)
    built.voice.say(1, ("een",))
    built.after_all()
    lost = [event for event in built.seen if isinstance(event, DeviceLost)]
    assert lost == [DeviceLost(lost[0].at, Device.SPEAKER)]
    assert [event.speech for event in built.seen if isinstance(event, SpeechEnded)] == [1]


def test_closing_falls_silent_and_gives_the_loudspeaker_back(house) -> None:
    speaker = FakeSpeaker(paced=True)
    built = house(speaker)
    built.voice.say(1, ("lang",))
    speaker.let(5)
    speaker.await_writes(5)
    closer = threading.Thread(target=built.voice.close)
    closer.start()
    while closer.is_alive():
        speaker.let(1)
        closer.join(0.001)
    assert speaker.closed
    assert not built.inbox.rest()
    assert len(speaker.heard) < LENGTHS["lang"] * BLOCK


def test_closing_waits_for_no_sentence(house, caplog: pytest.LogCaptureFixture) -> None:
    speaker = FakeSpeaker()
    built = house(speaker)
    built.voice.say(1, (LATE, "een"))
    built.sentences.is_waited_for.wait()
    built.voice.close()
    assert speaker.closed
    assert not len(speaker.heard)
    assert not caplog.text
