"""How fast the voice is, on this machine: `python -m tests.voice.measure`. Prints figures; proves nothing.

Sound is seen when the recording process hands it over, so a start and a cut-off are upper bounds that include
the sound server and the recorder (some 20 to 60 ms).
"""

import subprocess
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

from companion.core.effect import Chime
from companion.core.event import Event, SpeechEnded
from companion.core.units import Instant
from companion.voice.cache import SentenceCache
from companion.voice.chimes import load_chimes
from companion.voice.speaker import PortAudioSpeaker
from companion.voice.synthesiser import Pyttsx3Synthesiser
from companion.voice.voice import Voice
from tests.pulse import LOUDSPEAKER, PulseTable

SENTENCES = [f"Fase {number}. Vertel in {number} minuten wat er gebeurde en wat jouw vraag is." for number in range(80)]


class Ear:
    """Notes the latest instant at which sound arrived, and the first after `forget`."""

    def __init__(self) -> None:
        command = ["parec", "-d", "loudspeaker.monitor", "--rate=22050", "--channels=1", "--format=s16le"]
        self._process = subprocess.Popen([*command, "--latency-msec=5"], stdout=subprocess.PIPE)
        self.first = self.last = 0.0
        threading.Thread(target=self._listen, daemon=True).start()

    def forget(self) -> None:
        self.first = self.last = 0.0

    def close(self) -> None:
        self._process.terminate()
        self._process.wait()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        while data := self._process.stdout.read(110):
            if np.abs(np.frombuffer(data, dtype=np.int16).astype(int)).max() > 100:
                self.last = time.monotonic()
                self.first = self.first or self.last


def main() -> None:
    ended = threading.Event()

    def post(event: Event) -> None:
        if isinstance(event, SpeechEnded):
            ended.set()

    with PulseTable(), tempfile.TemporaryDirectory() as folder:
        cache = SentenceCache(Pyttsx3Synthesiser("nl"), Path(folder))
        began = time.monotonic()
        for future in cache.prepare(SENTENCES):
            future.result()
        print(f"{len(SENTENCES)} sentences rendered cold: {time.monotonic() - began:.1f} s")
        voice = Voice(
            cache,
            lambda: PortAudioSpeaker(LOUDSPEAKER),
            load_chimes(),
            post,
            lambda: Instant(time.monotonic()),
        )
        voice.ring(Chime.TURN)
        voice.say(0, SENTENCES[:1])
        ended.wait()
        ear, starts, cuts, calls = Ear(), [], [], []
        for number in range(1, 21):
            time.sleep(0.3)
            ear.forget()
            began = time.monotonic()
            voice.say(number, (SENTENCES[number],))
            calls.append(time.monotonic() - began)
            time.sleep(0.8)
            cut = time.monotonic()
            voice.hush()
            time.sleep(0.4)
            starts.append(ear.first - began)
            cuts.append(max(0.0, ear.last - cut))
        ear.close()
        voice.close()
    for name, figures in (("say() returns", calls), ("sound starts", starts), ("sound ends after hush()", cuts)):
        print(f"{name}: median {np.median(figures) * 1000:.2f} ms, longest {max(figures) * 1000:.2f} ms")


if __name__ == "__main__":
    main()
