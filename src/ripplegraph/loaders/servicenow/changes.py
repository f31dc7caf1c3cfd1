"""ServiceNow's change requests as planned windows, and what links tasks to CIs and outages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from ripplegraph.graph.outages import Outage, OutageKind
from ripplegraph.loaders.context import LoadContext
from ripplegraph.loaders.outage_spans import span_flaw
from ripplegraph.loaders.servicenow.cells import Reference, ServiceNowTable
from ripplegraph.loaders.servicenow.cis import SOURCE
from ripplegraph.loaders.servicenow.register import Register

_NO_OUTAGE = frozenset({"no", "false", "0", "none"})


@dataclass(slots=True, kw_only=True)
class _Change:
    """A change request whose dates are a planned window."""

    number: str
    start: datetime
    end: datetime
    announced: datetime | None
    cause: str
    cis: list[Reference] = field(default_factory=list)
    file: str
    row: int


class Changes:
    """Collects the planned windows of change requests; their CIs may stand in ``task_ci``."""

    def __init__(self, register: Register, context: LoadContext) -> None:
        self._register, self._context = register, context
        self._changes: list[_Change] = []
        self._by_key: dict[str, _Change] = {}

    def read_changes(self, table: ServiceNowTable) -> None:
        """Read ``change_request``: what is scheduled, with its planned dates."""
        starts = table.moments("start", date_is_enough=False)
        ends = table.moments("end", date_is_enough=False)
        announced = table.moments("announced")
        ids, numbers = table.raw_texts("sys_id"), table.texts("number")
        causes, cis = table.texts("cause"), table.references("ci")
        planned = self._are_planned(table)
        without: list[int] = []
        for at in table.usable_positions():
            start, end = starts[at], ends[at]
            if not planned[at] or start is None or end is None:
                without.append(at)
                self._context.ledger.refuse(table.file, table.rows[at])
                continue
            flaw = span_flaw(start, end)
            number = numbers[at] or ids[at]
            if flaw:
                table.refuse(at, flaw[0], f"change {number!r} was not used: {flaw[1]}")
                continue
            change = _Change(
                number=number,
                start=start,
                end=end,
                announced=announced[at],
                cause=causes[at],
                cis=[cis[at]] if cis[at] else [],
                file=table.file,
                row=table.rows[at],
            )
            self._changes.append(change)
            for key in filter(None, (ids[at], numbers[at])):
                self._by_key.setdefault(key, change)
        if without:
            text = "change requests that are not scheduled or have no planned dates"
            table.report("change-without-window", text, without[0], count=len(without))

    def read_task_cis(self, table: ServiceNowTable) -> None:
        """Read ``task_ci``: further CIs of a change."""
        tasks, cis = table.references("task"), table.references("ci")
        unused: list[int] = []
        for at in table.usable_positions():
            change = self._find(tasks[at])
            if change is None or not cis[at]:
                unused.append(at)
                self._context.ledger.refuse(table.file, table.rows[at])
            else:
                change.cis.append(cis[at])
                self._context.ledger.use(table.file, table.rows[at])
        _report_unused(table, "CIs of tasks that give no planned window", unused)

    def read_task_outages(self, table: ServiceNowTable) -> None:
        """Read ``task_outage``: which change or incident an outage belongs to."""
        tasks, outages = table.references("task"), table.references("outage")
        unused: list[int] = []
        for at in table.usable_positions():
            if self._join(tasks[at], outages[at]):
                self._context.ledger.use(table.file, table.rows[at])
            else:
                unused.append(at)
                self._context.ledger.refuse(table.file, table.rows[at])
        _report_unused(table, "links of tasks and outages, one of which is not used", unused)

    def finish(self) -> None:
        """Add the planned windows; one whose outage was recorded gives none of its own."""
        recorded = {
            (outage.ci, outage.change)
            for outage in self._context.records.outages
            if outage.change and outage.kind is OutageKind.PLANNED
        }
        bare: dict[str, list[int]] = {}
        for change in self._changes:
            if not change.cis:
                bare.setdefault(change.file, []).append(change.row)
                self._context.ledger.refuse(change.file, change.row)
            else:
                self._add(change, recorded)
        for file, rows in bare.items():
            text = "scheduled change requests name no CI"
            self._context.found.add(
                "change-without-window", text, file=file, row=rows[0], count=len(rows)
            )

    def _add(self, change: _Change, recorded: set[tuple[str, str]]) -> None:
        context = self._context
        resolved = dict.fromkeys(self._register.resolve(cell)[0] for cell in change.cis)
        if "" in resolved:
            text = f"change {change.number!r} names a CI by a name that several have"
            context.found.add("ambiguous-id", text, file=change.file, row=change.row)
            del resolved[""]
        if not resolved:
            context.ledger.refuse(change.file, change.row)
            return
        context.ledger.use(change.file, change.row)
        context.records.outages.extend(
            Outage(
                ci=ci,
                start=change.start,
                end=change.end,
                kind=OutageKind.PLANNED,
                cause=change.cause,
                source=context.options.source or SOURCE,
                external_id=change.number,
                announced=change.announced,
                change=change.number,
                file=change.file,
                row=change.row,
            )
            for ci in resolved
            if (ci, change.number) not in recorded
        )

    def _are_planned(self, table: ServiceNowTable) -> list[bool]:
        """Return for each change whether its state, its approval and its own flag let it count."""
        states = self._context.rules.change_states
        shown, stored = table.texts("state"), table.raw_texts("state")
        approvals, flags = table.raw_texts("approval"), table.raw_texts("outage")
        planned: list[bool] = []
        for at in range(len(table)):
            words = [states.get(text.casefold()) for text in (stored[at], shown[at])]
            said = next((word for word in words if word), None)
            approval = approvals[at].casefold()
            is_on = said == "planned" if said else approval == "approved"
            is_off = approval == "rejected" or flags[at].casefold() in _NO_OUTAGE
            planned.append(is_on and not is_off)
        return planned

    def _find(self, task: Reference) -> _Change | None:
        found = self._by_key.get(task.key) if task.key else None
        return found or self._by_key.get(task.name)

    def _join(self, task: Reference, outage: Reference) -> bool:
        ids, outages = self._register.outages_of_id, self._context.records.outages
        number = ids.get(outage.key, ids.get(outage.name))
        if number is None or not task:
            return False
        known, change = outages[number], self._find(task)
        if change is None:
            name = task.name or task.key
            cause = f"{known.cause} ({name})" if known.cause else name
            outages[number] = replace(known, cause=cause)
            return True
        announced = known.announced or change.announced
        outages[number] = replace(known, change=change.number, announced=announced)
        return True


def _report_unused(table: ServiceNowTable, text: str, positions: Sequence[int]) -> None:
    if positions:
        table.report("unused-link", text, positions[0], count=len(positions))
