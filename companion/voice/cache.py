"""Sentences that are rendered once: kept in memory and on disk by content, voice and processing.

A file is named by the SHA-256 of these three and holds the CRC-32 of its samples and the samples at RATE,
little-endian. A file that does not fit its checksum is rendered again, so writing needs no fsync.
"""

import hashlib
import logging
import os
import threading
import time
import zlib
from collections import OrderedDict
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import numpy as np

from companion.core.errors import VoiceError
from companion.voice import processing
from companion.voice.sound import Pcm
from companion.voice.synthesiser import Synthesiser

WORKERS = 2
"""Sentences rendered at a time: a small machine has other things to do."""
LARGEST_FOLDER = 256 * 1024 * 1024
"""Bytes on disk: some 100 minutes of speech, the sentences of five sessions."""
LARGEST_MEMORY = 64 * 1024 * 1024
"""Bytes in memory: a session's 300 sentences take 45 MB in Dutch."""

_log = logging.getLogger(__name__)


class SentenceCache:
    """Gives a sentence's sound from memory, from the folder, or by rendering it. For any thread."""

    def __init__(self, synthesiser: Synthesiser, folder: Path, largest: int = LARGEST_FOLDER) -> None:
        self._synthesiser = synthesiser
        self._folder = folder
        self._largest = largest
        self._lock = threading.Lock()
        self._memory: OrderedDict[str, Pcm] = OrderedDict()
        self._ahead: dict[str, Future[Pcm]] = {}
        self._closed = False
        self._is_refused = False
        self._workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="voice-render")

    def pcm(self, text: str) -> Pcm:
        """The sentence's sound at RATE, at once where it was prepared. Raises VoiceError."""
        with self._lock:
            if (kept := self._memory.get(text)) is not None:
                self._memory.move_to_end(text)
                return kept
            ahead = self._ahead.get(text)
        if ahead is not None and not ahead.cancel():  # one that waits its turn behind others is rendered here instead
            return ahead.result()
        return self._made(text)

    def prepare(self, texts: Iterable[str]) -> tuple[Future[Pcm], ...]:
        """Begin to render the sentences ahead, in their order; returns at once with the results to come."""
        return tuple(self._begun(text) for text in dict.fromkeys(texts))

    def close(self) -> None:
        """Give up what has not begun to be rendered, and the synthesiser."""
        self._closed = True
        self._synthesiser.close()
        self._workers.shutdown(wait=True, cancel_futures=True)

    def _begun(self, text: str) -> Future[Pcm]:
        with self._lock:
            if text in self._ahead:
                return self._ahead[text]
            self._ahead[text] = future = self._workers.submit(self._made, text)
        future.add_done_callback(lambda done: self._settled(text, done))
        return future

    def _settled(self, text: str, done: Future[Pcm]) -> None:
        with self._lock:
            self._ahead.pop(text, None)
        if not self._closed and not done.cancelled() and isinstance(error := done.exception(), VoiceError):
            _log.warning("A sentence could not be prepared: %s", error)

    def _made(self, text: str) -> Pcm:
        pcm = _read(self._path(text))
        if pcm is None:
            pcm = processing.processed(self._synthesiser.render(text))
            self._write(self._path(text), pcm)  # another voice may have taken over just now
        with self._lock:
            self._memory[text] = pcm
            while sum(kept.samples.nbytes for kept in self._memory.values()) > LARGEST_MEMORY:
                self._memory.popitem(last=False)
        return pcm

    def _path(self, text: str) -> Path:
        key = "\0".join((self._synthesiser.identity, str(processing.VERSION), text))
        return self._folder / f"{hashlib.sha256(key.encode()).hexdigest()}.pcm"

    def _write(self, path: Path, pcm: Pcm) -> None:
        """Keep it on disk; a disk that takes nothing costs time at the next start, not the sentence."""
        samples = pcm.samples.astype("<i2").tobytes()
        part = path.with_suffix(f".{threading.get_ident()}.part")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            part.write_bytes(zlib.crc32(samples).to_bytes(4, "little") + samples)
            with self._lock:  # nobody else's part may vanish while the folder is measured
                part.replace(path)
                self._make_room(path)
        except OSError as error:
            if not self._is_refused:
                _log.warning("Sentences cannot be kept in %s (%s); make it writable.", self._folder, error.strerror)
            self._is_refused = True
            with suppress(OSError):
                part.unlink(missing_ok=True)

    def _make_room(self, written: Path) -> None:
        """Drop what was used longest ago, never what was just written.

        The clock of a small machine may have gone back: a time that is still to come was given before it did.
        """
        now = time.time_ns()
        stats = [(file.stat(), file) for file in self._folder.iterdir()]
        files = sorted((stat.st_mtime_ns <= now, stat.st_mtime_ns, stat.st_size, file) for stat, file in stats)
        excess = sum(size for _, _, size, _ in files) - self._largest
        for _, _, size, file in files:
            if excess <= 0:
                return
            if file != written:
                file.unlink(missing_ok=True)
                excess -= size


def _read(path: Path) -> Pcm | None:
    """What the file holds; None where there is none or it is damaged. Reading makes it the newest."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    with suppress(OSError):  # a read-only card has no order to keep
        os.utime(path)
    samples = data[4:]
    if len(data) < 4 or len(samples) % 2 or zlib.crc32(samples) != int.from_bytes(data[:4], "little"):
        return None
    return Pcm(np.frombuffer(samples, dtype="<i2").astype(np.int16))
