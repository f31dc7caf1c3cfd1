"""Commits of several threads, written together: what costs is the disk, once for each group."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock

from ripplegraph.errors import JournalConflictError
from ripplegraph.graph.journal import JournalWrite
from ripplegraph.store.journal_plan import Plan


@dataclass(slots=True)
class Commit:
    """One commit, and what became of it."""

    writes: Sequence[JournalWrite]
    numbers: tuple[int, ...] | None = None
    error: BaseException | None = None


class GroupedCommits:
    """The first thread writes what all have waiting; those behind it find theirs done."""

    def __init__(self, write_group: Callable[[Sequence[Commit]], None]) -> None:
        self._write_group = write_group
        self._waiting: list[Commit] = []
        self._waiting_lock, self._writing = Lock(), Lock()

    def commit(self, writes: Sequence[JournalWrite]) -> tuple[int, ...]:
        """Write a commit, alone or with those of other threads; raise what went wrong with it."""
        own = Commit(tuple(writes))
        with self._waiting_lock:
            self._waiting.append(own)
        with self._writing:
            if own.numbers is None and own.error is None:
                self._write_waiting()
        if own.error is not None:
            raise own.error
        return own.numbers or ()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Let nobody write meanwhile."""
        with self._writing:
            yield

    def _write_waiting(self) -> None:
        with self._waiting_lock:
            group, self._waiting = self._waiting, []
        try:
            self._write_group(group)
        except BaseException as exc:  # each thread raises it to its own caller
            for one in group:
                one.numbers, one.error = None, one.error or exc


def add_to(plan: Plan, group: Sequence[Commit]) -> None:
    """Add commits to a plan in their order; one that conflicts adds nothing and gets its error."""
    for one in group:
        try:
            one.numbers = plan.add(one.writes)
        except JournalConflictError as exc:
            one.error = exc
