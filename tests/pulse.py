"""A table without hardware: a private PulseAudio server with a microphone side and a loudspeaker.

What is played to the sink `table` is heard by the PortAudio device `companion-microphone`; what is played to
the device `companion-loudspeaker` can be recorded. ALSA reads its configuration once a process, so one process
should hold one table: use the fixture `pulse_table`, which lives as long as the test session. The server can
be stopped, suspended, killed and started again, as a cable can be pulled.
"""

import os
import shutil
import subprocess
import tempfile
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import numpy as np
import pytest
from numpy.typing import NDArray

MICROPHONE = "companion-microphone"
LOUDSPEAKER = "companion-loudspeaker"
NEEDED = ("pulseaudio", "pactl", "pacat", "paplay", "parec")

_ASOUNDRC = """
pcm.companion-microphone { type pulse
  device "table.monitor"
  hint { show on
    description "microphone" } }
pcm.companion-loudspeaker { type pulse
  device "loudspeaker"
  hint { show on
    description "loudspeaker" } }
"""


def missing_programs() -> list[str]:
    return [program for program in NEEDED if shutil.which(program) is None]


class PulseTable:
    """The private server and its two sinks, for `with`; sets this process's environment while it lives."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="table"))
        self.environment = {
            "XDG_RUNTIME_DIR": str(self.folder),
            "PULSE_RUNTIME_PATH": str(self.folder / "pulse"),
            "HOME": str(self.folder),
        }
        self._former: dict[str, str | None] = {}
        self._server: subprocess.Popen[bytes] | None = None
        self._silence: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> "PulseTable":
        (self.folder / ".asoundrc").write_text(_ASOUNDRC)
        (self.folder / "pulse").mkdir(mode=0o700)
        self._former = {key: os.environ.get(key) for key in self.environment}
        os.environ.update(self.environment)
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.kill()
        for key, value in self._former.items():
            if value is None:
                os.environ.pop(key, None)
            else:
                os.environ[key] = value
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self) -> None:
        """Start the server and wait until it answers. Raises RuntimeError with its last words when it does not."""
        log = self.folder / "server.log"
        sinks = [("table", 1), ("loudspeaker", 2)]
        loads = [f"-Lmodule-null-sink sink_name={name} rate=48000 channels={channels}" for name, channels in sinks]
        command = ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no"]
        with log.open("wb") as sink:
            self._server = subprocess.Popen(
                [*command, "-Lmodule-native-protocol-unix", *loads], stdout=sink, stderr=subprocess.STDOUT
            )
        self._await_server(log)
        # Without a steady stream a null sink stands still between two sounds, for up to two seconds.
        # At the table it is the hiss of a quiet room (about -75 dB): a microphone that gives zeros is a lost one.
        steady = ["--rate=48000", "--channels=1", "--format=s16le", "--latency-msec=20"]
        sources = {"table": ["--volume=4000", "/dev/urandom"], "loudspeaker": ["/dev/zero"]}
        self._silence = [subprocess.Popen(["pacat", "-d", name, *steady, *sources[name]]) for name, _ in sinks]
        for name, _ in sinks:
            self._await_flow(name)

    def kill(self) -> None:
        """End the server, as if the sound hardware were pulled out; `start` brings it back."""
        for process in (*self._silence, *([self._server] if self._server else [])):
            process.kill()
            process.wait()
        self._silence, self._server = [], None

    def control(self, *arguments: str) -> str:
        """Run pactl, for example `control("suspend-sink", "loudspeaker", "1")`, and give back what it prints."""
        return subprocess.run(["pactl", *arguments], check=True, capture_output=True, text=True).stdout

    def play(self, path: Path, sink: str = "table") -> None:
        """Play a sound file at the microphone (or to another sink) and wait for its end."""
        subprocess.run(["paplay", "-d", sink, str(path)], check=True)

    @contextmanager
    def recording(self, path: Path, sink: str = "loudspeaker") -> Iterator[Path]:
        """Record what a sink plays to `path`, as mono 16-bit samples at 22,050 Hz, while this lasts."""
        source = subprocess.Popen(
            ["parec", "-d", f"{sink}.monitor", "--rate=22050", "--channels=1", "--format=s16le", "--latency-msec=10"],
            stdout=subprocess.PIPE,
        )
        assert source.stdout is not None
        with path.open("wb") as file:
            file.write(source.stdout.read(2))  # the first sample proves that the recording runs
            copier = subprocess.Popen(["cat"], stdin=source.stdout, stdout=file)
            try:
                yield path
            finally:
                source.terminate()
                source.wait()
                copier.wait()

    def _await_server(self, log: Path) -> None:
        assert self._server is not None
        while self._server.poll() is None:
            if subprocess.run(["pactl", "info"], capture_output=True, check=False).returncode == 0:
                return
        raise RuntimeError(f"pulseaudio ended with status {self._server.returncode}: {log.read_text()[-500:]}")

    def _await_flow(self, sink: str) -> None:
        """Return when the sink's timeline runs in small steps."""
        with subprocess.Popen(
            ["parec", "-d", f"{sink}.monitor", "--format=s16le", "--latency-msec=10"], stdout=subprocess.PIPE
        ) as source:
            assert source.stdout is not None
            source.stdout.read(20_000)
            source.terminate()


