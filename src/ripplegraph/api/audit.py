"""The audit of calls: who wrote and who was refused, when, where and how it ended.

Writes of people are entries of their own. Events and refused calls may come by the thousand, so
equal ones are counted: nobody can flood the journal. Paths, queries and bodies are not kept.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from threading import Lock, Timer

from ripplegraph.api.callers import Scope
from ripplegraph.api.calls import Call
from ripplegraph.api.kept import FORGOTTEN, LIVE_OUTAGES
from ripplegraph.errors import RippleGraphError
from ripplegraph.graph.journal import AppendEntry, ForgetEntries, JournalWrite
from ripplegraph.graph.ports import EstateJournal

CALLS = "calls"
WINDOW_SECONDS = 10.0
"""How long equal calls are counted before they become an entry."""

MOST_KINDS = 500
"""How many different kinds of calls are told apart in a window."""

KEPT_ENTRIES = 100_000
"""Older entries are forgotten."""

_REFUSED = frozenset({401, 403, 421, 429})


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedCall:
    """Calls that are alike, as an entry tells them.

    Parameters
    ----------
    request_id
        Of the first of them.
    """

    caller_id: str
    name: str
    method: str
    route: str
    status: int
    outcome: str
    code: str = ""
    request_id: str = ""

    @classmethod
    def of(cls, call: Call) -> AuditedCall:
        """Return what is kept of a call."""
        is_refused = call.status in _REFUSED
        done = "done" if call.status < 400 else "failed"
        caller = call.caller
        return cls(
            caller_id=caller.caller_id if caller else f"address:{call.address}",
            name=caller.name if caller else "",
            method=call.method,
            route=call.route.path,
            status=call.status,
            outcome="refused" if is_refused else done,
            code=call.refusal,
            request_id=call.request_id,
        )

    def payload(self, count: int) -> str:
        """Return the entry of so many of them, as JSON."""
        told: Mapping[str, object] = {
            "caller": self.caller_id,
            "name": self.name,
            "method": self.method,
            "route": self.route,
            "status": self.status,
            "outcome": self.outcome,
            "code": self.code,
            "request_id": self.request_id,
            "count": count,
        }
        return json.dumps(told, ensure_ascii=True)


_OTHERS = AuditedCall(
    caller_id="others", name="", method="", route="", status=0, outcome="refused"
)


def forgotten_entry(count: int, at: datetime) -> AppendEntry:
    """Return the entry that the server itself forgot so many live outages."""
    told = AuditedCall(
        caller_id="server",
        name="",
        method="",
        route=LIVE_OUTAGES,
        status=0,
        outcome="done",
        code=FORGOTTEN,
    )
    return AppendEntry(stream=CALLS, at=at, payload=told.payload(count))


class Audit:
    """Keeps the audit in a journal, in a thread of its own; see :meth:`note`."""

    def __init__(
        self,
        journal: EstateJournal,
        clock: Callable[[], datetime],
        *,
        window_seconds: float = WINDOW_SECONDS,
        on_trouble: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._journal, self._clock, self._window = journal, clock, window_seconds
        self._on_trouble = on_trouble
        self._counts: dict[AuditedCall, tuple[int, str, datetime]] = {}
        self._timer: Timer | None = None
        self._lock = Lock()
        self._writer = ThreadPoolExecutor(1, "audit")
        self._kept_from = 0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Keep what has been counted when the server stops."""
        try:
            yield
        finally:
            self.flush()

    def note(self, call: Call) -> None:
        """Take note of a call that has ended, if it wrote or was refused."""
        audited, scope = AuditedCall.of(call), call.route.need.scope
        is_refused = audited.outcome == "refused"
        if not is_refused and scope in {Scope.WRITE, Scope.ADMIN}:
            self._writer.submit(self._append, [(audited, 1, self._clock())])
        elif is_refused or scope == Scope.EVENTS or call.method == "DELETE":  # of a job
            self._count(audited)

    def flush(self) -> None:
        """Write what has been noted, and wait for it."""
        self._pass_on().result()

    def _count(self, audited: AuditedCall) -> None:
        kind = replace(audited, request_id="")
        with self._lock:
            if kind not in self._counts and len(self._counts) >= MOST_KINDS:
                kind = _OTHERS
            count, first, since = self._counts.get(kind, (0, audited.request_id, self._clock()))
            self._counts[kind] = (count + 1, first, since)
            if self._timer is None:
                self._timer = Timer(self._window, self._pass_on)
                self._timer.daemon = True
                self._timer.start()

    def _pass_on(self) -> Future[None]:
        with self._lock:
            counts, self._counts = self._counts, {}
            if self._timer is not None:
                self._timer.cancel()
            self._timer = None
        counted = [
            (replace(kind, request_id=first), count, since)
            for kind, (count, first, since) in counts.items()
        ]
        return self._writer.submit(self._append, counted)

    def _append(self, calls: list[tuple[AuditedCall, int, datetime]]) -> None:
        if not calls:
            return
        writes: list[JournalWrite] = [
            AppendEntry(stream=CALLS, at=at.astimezone(UTC), payload=call.payload(count))
            for call, count, at in calls
        ]
        try:
            last = self._journal.commit(writes)[-1]
            if last - self._kept_from >= 2 * KEPT_ENTRIES:
                self._kept_from = last - KEPT_ENTRIES
                self._journal.commit([ForgetEntries(stream=CALLS, up_to=self._kept_from)])
        except RippleGraphError as error:  # the answer has been given; say what is missing
            self._on_trouble(type(error).__name__)
