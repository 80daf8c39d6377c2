import errno
import os
import threading
import time
from collections import Counter
from concurrent.futures import CancelledError
from pathlib import Path

import numpy as np
import pytest

from companion.core.errors import VoiceError
from companion.voice.cache import SentenceCache
from companion.voice.sound import RATE, Pcm


class Hum:
    """A synthesiser that hums each text at a pitch of its own, and counts; `gate` holds it back."""

    identity = "hum"

    def __init__(self) -> None:
        self.rendered: Counter[str] = Counter()
        self.threads: set[str] = set()
        self.gate = threading.Event()
        self.gate.set()
        self.busy = threading.Semaphore(0)
        self.closed = False

    def close(self) -> None:
        self.closed = True

    def render(self, text: str) -> Pcm:
        self.rendered[text] += 1
        self.threads.add(threading.current_thread().name)
        self.busy.release()
        assert self.gate.wait(30)
        if text == "stuk":
            raise VoiceError("The voice is broken; mend it.")
        t = np.arange(RATE // 4) / RATE
        return Pcm((np.sin(2 * np.pi * (200 + sum(text.encode()) % 800) * t) * 9000).astype(np.int16))


def same(one: Pcm, other: Pcm) -> bool:
    return np.array_equal(one.samples, other.samples)


def test_a_sentence_is_rendered_once_and_then_comes_from_memory_and_disk(tmp_path: Path) -> None:
    hum = Hum()
    first = SentenceCache(hum, tmp_path).pcm("een")
    cache = SentenceCache(hum, tmp_path)
    assert same(cache.pcm("een"), first)
    for file in tmp_path.iterdir():
        file.unlink()
    assert same(cache.pcm("een"), first)
    assert hum.rendered == {"een": 1}


def test_another_voice_has_files_of_its_own(tmp_path: Path) -> None:
    hum, other = Hum(), Hum()
    other.identity = "other"
    SentenceCache(hum, tmp_path).pcm("een")
    SentenceCache(other, tmp_path).pcm("een")
    assert other.rendered == {"een": 1}


def _cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def _bit(data: bytes) -> bytes:
    return data[:500] + bytes([data[500] ^ 1]) + data[501:]


@pytest.mark.parametrize("damage", [_cut, _bit, lambda data: b"", lambda data: data + b"\0", lambda data: b"\0\0\0"])
def test_a_damaged_file_is_rendered_again_and_mended(tmp_path: Path, damage) -> None:
    hum = Hum()
    whole = SentenceCache(hum, tmp_path).pcm("een")
    (file,) = tmp_path.iterdir()
    good = file.read_bytes()
    file.write_bytes(damage(good))
    assert same(SentenceCache(hum, tmp_path).pcm("een"), whole)
    assert file.read_bytes() == good
    assert hum.rendered["een"] == 2


def test_preparing_renders_each_sentence_once_in_two_threads_at_most(tmp_path: Path) -> None:
    hum = Hum()
    cache = SentenceCache(hum, tmp_path)
    texts = [f"zin {number % 20}" for number in range(60)]
    futures = cache.prepare(texts)
    assert len(futures) == 20
    sounds = [future.result(30) for future in futures]
    assert all(same(cache.pcm(text), sound) for text, sound in zip(dict.fromkeys(texts), sounds, strict=True))
    assert set(hum.rendered.values()) == {1}
    assert 1 <= len(hum.threads) <= 2


def test_a_sentence_that_is_needed_now_does_not_wait_behind_others(tmp_path: Path) -> None:
    hum = Hum()
    cache = SentenceCache(hum, tmp_path)
    hum.gate.clear()
    waiting = cache.prepare(["een", "twee", "drie", "vier"])
    for _ in range(2):
        assert hum.busy.acquire(timeout=30)
    needed: list[Pcm] = []
    thread = threading.Thread(target=lambda: needed.append(cache.pcm("vier")), name="needs")
    thread.start()
    assert hum.busy.acquire(timeout=30), "the third sentence begins while two others still hold both workers"
    assert hum.rendered["vier"] == 1
    assert hum.rendered["drie"] == 0
    hum.gate.set()
    thread.join(30)
    assert waiting[3].cancelled()
    assert "needs" in hum.threads
    assert needed


def test_a_sentence_being_rendered_is_waited_for(tmp_path: Path) -> None:
    hum = Hum()
    cache = SentenceCache(hum, tmp_path)
    hum.gate.clear()
    cache.prepare(["een"])
    assert hum.busy.acquire(timeout=30)
    thread = threading.Thread(target=cache.pcm, args=("een",))
    thread.start()
    hum.gate.set()
    thread.join(30)
    assert hum.rendered == {"een": 1}


def test_a_broken_sentence_stops_no_other_and_can_be_tried_again(tmp_path: Path) -> None:
    hum = Hum()
    cache = SentenceCache(hum, tmp_path)
    broken, whole = cache.prepare(["stuk", "heel"])
    assert isinstance(broken.exception(30), VoiceError)
    assert whole.result(30).seconds > 0
    with pytest.raises(VoiceError):
        cache.pcm("stuk")
    assert hum.rendered["stuk"] == 2


def test_the_folder_stays_bounded_and_loses_the_oldest_first(tmp_path: Path) -> None:
    hum = Hum()
    SentenceCache(hum, tmp_path).pcm("een")
    (one,) = tmp_path.iterdir()
    size = one.stat().st_size
    cache = SentenceCache(hum, tmp_path, largest=3 * size)
    for age, text in enumerate(["een", "twee", "drie"]):
        cache.pcm(text)
        newest = max(tmp_path.iterdir(), key=lambda file: file.stat().st_mtime_ns)
        os.utime(newest, (1000 + age, 1000 + age))
    SentenceCache(hum, tmp_path).pcm("een")  # being read makes it the newest
    cache.pcm("vier")
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) <= 3 * size
    again = SentenceCache(hum, tmp_path)
    for text in ("een", "drie", "vier", "twee"):
        again.pcm(text)
    assert hum.rendered == {"een": 1, "twee": 2, "drie": 1, "vier": 1}


