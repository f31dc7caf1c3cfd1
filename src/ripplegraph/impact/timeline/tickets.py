"""Tickets against time targets: met, missed, running, about to breach, in business time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fractions import Fraction

import numpy as np

from ripplegraph.graph.agreements import Agreement, AgreementKind
from ripplegraph.graph.calendars import Calendar
from ripplegraph.graph.due_times import NEVER, business_seconds_between, due_times, pauses_of
from ripplegraph.graph.process_records import Ticket, TimeTarget
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.graph.service_time import epoch_second
from ripplegraph.impact.propagation.concerned import offerings_of
from ripplegraph.impact.timeline.moments import moment_of

ABOUT_TO_BREACH = Fraction(3, 4)
"""Share of a time target from which a running clock is about to breach."""


class ClockState(StrEnum):
    """Where the clock of a ticket stands against a time target."""

    MISSED = "missed"
    OVERDUE = "overdue"
    ABOUT_TO_BREACH = "about to breach"
    RUNNING = "running"
    PAUSED = "paused"
    UNKNOWN = "unknown"
    MET = "met"


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketClock:
    """One time target of one ticket.

    Parameters
    ----------
    kind
        ``response`` or ``resolution``.
    target_seconds, elapsed_seconds
        Of the agreement's service time; pauses do not count.
    due
        When the target runs out, UTC; None while a pause lasts, or if it never does.
    state
        ``missed`` is over and late, ``overdue`` late and not over, ``unknown`` if the ticket is
        resolved and nobody says when it was responded to.
    """

    ticket: Ticket
    agreement: Agreement
    kind: str
    target_seconds: int
    elapsed_seconds: int
    due: datetime | None
    state: ClockState


def ticket_clocks(graph: ServiceGraph, *, now: datetime) -> tuple[TicketClock, ...]:
    """Return every time target of every ticket, the most pressing first.

    Parameters
    ----------
    graph
        Its ``tickets``, ``time_targets`` and agreements.
    now
        Aware; clocks that run are read then, tickets opened later are left out.

    Raises
    ------
    ValueError
        If ``now`` has no time zone.

    Notes
    -----
    A ticket counts under every agreement in force when it was opened that covers its CI, its
    service or an offering of it, and that has a target for its priority.

    Examples
    --------
    >>> from datetime import UTC
    >>> from graph_building import graph_of
    >>> ticket_clocks(graph_of("shop -> db"), now=datetime(2026, 11, 3, tzinfo=UTC))
    ()
    """
    until = epoch_second(now)
    by_calendar: dict[str, list[tuple[Ticket, Agreement, str, float]]] = {}
    for ticket, agreement, target in _matches(graph):
        if epoch_second(ticket.opened) > until:
            continue
        rows = by_calendar.setdefault(agreement.calendar, [])
        if target.response_minutes is not None:
            rows.append((ticket, agreement, "response", target.response_minutes))
        if target.resolution_minutes is not None:
            rows.append((ticket, agreement, "resolution", target.resolution_minutes))
    calendars = {one.calendar_id: one for one in graph.calendars}
    found = [
        clock
        for calendar_id, rows in by_calendar.items()
        for clock in _clocks(calendars.get(calendar_id), rows, until)
    ]
    return tuple(sorted(found, key=_pressing))


def _pressing(one: TicketClock) -> tuple[int, Fraction, str, str, str]:
    used = Fraction(one.elapsed_seconds, one.target_seconds or 1)
    order = list(ClockState).index(one.state)
    return order, -used, one.ticket.ticket_id, one.agreement.agreement_id, one.kind


def _matches(graph: ServiceGraph) -> Iterator[tuple[Ticket, Agreement, TimeTarget]]:
    targets: dict[tuple[str, str], list[TimeTarget]] = {}
    for target in graph.time_targets:
        targets.setdefault((target.agreement, target.priority), []).append(target)
    covering = _promising(graph)
    for ticket in graph.tickets:
        for position in sorted(_covering(graph, ticket, covering)):
            agreement = graph.agreements[position]
            if agreement.is_in_force_at(ticket.opened):
                for target in targets.get((agreement.agreement_id, ticket.priority), ()):
                    yield ticket, agreement, target


def _promising(graph: ServiceGraph) -> Mapping[int, Sequence[int]]:
    """Return by CI the positions of the agreements with time targets that cover it."""
    ids = {target.agreement for target in graph.time_targets}
    covering: dict[int, list[int]] = {}
    for position, covered in enumerate(graph.covered):
        if graph.agreements[position].agreement_id in ids:
            for ci in covered:
                covering.setdefault(ci, []).append(position)
    return covering


def _covering(
    graph: ServiceGraph, ticket: Ticket, covering: Mapping[int, Sequence[int]]
) -> set[int]:
    """Return the positions of the agreements that promise on what a ticket is about."""
    found: set[int] = set()
    service = graph.find(ticket.service) if ticket.service else None
    if service is not None:
        for number in (service, *offerings_of(graph, service)):
            found.update(covering.get(number, ()))
    ci = graph.find(ticket.ci) if ticket.ci else None
    if ci is not None:
        found.update(
            position
            for position in covering.get(ci, ())
            if service is None or graph.agreements[position].kind is not AgreementKind.SLA
        )
    return found


def _clocks(
    calendar: Calendar | None, rows: Sequence[tuple[Ticket, Agreement, str, float]], until: int
) -> Iterator[TicketClock]:
    opened = np.array([epoch_second(ticket.opened) for ticket, *_ in rows], dtype=np.int64)
    stops = [_stop(ticket, kind) for ticket, _, kind, _ in rows]
    ends = np.array(
        [
            until if stop is None else min(max(epoch_second(stop), at), until)
            for stop, at in zip(stops, opened.tolist(), strict=True)
        ],
        dtype=np.int64,
    )
    seconds = np.array([round(60 * minutes) for *_, minutes in rows], dtype=np.int64)
    pauses = pauses_of([ticket.pauses for ticket, *_ in rows])
    elapsed = business_seconds_between(calendar, opened, ends, pauses)
    due = due_times(calendar, opened, seconds, pauses)
    for at, (ticket, agreement, kind, _) in enumerate(rows):
        target, used = int(seconds[at]), int(elapsed[at])
        is_over = stops[at] is not None and epoch_second(stops[at] or ticket.opened) <= until
        yield TicketClock(
            ticket=ticket,
            agreement=agreement,
            kind=kind,
            target_seconds=target,
            elapsed_seconds=used,
            due=None if due[at] == NEVER else moment_of(int(due[at])),
            state=_state(ticket, kind, target, used, until=until, is_over=is_over),
        )


def _stop(ticket: Ticket, kind: str) -> datetime | None:
    return ticket.responded if kind == "response" else ticket.resolved


def _state(
    ticket: Ticket, kind: str, target: int, used: int, *, until: int, is_over: bool
) -> ClockState:
    if is_over:
        return ClockState.MET if used <= target else ClockState.MISSED
    is_resolved = ticket.resolved is not None and epoch_second(ticket.resolved) <= until
    if kind == "response" and is_resolved:
        return ClockState.UNKNOWN
    if used > target:
        return ClockState.OVERDUE
    is_paused = any(
        epoch_second(start) <= until and (end is None or until < epoch_second(end))
        for start, end in ticket.pauses
    )
    if is_paused:
        return ClockState.PAUSED
    if used >= ABOUT_TO_BREACH * target:
        return ClockState.ABOUT_TO_BREACH
    return ClockState.RUNNING
