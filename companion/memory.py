"""Keeping what was heard out of swap and core dumps."""

import ctypes
import logging
import os
import re
import resource
from pathlib import Path

_MCL_CURRENT, _MCL_FUTURE, _MCL_ONFAULT = 1, 2, 4
"""From <asm-generic/mman.h>: pages are locked as they are touched."""
_PR_SET_DUMPABLE = 4
_CAP_IPC_LOCK = 14

_log = logging.getLogger(__name__)


def forbid_dumps() -> None:
    """No core dump of this process, whatever the system collects (prctl(2), PR_SET_DUMPABLE)."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _libc().prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def lock_memory() -> bool:
    """Keep every page that is used in RAM (mlockall(2)); False, with a warning, where some or all of that is forbidden.

    Only what is used: with all that is reserved (stacks, arenas, the sound server's shared memory) 100 MB become 670.
    What is to come only without a limit: under a finite one it would fail later, and end the session.
    """
    is_unlimited = _may_lock_all()
    to_come = _MCL_FUTURE if is_unlimited else 0
    if _libc().mlockall(_MCL_CURRENT | to_come | _MCL_ONFAULT) == 0:
        if not is_unlimited:
            _log.warning("memory that is still to come is not locked; swap could keep it: lift the limit memlock")
        return is_unlimited
    _log.warning(
        "memory is not locked (%s); swap could keep it: raise the limit memlock", os.strerror(ctypes.get_errno())
    )
    return False


def _may_lock_all(status: Path = Path("/proc/self/status")) -> bool:
    """No limit is set, or none holds for this process (capabilities(7), CAP_IPC_LOCK)."""
    if resource.getrlimit(resource.RLIMIT_MEMLOCK)[0] == resource.RLIM_INFINITY:
        return True
    effective = re.search(r"^CapEff:\s*([0-9a-f]+)", status.read_text(encoding="ascii"), re.MULTILINE)
    return effective is not None and bool(int(effective[1], 16) >> _CAP_IPC_LOCK & 1)


def swap_devices(table: Path = Path("/proc/swaps")) -> list[str]:
    """The names of active swap devices or files; where there are none, nothing can be swapped."""
    try:
        lines = table.read_text(encoding="ascii").splitlines()[1:]
    except OSError:
        return []
    return [line.split()[0] for line in lines if line.strip()]


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