def test_a_read_only_card_still_gives_its_sentences(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    hum = Hum()
    SentenceCache(hum, tmp_path).pcm("een")
    monkeypatch.setattr(os, "utime", refuse)
    assert SentenceCache(hum, tmp_path).pcm("een").seconds > 0
    assert hum.rendered == {"een": 1}


def test_after_the_clock_went_back_what_was_used_since_stays(tmp_path: Path) -> None:
    hum = Hum()
    SentenceCache(hum, tmp_path).pcm("een")
    (one,) = tmp_path.iterdir()
    cache = SentenceCache(hum, tmp_path, largest=3 * one.stat().st_size)
    for text in ("twee", "drie"):
        cache.pcm(text)
    to_come = time.time() + 86_400
    for age, file in enumerate(tmp_path.iterdir()):
        os.utime(file, (to_come + age, to_come + age))
    SentenceCache(hum, tmp_path).pcm("een")  # being read tells its time anew
    for text in ("vier", "vijf"):
        cache.pcm(text)
    again = SentenceCache(hum, tmp_path)
    for text in ("een", "vier", "vijf"):
        again.pcm(text)
    assert hum.rendered == dict.fromkeys(("een", "twee", "drie", "vier", "vijf"), 1)


def test_what_was_just_written_stays_whatever_the_clock_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hum = Hum()
    SentenceCache(hum, tmp_path).pcm("een")
    (one,) = tmp_path.iterdir()
    monkeypatch.setattr(time, "time_ns", lambda: 0)  # the clock goes back between writing and making room
    os.utime(one, (time.time() + 86_400,) * 2)
    SentenceCache(hum, tmp_path, largest=one.stat().st_size).pcm("twee")
    assert not one.exists()
    assert len(list(tmp_path.iterdir())) == 1


def test_a_folder_that_takes_nothing_costs_no_sentence(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    place = tmp_path / "file"
    place.write_text("")
    assert SentenceCache(Hum(), place).pcm("een").seconds > 0
    assert "make it writable" in caplog.text
    assert "een" not in [record.getMessage() for record in caplog.records]


def test_no_half_file_is_ever_left(tmp_path: Path) -> None:
    cache = SentenceCache(Hum(), tmp_path)
    for future in cache.prepare(str(number) for number in range(30)):
        future.result(30)
    assert {file.suffix for file in tmp_path.iterdir()} == {".pcm"}


def test_closing_gives_up_what_waits(tmp_path: Path) -> None:
    hum = Hum()
    cache = SentenceCache(hum, tmp_path)
    hum.gate.clear()
    waiting = cache.prepare(["een", "twee", "drie", "vier"])
    for _ in range(2):
        assert hum.busy.acquire(timeout=30)
    assert cache.prepare(["vier"]) == waiting[3:], "what is under way is not begun again"
    closer = threading.Thread(target=cache.close)
    closer.start()
    with pytest.raises(CancelledError):
        waiting[3].result(30)
    hum.gate.set()
    closer.join(30)
    assert hum.rendered == {"een": 1, "twee": 1}


def test_memory_stays_bounded_and_the_disk_stands_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hum = Hum()
    cache = SentenceCache(hum, tmp_path)
    monkeypatch.setattr("companion.voice.cache.LARGEST_MEMORY", 3 * cache.pcm("een").samples.nbytes)
    for text in ("twee", "drie", "vier"):
        cache.pcm(text)
    for file in tmp_path.iterdir():
        file.unlink()
    for text in ("vier", "drie", "twee"):
        cache.pcm(text)
    assert set(hum.rendered.values()) == {1}
    cache.pcm("een")
    assert hum.rendered["een"] == 2, "the one that was not asked for longest had to go"


def test_a_folder_that_takes_nothing_is_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").touch()
    cache = SentenceCache(Hum(), tmp_path / "file")
    for text in ("een", "twee"):
        cache.pcm(text)
    assert caplog.text.count("cannot be kept") == 1
