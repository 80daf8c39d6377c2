"""The companion as a user starts it, with real sound devices, a terminal for its keys, and its light in a pipe."""

import json
import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.pulse import LOUDSPEAKER, MICROPHONE, PulseTable

Line = dict[str, Any]


class Device:
    """`companion run ...` in a home of its own. Every wait is bounded, and fails with what was seen."""

    def __init__(self, table: PulseTable, home: Path, models: Path, *arguments: str) -> None:
        self.home = home
        self._pipe = home / "light"
        os.mkfifo(self._pipe)
        settings = home / "settings.toml"
        settings.write_text(
            f'[microphone]\ndevice = "{MICROPHONE}"\nrecogniser = "whisper"\n'
            f'[voice]\ndevice = "{LOUDSPEAKER}"\n[light]\ndriver = "file"\nfile = "{self._pipe}"\n'
        )
        self._keys, terminal = pty.openpty()
        environment = os.environ | table.environment | {"COMPANION_MODELS": str(models)}
        homes = {name: str(home / folder) for name, folder in (
            ("XDG_CACHE_HOME", "cache"), ("XDG_STATE_HOME", "state"), ("XDG_CONFIG_HOME", "config"))}  # fmt: skip
        command = [sys.executable, "-m", "companion.cli", "--settings", str(settings), *arguments]
        self.process = subprocess.Popen(command, env=environment | homes, stdin=terminal, stderr=subprocess.PIPE)
        os.close(terminal)
        self._light = os.fdopen(os.open(self._pipe, os.O_RDONLY), "rb", buffering=0)
        self._rest = b""
        self.seen: list[Line] = []

    def press(self) -> None:
        os.write(self._keys, b" ")

    def wait_for(self, wanted: Callable[[Line], bool], seconds: float) -> Line:
        """The next line of the light that is as wanted."""
        for line in self._lines(seconds):
            if wanted(line):
                return line
        raise AssertionError(f"not seen in {seconds} s; last: {self.seen[-3:]}; {self._errors()}")

    def press_until(self, wanted: Callable[[Line], bool]) -> None:
        """Press, as often as it takes: on a busy machine a press may come before there is speech to silence."""
        for _ in range(6):
            self.press()
            if any(wanted(line) for line in self._lines(4)):
                return
        raise AssertionError(f"six presses did not do; last: {self.seen[-3:]}; {self._errors()}")

    def watch(self, seconds: float) -> list[Line]:
        """Everything that the light shows in this time."""
        return list(self._lines(seconds))

    def stop(self, seconds: float) -> int:
        """SIGTERM; the exit status. Raises TimeoutExpired when it takes longer."""
        self.process.terminate()
        return self.process.wait(seconds)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self._light.close()
        os.close(self._keys)

    def written(self) -> set[str]:
        """Every file under its home, by place; the sentences' names shortened to their ending."""
        files = (file.relative_to(self.home) for file in self.home.rglob("*") if file.is_file())
        return {str(file.parent / f"*{file.suffix}") if file.suffix == ".pcm" else str(file) for file in files}

    def _lines(self, seconds: float) -> Iterator[Line]:
        ends = time.monotonic() + seconds
        while (left := ends - time.monotonic()) > 0:
            while b"\n" in self._rest:
                text, _, self._rest = self._rest.partition(b"\n")
                self.seen.append(json.loads(text))
                yield self.seen[-1]
            if select.select([self._light], [], [], left)[0]:
                data = self._light.read(65536)
                if not data:
                    raise AssertionError(f"the light's pipe ended; {self._errors()}")
                self._rest += data

    def _errors(self) -> str:
        assert self.process.stderr is not None
        os.set_blocking(self.process.stderr.fileno(), False)
        return (self.process.stderr.read() or b"").decode()
