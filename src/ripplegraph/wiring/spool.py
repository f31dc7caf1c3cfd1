"""The folder in which the work of jobs lies: one for each server, none left by one that died."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from tempfile import gettempdir, mkdtemp

_PREFIX = "ripplegraph-jobs-"
_LOCK = ".lock"
_open_locks: list[int] = []  # held until the process ends, however it ends


def new_spool(place: Path | None = None) -> Path:
    """Return a new folder for this process; those of processes that died are removed."""
    root = Path(gettempdir()) if place is None else place
    for left in root.glob(f"{_PREFIX}*"):
        if _is_left(left):
            shutil.rmtree(left, ignore_errors=True)
    spool = Path(mkdtemp(prefix=_PREFIX, dir=root))
    lock = _locked(spool, os.O_CREAT)
    if lock is not None:
        _open_locks.append(lock)
    return spool


def _is_left(spool: Path) -> bool:
    """Return whether a lock lies in a folder that nobody holds; only its owner can open one."""
    if spool.is_symlink():
        return False
    lock = _locked(spool, 0)
    if lock is None:
        return False
    os.close(lock)
    return True


def _locked(spool: Path, more_flags: int) -> int | None:
    """Return the lock of a folder, None if somebody has it or there is none."""
    try:
        import fcntl
    except ImportError:  # Windows has no such locks
        return None
    try:
        lock = os.open(spool / _LOCK, os.O_RDWR | os.O_CLOEXEC | more_flags, 0o600)
    except OSError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        return None
    return lock
