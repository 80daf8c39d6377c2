"""The saved position: what a session needs to go on after a power cut. Places, times, counts; no words."""

import json
import logging
import os
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from companion.core.effect import Position

MOST_SECONDS = 86_400.0
"""No session takes longer than a day."""

_log = logging.getLogger(__name__)


class PositionFile:
    """One small file, written whole or not at all. Called on the loop's thread."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def save(self, position: Position) -> None:
        """Temporary file, fsync, rename, fsync of the folder; a disk that is full costs the resume only."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            part = self._path.with_suffix(".part")
            with part.open("w", encoding="ascii") as file:
                json.dump(asdict(position), file)
                file.flush()
                os.fsync(file.fileno())
            part.replace(self._path)
            _sync_folder(self._path.parent)
        except OSError as problem:
            _log.warning("%s: the position cannot be saved (%s)", self._path, problem.strerror)

    def forget(self) -> None:
        try:
            self._path.unlink(missing_ok=True)
        except OSError as problem:
            _log.warning("%s: the position cannot be removed (%s)", self._path, problem.strerror)

    def load(self, within: float) -> Position | None:
        """The position that was saved last; None where there is none, it is damaged, or older than `within` seconds."""
        try:
            if time.time() - self._path.stat().st_mtime > within:
                return None
            return _read(json.loads(self._path.read_text(encoding="ascii")))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, KeyError):
            _log.warning("%s: is damaged and is left out; the session begins anew", self._path)
            return None


def _read(saved: dict[str, Any]) -> Position:
    """Raises TypeError, ValueError or KeyError for what is no position."""
    lists = {
        "spent_s": float,
        "added_s": float,
        "planned_s": float,
        "visited": int,
        "passed": int,
        "offered": int,
        "skipped": int,
    }
    position = Position(**saved | {key: tuple(kind(item) for item in saved[key]) for key, kind in lists.items()})
    whole = (position.people, position.cases, position.slot)
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
