"""Work beside the requests: what is due by time, told and sent while the server runs."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread

from ripplegraph.errors import RippleGraphError

_LOG = logging.getLogger("ripplegraph.events")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chore:
    """Something that is done again and again.

    Parameters
    ----------
    every_seconds
        How long to wait after it is done.
    wake
        Set by others to have it done now.
    """

    name: str
    work: Callable[[], object]
    every_seconds: float
    wake: Event


@contextmanager
def doing(chores: Sequence[Chore]) -> Iterator[None]:
    """Do chores, each in a thread of its own, while the block runs."""
    stopped = Event()
    threads = [
        Thread(target=_do, args=(chore, stopped), name=chore.name, daemon=True) for chore in chores
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stopped.set()
        for chore in chores:
            chore.wake.set()
        for thread in threads:
            thread.join(timeout=5)


def _do(chore: Chore, stopped: Event) -> None:
    while not stopped.is_set():
        try:
            chore.work()
        except RippleGraphError as error:  # such as a store that cannot be reached: try later
            _LOG.warning("%s: %s", chore.name, error)
        except Exception:
            _LOG.exception("%s failed; it is tried again", chore.name)
        chore.wake.wait(timeout=chore.every_seconds)
        chore.wake.clear()
