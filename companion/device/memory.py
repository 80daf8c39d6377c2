"""Keeping what was heard out of swap and core dumps."""

import ctypes
import logging
import os
import resource
from pathlib import Path

_MCL_CURRENT, _MCL_FUTURE, _MCL_ONFAULT = 1, 2, 4
_PR_SET_DUMPABLE = 4

_log = logging.getLogger(__name__)


def forbid_dumps() -> None:
    """No core dump of this process, whatever the system collects (prctl(2), PR_SET_DUMPABLE)."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _libc().prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def lock_memory() -> bool:
    """Keep every page that is used in RAM (mlockall(2)); False, with a warning, where the system forbids it.

    Only what is used: with all that is reserved (stacks, arenas, the sound server's shared memory) 100 MB become 670.
    What is to come only without a limit: under a finite one it would fail later, and end the session.
    """
    is_unlimited = resource.getrlimit(resource.RLIMIT_MEMLOCK)[0] == resource.RLIM_INFINITY
    to_come = _MCL_FUTURE if is_unlimited else 0
    if _libc().mlockall(_MCL_CURRENT | to_come | _MCL_ONFAULT) == 0:
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