def recorded(path: Path) -> NDArray[np.int16]:
    """What `PulseTable.recording` wrote: mono, 22,050 Hz."""
    data = path.read_bytes()
    return np.frombuffer(data[: len(data) // 2 * 2], dtype=np.int16)


def without_gaps(samples: NDArray[np.int16], rate: int = 22050) -> NDArray[np.int16]:
    """The samples without quiet of 2 ms or longer: a busy machine lets the sound server run dry between two sounds."""
    longest = rate // 500
    quiet = np.abs(samples.astype(int)) < 100
    begins = np.convolve(quiet, np.ones(longest), "valid") == longest
    return samples[np.convolve(begins, np.ones(longest)) == 0]


def share_heard(said: NDArray[np.int16], heard: NDArray[np.int16], rate: int = 22050) -> float:
    """How many of the tenths of a second that were said were heard, in their order; gaps aside.

    A tenth is looked for from where the one before it was found to half a second on.
    """
    length, near = rate // 10, rate // 2
    said, heard = (without_gaps(samples, rate) for samples in (said, heard))
    heard = np.pad(heard, len(said))
    offset = _most_alike(heard, said)
    found, position = [], max(0, offset - near // 2)
    for start in range(0, len(said) - length, length):
        part = said[start : start + length].astype(float)
        windows = np.lib.stride_tricks.sliding_window_view(heard[position : position + near].astype(float), length)
        likeness = windows @ part / (np.linalg.norm(windows, axis=1) * np.linalg.norm(part) + 1e-9)
        found.append(likeness.max() > 0.9)
        position += int(likeness.argmax()) + length * 9 // 10 if found[-1] else 0
    return float(np.mean(found))


def _most_alike(heard: NDArray[np.int16], said: NDArray[np.int16]) -> int:
    """Where in what was heard the whole of what was said fits best; by Fourier, as a session's recording is long."""
    size = len(heard) + len(said)
    spectrum = np.fft.rfft(heard, size) * np.fft.rfft(said, size).conj()
    return int(np.argmax(np.fft.irfft(spectrum, size)[: len(heard) - len(said) + 1]))


def write_wave(path: Path, samples: NDArray[np.int16], rate: int) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())


@pytest.fixture(scope="session")
def pulse_table() -> Iterator[PulseTable]:
    """The one table of this test session; skipped where PulseAudio is not installed."""
    if missing := missing_programs():
        pytest.skip(f"not installed: {', '.join(missing)}")
    with PulseTable() as table:
        yield table
