"""One server process for one embedded store, by a lock of the operating system.

The lock is on a file beside the store and ends with the process, however that ends. Commands are
not held off: each import is one transaction, which the server sees whole.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ripplegraph.errors import StoreServedError, StoreUnavailableError

try:
    import fcntl
except ModuleNotFoundError:  # pragma: no cover - Windows has no flock, and serves unguarded
    fcntl = None  # type: ignore[assignment]


@contextmanager
def serving_lock(store: Path) -> Iterator[None]:
    """Be the one process that serves a store; raises ``StoreServedError`` if another one does."""
    beside = store.with_name(store.name + ".serving")
    try:
        number = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as exc:
        reason = f"{beside.name}, which keeps a second server off, cannot be opened beside it"
        raise StoreUnavailableError(str(store), reason) from exc
    with os.fdopen(number, "r+", encoding="ascii", errors="replace") as file:
        if fcntl is not None:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as exc:
                raise StoreServedError(str(store), file.read(20).strip()) from exc
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield
