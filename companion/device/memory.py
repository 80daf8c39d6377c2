"""Keeping what was heard out of swap and core dumps."""

import ctypes
import logging
import os
import resource
from pathlib import Path

_MCL_CURRENT, _MCL_FUTURE = 1, 2
_PR_SET_DUMPABLE = 4

_log = logging.getLogger(__name__)


def forbid_dumps() -> None:
    """No core dump of this process, whatever the system collects (prctl(2), PR_SET_DUMPABLE)."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _libc().prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def lock_memory() -> bool:
    """Keep every page in RAM (mlockall(2)); False, with a warning, where the system forbids it."""
    if _libc().mlockall(_MCL_CURRENT | _MCL_FUTURE) == 0:
        return True
    _log.warning("memory is not locked (%s); swap could keep it: raise the limit memlock", os.strerror(_errno()))
    return False


def swap_devices(table: Path = Path("/proc/swaps")) -> list[str]:
    """The names of active swap devices or files; where there are none, nothing can be swapped."""
    try:
        lines = table.read_text(encoding="ascii").splitlines()[1:]
    except OSError:
        return []
    return [line.split()[0] for line in lines if line.strip()]


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _errno() -> int:
    return ctypes.get_errno()
