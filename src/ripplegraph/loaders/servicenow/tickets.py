"""ServiceNow's incidents as tickets, and the clocks that ``task_sla`` keeps of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ripplegraph.graph.process_records import Pause, Ticket
from ripplegraph.loaders.context import LoadContext
from ripplegraph.loaders.process_quantities import read_priority, sorted_pauses
from ripplegraph.loaders.servicenow.cells import Reference, ServiceNowTable
from ripplegraph.loaders.servicenow.durations import read_duration
from ripplegraph.loaders.servicenow.register import Register

_NEVER = datetime.min.replace(tzinfo=UTC)
_NO_TIME = timedelta(0)


class Tickets:
    """Collects tickets; what their clocks tell stands in another table."""

    def __init__(self, register: Register, context: LoadContext) -> None:
        self._register, self._context = register, context
        self._tickets: list[Ticket] = []
        self._number_of: dict[str, int] = {}

    def read_incidents(self, table: ServiceNowTable) -> None:
        """Read ``incident``: a ticket a row; of an event log the last row of each ticket."""
        ids, numbers = table.raw_texts("sys_id"), table.texts("number")
        latest = _latest_rows(table, [a or b for a, b in zip(numbers, ids, strict=True)])
        reader = _TicketReader(table, self._register)
        for at in latest:
            key = numbers[at] or ids[at]
            ticket = reader.ticket(at, key)
            if ticket is None:
                continue
            for text in filter(None, (numbers[at], ids[at])):
                self._number_of.setdefault(text, len(self._tickets))
            self._tickets.append(ticket)
            self._context.ledger.use(table.file, table.rows[at])

    def read_clocks(self, table: ServiceNowTable) -> None:
        """Read ``task_sla``: when a ticket was responded to or resolved, and its pauses."""
        tasks, slas = table.references("task"), table.references("sla")
        targets = table.texts("target")
        ends, paused = table.moments("end"), table.moments("paused")
        starts, stages = table.moments("start"), table.texts("stage")
        lengths = table.values("pause_duration", read_duration, _NO_TIME, "invalid-value")
        unused: list[int] = []
        placed: list[int] = []
        for at in table.usable_positions():
            number = self._number_of.get(tasks[at].key, self._number_of.get(tasks[at].name))
            if number is None:
                unused.append(at)
                self._context.ledger.refuse(table.file, table.rows[at])
                continue
            self._context.ledger.use(table.file, table.rows[at])
            target = targets[at].casefold() or self._target_of(slas[at])
            is_paused = stages[at].casefold() == "paused"
            pause = _pause_of(starts[at], paused[at], lengths[at], is_paused=is_paused)
            if pause is not None and pause[1] is not None:
                placed.append(at)
            self._tickets[number] = _with_clock(self._tickets[number], target, ends[at], pause)
        if unused:
            text = "clocks of tasks that are no tickets of the export"
            table.report("unused-link", text, unused[0], count=len(unused))
        if placed:
            text = "task_sla gives the length of pauses"
            table.report("pauses-placed", text, placed[0], count=len(placed))

    def finish(self) -> None:
        """Add the tickets to the records."""
        self._context.records.tickets.extend(self._tickets)

    def _target_of(self, sla: Reference) -> str:
        targets = self._register.sla_targets
        return targets.get(sla.key, targets.get(sla.name, ""))


class _TicketReader:
    """The columns of a table of tickets."""

    def __init__(self, table: ServiceNowTable, register: Register) -> None:
        self._table, self._register = table, register
        self._cis, self._services = table.references("ci"), table.references("service")
        self._priorities, self._teams = table.texts("priority"), table.texts("team")
        self._opened = table.moments("opened", date_is_enough=False)
        self._responded = table.moments("responded", date_is_enough=False)
        self._resolved = table.moments("resolved", date_is_enough=False)

    def ticket(self, at: int, key: str) -> Ticket | None:
        """Return the ticket at a position, None if it was refused."""
        table, opened = self._table, self._opened[at]
        responded, resolved = self._responded[at], self._resolved[at]
        if not key:
            table.refuse(at, "missing-id", "a ticket has no number and no sys_id")
        elif opened is None:
            text = f"ticket {key!r} was not used: it has no usable time opened"
            table.refuse(at, "unusable-record", text)
        elif min(responded or opened, resolved or opened) < opened:
            text = f"ticket {key!r} was not used: it was responded to or resolved before it opened"
            table.refuse(at, "reversed-times", text)
        else:
            return Ticket(
                ticket_id=key,
                ci=self._named(self._cis[at]),
                service=self._named(self._services[at]),
                priority=read_priority(self._priorities[at]),
                opened=opened,
                responded=responded,
                resolved=resolved,
                team=self._teams[at],
                file=table.file,
                row=table.rows[at],
            )
        return None

    def _named(self, cell: Reference) -> str:
        return (self._register.resolve(cell)[0] or cell.key or cell.name) if cell else ""


def _latest_rows(table: ServiceNowTable, keys: Sequence[str]) -> Sequence[int]:
    """Return the positions to read: of several rows of a ticket the one updated last."""
    usable = table.usable_positions()
    last: dict[str, int] = {}
    repeated = [at for at in usable if keys[at] and last.setdefault(keys[at], at) != at]
    if not repeated:
        return usable
    updated = table.moments("updated")
    for at in usable:
        before = last.get(keys[at])
        if before is not None and (updated[at] or _NEVER) >= (updated[before] or _NEVER):
            last[keys[at]] = at
    kept = [at for at in usable if not keys[at] or last[keys[at]] == at]
    merged = sorted(set(usable).difference(kept))
    for at in merged:
        table.context.ledger.use(table.file, table.rows[at])
    text = "rows tell earlier states of tickets; the one updated last was taken of each"
    table.report("merged-record", text, merged[0], count=len(merged))
    return kept


def _pause_of(
    start: datetime | None, paused: datetime | None, length: timedelta, *, is_paused: bool
) -> Pause | None:
    """Return the pause that a clock tells of: open, or as long as all pauses together."""
    begin = paused or start
    if begin is None or (not is_paused and length <= _NO_TIME):
        return None
    return begin, None if is_paused else begin + length


def _with_clock(ticket: Ticket, target: str, end: datetime | None, pause: Pause | None) -> Ticket:
    """Return a ticket with what one of its clocks adds."""
    if end is not None and end >= ticket.opened:
        if target == "response" and ticket.responded is None:
            ticket = replace(ticket, responded=end)
        elif target == "resolution" and ticket.resolved is None:
            ticket = replace(ticket, resolved=end)
    if pause is None or pause in ticket.pauses:
        return ticket
    return replace(ticket, pauses=sorted_pauses((*ticket.pauses, pause)))
