"""The audit of calls: who wrote and who was refused, when, where and how it ended.

Writes of people are entries of their own, one before they begin and one before their answer: a
process that is killed leaves word of each. Events and refused calls may come by the thousand: the
first of a kind is written at once, those like it in the next seconds are counted, so nobody can
flood the journal. Paths, queries and bodies are not kept.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http import HTTPStatus
from threading import Lock, Timer

from ripplegraph.api.callers import Scope
from ripplegraph.api.calls import Call
from ripplegraph.api.guard import SAFE_METHODS
from ripplegraph.api.kept import FORGOTTEN, LIVE_OUTAGES
from ripplegraph.errors import RippleGraphError
from ripplegraph.graph.journal import AppendEntry, ForgetEntries, JournalWrite
from ripplegraph.graph.ports import EstateJournal

CALLS = "calls"
WINDOW_SECONDS = 10.0
"""How long calls like one that was written are counted before they become an entry."""

MOST_KINDS = 500
"""How many different kinds of calls are told apart in a window."""

KEPT_ENTRIES = 100_000
"""Older entries are forgotten."""

_REFUSED = frozenset({401, 403, 421, 429})
_PEOPLES = frozenset({Scope.WRITE, Scope.ADMIN})


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
    def begun(cls, call: Call) -> AuditedCall:
        """Return what is kept of a call before it is answered."""
        caller = call.caller
        return cls(
            caller_id=caller.caller_id if caller else f"address:{call.address}",
            name=caller.name if caller else "",
            method=call.method,
            route=call.route.path,
            status=0,
            outcome="begun",
            request_id=call.request_id,
        )

    @classmethod
    def ended(cls, call: Call, status: int) -> AuditedCall:
        """Return what is kept of a call that is answered with a status."""
        done = "done" if status < HTTPStatus.BAD_REQUEST else "failed"
        outcome = "refused" if status in _REFUSED else done
        return replace(cls.begun(call), status=status, outcome=outcome, code=call.refusal)

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


def is_write(call: Call) -> bool:
    """Return whether a call changes what people change, so that it is an entry of its own."""
    return call.method not in SAFE_METHODS and call.route.need.scope in _PEOPLES


def is_event(call: Call) -> bool:
    """Return whether a call tells of outages, as monitors do by the thousand."""
    return call.method not in SAFE_METHODS and call.route.need.scope == Scope.EVENTS


def _is_cancelling(call: Call) -> bool:
    """Return whether a call cancels a job, which readers may."""
    return call.method == "DELETE" and not is_write(call)


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


@dataclass(frozen=True, slots=True)
class _Counted:
    """Calls that are alike: the first of them, how many, and when that was."""

    first: AuditedCall
    count: int
    at: datetime


class Audit:
    """Keeps the audit in a journal: what must not be lost at once, the rest by a thread."""

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
        self._due: list[_Counted] = []
        self._alike: dict[AuditedCall, _Counted | None] = {}
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

    def keep(self, audited: AuditedCall) -> bool:
        """Write an entry of its own now; False if it cannot be kept, which is told."""
        return self._append([_Counted(audited, 1, self._clock())])

    def count(self, audited: AuditedCall) -> Future[bool] | None:
        """Write the first call of a kind, and tell when that is done; count those like it."""
        kind = replace(audited, request_id="")
        with self._lock:
            if kind not in self._alike and len(self._alike) >= MOST_KINDS:
                kind = _OTHERS
            one = _Counted(replace(kind, request_id=audited.request_id), 1, self._clock())
            if kind in self._alike:
                held = self._alike[kind]
                self._alike[kind] = one if held is None else replace(held, count=held.count + 1)
                return None
            self._alike[kind] = None
            self._due.append(one)
            if self._timer is None:
                self._timer = Timer(self._window, self._pass_on)
                self._timer.daemon = True
                self._timer.start()
        return self._writer.submit(self._write_due)

    def note(self, call: Call) -> None:
        """Take note of a call that has ended, if the audit tells of such calls and not of it yet.

        How a write ended that was cut off, such as by a server that stops, nobody knows.
        """
        if call.is_audited:
            return
        audited = AuditedCall.ended(call, call.status)
        if audited.outcome == "refused" or is_event(call) or _is_cancelling(call):
            self.count(audited)
        elif call.route.need.scope in _PEOPLES and not is_write(call):
            self._writer.submit(self.keep, audited)

    def flush(self) -> None:
        """Write what has been noted, and wait for it."""
        self._pass_on().result()

    def _write_due(self) -> bool:
        """Write all that is due with one commit: in a flood many are, when the first is done."""
        with self._lock:
            due, self._due = self._due, []
        return self._append(due)

    def _pass_on(self) -> Future[bool]:
        with self._lock:
            alike, self._alike = self._alike, {}
            if self._timer is not None:
                self._timer.cancel()
            self._timer = None
            self._due += [one for one in alike.values() if one is not None]
        return self._writer.submit(self._write_due)

    def _append(self, calls: list[_Counted]) -> bool:
        if not calls:
            return True
        writes: list[JournalWrite] = [
            AppendEntry(
                stream=CALLS, at=one.at.astimezone(UTC), payload=one.first.payload(one.count)
            )
            for one in calls
        ]
        try:
            last = self._journal.commit(writes)[-1]
            if last - self._kept_from >= 2 * KEPT_ENTRIES:
                self._kept_from = last - KEPT_ENTRIES
                self._journal.commit([ForgetEntries(stream=CALLS, up_to=self._kept_from)])
        except RippleGraphError as error:
            self._on_trouble(type(error).__name__)
            return False
        return True
