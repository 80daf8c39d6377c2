"""The machine beneath: saved positions, systemd's socket, dumps, swap."""

import json
import os
import socket
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.core.effect import Position
from companion.device.memory import swap_devices
from companion.device.position import PositionFile
from companion.device.systemd import notify

HOUR = 3600.0
TIMES = st.lists(st.floats(0, 1e5), max_size=5).map(tuple)
SLOTS = st.lists(st.integers(0, 30), max_size=3).map(tuple)
POSITIONS = st.builds(
    Position, st.just("method"), st.integers(2, 16), st.integers(1, 4), st.none() | st.floats(60, 86_400),
    st.integers(0, 30), TIMES, TIMES, TIMES, SLOTS, SLOTS, SLOTS, SLOTS, st.booleans(), st.booleans(), st.booleans(),
)  # fmt: skip
A_POSITION = Position("luisteroefening", 6, 1, None, 2, (180.0, 300.0, 12.5), (0.0, 0.0, 60.0))


@given(POSITIONS)
def test_a_position_comes_back_as_it_was_saved(tmp_path_factory: pytest.TempPathFactory, position: Position) -> None:
    file = PositionFile(tmp_path_factory.mktemp("state") / "deeper" / "position.json")
    file.save(position)
    assert file.load(HOUR) == position


def test_a_forgotten_position_leaves_nothing(tmp_path: Path) -> None:
    file = PositionFile(tmp_path / "position.json")
    file.save(A_POSITION)
    file.forget()
    file.forget()
    assert file.load(HOUR) is None
    assert list(tmp_path.iterdir()) == []


def test_a_position_of_another_meeting_is_left_out(tmp_path: Path) -> None:
    file = PositionFile(tmp_path / "position.json")
    file.save(A_POSITION)
    os.utime(tmp_path / "position.json", (0, 0))
    assert file.load(HOUR) is None


@pytest.mark.parametrize("damage", ["", "{", "[]", "{}", '{"method": 3}', "\x00\x01"])
def test_a_damaged_position_begins_anew(tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture) -> None:
    place = tmp_path / "position.json"
    place.write_text(damage)
    assert PositionFile(place).load(HOUR) is None
    assert caplog.messages == [f"{place}: is damaged and is left out; the session begins anew"]


@pytest.mark.parametrize(("key", "value"), [("people", "six"), ("slot", 1.5), ("method", 3), ("total_s", -1.0)])
def test_a_position_of_odd_values_begins_anew(tmp_path: Path, key: str, value: object) -> None:
    place = tmp_path / "position.json"
    place.write_text(json.dumps(asdict(A_POSITION) | {key: value}))
    assert PositionFile(place).load(HOUR) is None


def test_a_place_that_cannot_be_written_costs_the_resume_only(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("")
    keeper = PositionFile(tmp_path / "file" / "position.json")
    keeper.save(A_POSITION)
    keeper.forget()
    assert "the position cannot be saved" in caplog.text
    assert "the position cannot be removed" in caplog.text


@pytest.mark.parametrize("abstract", [False, True])
def test_systemd_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, abstract: bool) -> None:
    address = f"@companion-{os.getpid()}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.bind("\0" + address[1:] if abstract else address)
        monkeypatch.setenv("NOTIFY_SOCKET", address)
        notify("READY=1")
        assert channel.recv(100) == b"READY=1"


def test_without_systemd_nobody_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    notify("READY=1")


def test_a_process_that_forbids_dumps_cannot_be_dumped() -> None:
    asks = (
        "import ctypes, resource; from companion.device.memory import forbid_dumps; forbid_dumps(); "
        "print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), resource.getrlimit(resource.RLIMIT_CORE))"
    )
    said = subprocess.run([sys.executable, "-c", asks], capture_output=True, text=True, check=True).stdout
    assert said == "0 (0, 0)\n"


def test_memory_is_locked_or_the_refusal_is_told() -> None:
    asks = (
        "import sys; from pathlib import Path; from companion.device.memory import lock_memory; "
        "locked = lock_memory(); kilobytes = int(Path('/proc/self/status').read_text().split('VmLck:')[1].split()[0]); "
        "sys.exit(locked != (kilobytes > 0))"
    )
    assert subprocess.run([sys.executable, "-c", asks], check=False).returncode == 0


def test_swap_is_found(tmp_path: Path) -> None:
    table = tmp_path / "swaps"
    table.write_text("Filename\tType\tSize\tUsed\tPriority\n/dev/zram0 partition 100 0 100\n")
    assert swap_devices(table) == ["/dev/zram0"]
    assert swap_devices(tmp_path / "none") == []
