"""The saved position: what a session needs to go on after a power cut. Places, times, counts; no words."""

import json
import logging
import os
import time
from contextlib import suppress
from dataclasses import asdict
from math import isfinite
from pathlib import Path
from typing import Any

from companion.core.effect import Position

MOST_SECONDS = 86_400.0
"""No session takes longer than a day."""
MOST_RESUMED = 3
"""Times that a position is gone on from without going well: more would be for ever, if it is what ends the device."""

_log = logging.getLogger(__name__)


class PositionFile:
    """One small file, written whole or not at all, and one beside it that is there while the group has closed the
    microphone. Called on the loop's thread.

    `boot` tells one start of the machine from another; empty where nothing does.
    """

    def __init__(self, path: Path, boot: str | None = None) -> None:
        self._path, self._boot = path, _boot_id() if boot is None else boot
        self._switch = path.with_name("microphone-off")
        self._forgotten = False

    def save(self, position: Position) -> None:
        """Temporary file, fsync, rename, fsync of the folder; a disk that is full costs the resume only.

        What was saved before goes, too: it would bring back an older step, and open a microphone that was closed since.
        """
        part = self._path.with_suffix(".part")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with part.open("w", encoding="ascii") as file:
                json.dump(asdict(position), file)
                file.flush()
                os.fsync(file.fileno())
            part.replace(self._path)
            _sync_folder(self._path.parent)
            self._forgotten = False
        except OSError as problem:
            _log.warning("%s: the position cannot be saved (%s)", self._path, problem.strerror)
            with suppress(OSError):
                part.unlink(missing_ok=True)
            self.forget()

    def forget(self) -> None:
        """Gone for good, and at once: a plug that is pulled right after the goodbye must not bring it back."""
        self._forgotten = True
        try:
            self._path.unlink()
            _sync_folder(self._path.parent)
        except FileNotFoundError:
            pass
        except OSError as problem:
            _log.warning("%s: the position cannot be removed (%s)", self._path, problem.strerror)

    def switch_microphone(self, off: bool) -> None:
        """Keep that it is closed until it is opened again, also before the first step and after the last."""
        try:
            if off:
                self._switch.parent.mkdir(parents=True, exist_ok=True)
                self._switch.write_text(self._boot, encoding="ascii")
            elif self._switch.exists():
                self._switch.unlink()
            else:
                return
            _sync_folder(self._switch.parent)
        except OSError as problem:
            _log.warning("%s: that the microphone is closed cannot be kept (%s)", self._switch, problem.strerror)

    def microphone_is_off(self, within: float) -> bool:
        """Closed by the group since the machine started, or at most `within` seconds ago: later it is another group.

        A file that a full disk left empty does not tell when it was: the second holds.
        """
        try:
            known = self._switch.read_text(encoding="ascii")
            return (known != "" and known == self._boot) or time.time() - self._switch.stat().st_mtime <= within
        except (OSError, ValueError):
            return False

    def load(self, within: float) -> Position | None:
        """The position that was saved last; None where there is none, it is damaged, or older than `within` seconds.

        None after `forget`, even where the disk has turned read-only and the file is still there.
        """
        if self._forgotten:
            return None
        try:
            if time.time() - self._path.stat().st_mtime > within:
                return None
            position = _read(json.loads(self._path.read_text(encoding="ascii")))
            if position.resumed < MOST_RESUMED:
                return position
            _log.warning("%s: ended the session each of %d times; it begins anew", self._path, position.resumed)
            return None
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, KeyError, OverflowError, RecursionError):
            _log.warning("%s: is damaged and is left out; the session begins anew", self._path)
            return None


def _boot_id(place: Path = Path("/proc/sys/kernel/random/boot_id")) -> str:
    try:
        return place.read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _read(saved: dict[str, Any]) -> Position:
    """Raises TypeError, ValueError, KeyError or OverflowError for what is no position."""
    lists = {
        "spent_s": float,
        "added_s": float,
        "planned_s": float,
        "excused_s": float,
        "visited": int,
        "passed": int,
        "offered": int,
        "skipped": int,
    }
    tuples = {key: tuple(kind(item) for item in saved[key]) for key, kind in lists.items()}
    position = Position(**saved | tuples | {"told_shift_s": float(saved["told_shift_s"])})
    times = (*position.spent_s, *position.added_s, *position.planned_s, *position.excused_s, position.told_shift_s)
    if not all(map(isfinite, times)):
        raise ValueError("a time is a number of seconds")
    whole = (position.people, position.cases, position.slot, position.resumed)
    if not isinstance(position.method, str) or not all(type(number) is int for number in whole):
        raise TypeError("a position has a method's name and whole numbers")
    if position.total_s is not None and not 0 < position.total_s <= MOST_SECONDS:
        raise ValueError("a position's total is a length of time")
    return position


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
