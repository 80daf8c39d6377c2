"""The machine beneath: saved positions, systemd's socket, dumps, swap."""

import errno
import json
import math
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.core.effect import Position
from companion.device.position import MOST_RESUMED, PositionFile, _boot_id
from companion.device.systemd import notify
from companion.memory import swap_devices

HOUR = 3600.0
TIMES = st.lists(st.floats(0, 1e5), max_size=5).map(tuple)
SLOTS = st.lists(st.integers(0, 30), max_size=3).map(tuple)
POSITIONS = st.builds(
    Position, st.just("method"), st.integers(2, 16), st.integers(1, 4), st.none() | st.floats(60, 86_400),
    st.integers(0, 30), TIMES, TIMES, TIMES, TIMES, SLOTS, SLOTS, SLOTS, SLOTS, st.booleans(), st.booleans(),
    st.booleans(),
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


@pytest.mark.parametrize("damage", ["", "{", "[]", "{}", '{"method": 3}', "\x00\x01", "[" * 99_999])
def test_a_damaged_position_begins_anew(tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture) -> None:
    place = tmp_path / "position.json"
    place.write_text(damage)
    assert PositionFile(place).load(HOUR) is None
    assert caplog.messages == [f"{place}: is damaged and is left out; the session begins anew"]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("people", "six"),
        ("slot", 1.5),
        ("method", 3),
        ("total_s", -1.0),
        ("visited", [math.inf]),
        ("spent_s", [math.nan]),
        ("told_shift_s", math.inf),
    ],
)
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


def refusing(number: int) -> Callable[..., None]:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    return refuse


def test_a_position_that_was_forgotten_is_gone_from_the_disk_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who ends a session pulls the plug soon after: without fsync of the folder the file is back at the next start."""
    file, synced = PositionFile(tmp_path / "position.json"), list[list[Path]]()
    file.save(A_POSITION)
    monkeypatch.setattr("companion.device.position._sync_folder", lambda folder: synced.append(list(folder.iterdir())))
    file.forget()
    assert synced == [[]]


def test_a_position_that_cannot_be_removed_is_forgotten_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A card that turned read-only must not begin the last session again and again."""
    file = PositionFile(tmp_path / "position.json")
    file.save(A_POSITION)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", refusing(errno.EROFS))
        file.forget()
    assert (tmp_path / "position.json").is_file()
    assert file.load(HOUR) is None
    file.save(A_POSITION)
    assert file.load(HOUR) == A_POSITION


def test_a_full_disk_leaves_no_older_position(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = PositionFile(tmp_path / "position.json")
    file.save(A_POSITION)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", refusing(errno.ENOSPC))
        file.save(replace(A_POSITION, slot=3, microphone_off=True))
    assert list(tmp_path.iterdir()) == []


def test_a_position_is_on_the_card_before_the_last_one_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """File, then name, then folder: a plug that is pulled between any two of them costs nothing."""
    done: list[str] = []
    fsync, replaces = os.fsync, Path.replace

    def remembered(descriptor: int) -> None:
        done.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        fsync(descriptor)

    def named(self: Path, target: Path) -> Path:
        done.append("name")
        return replaces(self, target)

    monkeypatch.setattr(os, "fsync", remembered)
    monkeypatch.setattr(Path, "replace", named)
    PositionFile(tmp_path / "position.json").save(A_POSITION)
    assert done == ["file", "name", "folder"]


def a_start(folder: Path, boot: str) -> PositionFile:
    return PositionFile(folder / "state" / "position.json", boot)


def test_a_microphone_that_was_closed_stays_closed_until_it_is_opened(tmp_path: Path) -> None:
    assert not a_start(tmp_path, "one").microphone_is_off(HOUR)
    a_start(tmp_path, "one").switch_microphone(off=True)
    assert a_start(tmp_path, "one").microphone_is_off(0.0), "killed by the watchdog"
    assert a_start(tmp_path, "two").microphone_is_off(HOUR), "after a power cut"
    os.utime(tmp_path / "state" / "microphone-off", (0, 0))
    assert not a_start(tmp_path, "two").microphone_is_off(HOUR), "another meeting"
    assert a_start(tmp_path, "one").microphone_is_off(HOUR)
    for _ in range(2):
        a_start(tmp_path, "one").switch_microphone(off=False)
    assert not a_start(tmp_path, "one").microphone_is_off(HOUR)
    assert list((tmp_path / "state").iterdir()) == []


def test_what_a_full_disk_left_of_a_closed_microphone_holds_its_time(tmp_path: Path) -> None:
    """It keeps the file, and none of what was to be in it."""
    a_start(tmp_path, "one").switch_microphone(off=True)
    (tmp_path / "state" / "microphone-off").write_bytes(b"")
    os.utime(tmp_path / "state" / "microphone-off", (0, 0))
    assert not a_start(tmp_path, "one").microphone_is_off(HOUR), "another meeting"
    os.utime(tmp_path / "state" / "microphone-off")
    assert a_start(tmp_path, "one").microphone_is_off(HOUR)
    a_start(tmp_path, "one").switch_microphone(off=False)
    assert not a_start(tmp_path, "one").microphone_is_off(HOUR)


def test_opening_a_microphone_that_was_never_closed_needs_no_file(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    a_start(tmp_path, "one").switch_microphone(off=False)
    assert caplog.text == ""
    assert list(tmp_path.iterdir()) == []


def test_a_position_that_ends_the_session_each_time_is_left_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = PositionFile(tmp_path / "position.json")
    file.save(replace(A_POSITION, resumed=MOST_RESUMED - 1))
    assert file.load(HOUR) is not None
    file.save(replace(A_POSITION, resumed=MOST_RESUMED))
    assert file.load(HOUR) is None
    assert "begins anew" in caplog.text


def test_where_no_start_can_be_told_from_another_the_closing_lasts_its_time(tmp_path: Path) -> None:
    """Where the kernel's boot_id is hidden: a group weeks later must not find the device deaf."""
    a_start(tmp_path, "").switch_microphone(off=True)
    assert a_start(tmp_path, "").microphone_is_off(HOUR)
    os.utime(tmp_path / "state" / "microphone-off", (0, 0))
    assert not a_start(tmp_path, "").microphone_is_off(HOUR)


def test_the_kernel_tells_one_start_from_another(tmp_path: Path) -> None:
    (tmp_path / "boot_id").write_text("12-34\n")
    assert _boot_id(tmp_path / "boot_id") == "12-34"
    assert _boot_id(tmp_path / "hidden") == ""


def test_a_microphone_whose_closing_cannot_be_kept_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("")
    PositionFile(tmp_path / "file" / "position.json").switch_microphone(off=True)
    assert "that the microphone is closed cannot be kept" in caplog.text


@pytest.mark.parametrize("abstract", [False, True])
def test_systemd_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, abstract: bool) -> None:
    address = f"@companion-{os.getpid()}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.bind("\0" + address[1:] if abstract else address)
        monkeypatch.setenv("NOTIFY_SOCKET", address)
        notify("READY=1")
        assert channel.recv(100) == b"READY=1"


def test_a_systemd_that_is_gone_or_takes_nothing_stops_no_session(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    notify("WATCHDOG=1")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.bind(str(tmp_path / "notify"))
        for _ in range(2000):
            notify("WATCHDOG=1")


def test_without_systemd_nobody_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    notify("READY=1")


def test_a_process_that_forbids_dumps_cannot_be_dumped() -> None:
    asks = (
        "import ctypes, resource; from companion.memory import forbid_dumps; forbid_dumps(); "
        "print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), resource.getrlimit(resource.RLIMIT_CORE))"
    )
    said = subprocess.run([sys.executable, "-c", asks], capture_output=True, text=True, check=True).stdout
    assert said == "0 (0, 0)\n"


def test_memory_is_locked_or_the_refusal_is_told() -> None:
    asks = (
        "import sys; from pathlib import Path; from companion.memory import lock_memory; "
        "locked = lock_memory(); kilobytes = int(Path('/proc/self/status').read_text().split('VmLck:')[1].split()[0]); "
        "sys.exit(locked and not kilobytes)"
    )
    assert subprocess.run([sys.executable, "-c", asks], check=False).returncode == 0


def test_only_memory_that_is_used_is_locked() -> None:
    """Stacks are reserved by the megabyte: locked whole, a session's process would take six times what it needs."""
    asks = (
        "import threading; from pathlib import Path; from companion.memory import lock_memory\n"
        "def used(): return int(Path('/proc/self/status').read_text().split('VmRSS:')[1].split()[0])\n"
        "threading.stack_size(64 << 20); done = threading.Event()\n"
        "for _ in range(2): threading.Thread(target=done.wait, daemon=True).start()\n"
        "before = used(); locked = lock_memory(); print(locked, used() - before); done.set()"
    )
    said = subprocess.run([sys.executable, "-c", asks], capture_output=True, text=True, check=True).stdout.split()
    if said[0] == "False":
        pytest.skip("this machine allows no locked memory")
    assert int(said[1]) < 20_000, "kB more than before"


def test_swap_is_found(tmp_path: Path) -> None:
    table = tmp_path / "swaps"
    table.write_text("Filename\tType\tSize\tUsed\tPriority\n/dev/zram0 partition 100 0 100\n")
    assert swap_devices(table) == ["/dev/zram0"]
    assert swap_devices(tmp_path / "none") == []
