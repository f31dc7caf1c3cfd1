"""Which state of the estate an answer comes from, so that its tag and its header can say so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from ripplegraph.api.estates import Snapshot


@dataclass(slots=True)
class Used:
    """The snapshot that the answer to one request rests on, None if none was read."""

    snapshot: Snapshot | None = None


_used: ContextVar[Used | None] = ContextVar("used", default=None)


@contextmanager
def noting_snapshots() -> Iterator[Used]:
    """Answer a request, and note the snapshot that is used."""
    used = Used()
    token = _used.set(used)
    try:
        yield used
    finally:
        _used.reset(token)


def use_snapshot(snapshot: Snapshot) -> None:
    """Note that the request that is being answered rests on a snapshot."""
    used = _used.get()
    if used is not None:
        used.snapshot = snapshot
