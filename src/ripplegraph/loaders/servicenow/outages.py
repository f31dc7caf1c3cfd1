"""ServiceNow's outages of CIs."""

from __future__ import annotations

from datetime import datetime

from ripplegraph.graph.outages import Outage, OutageKind
from ripplegraph.loaders.outage_spans import end_after, span_flaw
from ripplegraph.loaders.servicenow.cells import Reference, ServiceNowTable
from ripplegraph.loaders.servicenow.cis import SOURCE
from ripplegraph.loaders.servicenow.register import Register

_SHOWN = 64  # characters of a cell that a finding shows


def read_outages(table: ServiceNowTable, register: Register) -> None:
    """Add the outages of ``cmdb_ci_outage``; one without CI or begin is refused."""
    reader = _OutageReader(table, register)
    for at in table.usable_positions():
        reader.read(at)
    reader.report()


class _OutageReader:
    """The columns of a table of outages."""

    def __init__(self, table: ServiceNowTable, register: Register) -> None:
        self._table, self._register = table, register
        self._cis = table.references("ci")
        self._kinds, self._stored_kinds = table.texts("kind"), table.raw_texts("kind")
        self._begin_texts, self._end_texts = table.raw_texts("begin"), table.raw_texts("end")
        self._begins = table.moments("begin", date_is_enough=False)
        self._ends = table.moments("end", date_is_enough=False)
        self._causes, self._excluded = table.texts("cause"), table.texts("excluded")
        self._numbers, self._ids = table.texts("number"), table.raw_texts("sys_id")
        self._by_name: list[int] = []

    def read(self, at: int) -> None:
        """Add the outage at a position, or refuse its row with a finding."""
        table, begin, end = self._table, self._begins[at], self._ends[at]
        number = self._numbers[at] or self._ids[at]
        ci_id = self._ci_of(self._cis[at], at)
        if not self._cis[at]:
            table.refuse(at, "missing-reference", f"outage {number!r} names no CI")
        elif not ci_id:
            name = self._cis[at].name or self._cis[at].key
            table.refuse(at, "ambiguous-id", f"outage {number!r}: {name!r} fits several CIs")
        elif begin is None or (
            end is None and not table.context.rules.is_null(self._end_texts[at])
        ):
            self._refuse_times(at, number)
        elif flaw := span_flaw(begin, end := self._end_after(begin, end, at)):
            table.refuse(at, flaw[0], f"outage {number!r} was not used: {flaw[1]}")
        else:
            outage = Outage(
                ci=ci_id,
                start=begin,
                end=end,
                kind=self._kind_at(at, number),
                cause=self._causes[at],
                source=table.context.options.source or SOURCE,
                external_id=number,
                excluded=self._excluded[at],
                file=table.file,
                row=table.rows[at],
            )
            for key in filter(None, (self._ids[at], self._numbers[at])):
                self._register.outages_of_id.setdefault(key, len(table.context.records.outages))
            table.context.records.outages.append(outage)
            table.context.ledger.use(table.file, table.rows[at])

    def report(self) -> None:
        """Report once that names had to do."""
        if self._by_name:
            text = (
                "outages give names of CIs, no ids: each was resolved to the only CI of that name"
            )
            count = len(self._by_name)
            self._table.report("reference-by-name", text, self._by_name[0], count=count)

    def _end_after(self, begin: datetime, end: datetime | None, at: int) -> datetime | None:
        table = self._table
        return end_after(
            begin,
            end,
            self._end_texts[at],
            table.context.times,
            found=table.context.found,
            file=table.file,
            row=table.rows[at],
        )

    def _ci_of(self, cell: Reference, at: int) -> str:
        ci_id, by_name = self._register.resolve(cell)
        if ci_id and by_name:
            self._by_name.append(at)
        return ci_id

    def _refuse_times(self, at: int, number: str) -> None:
        """Refuse an outage whose begin is missing, or whose times could not be read."""
        begin, end = self._begin_texts[at], self._end_texts[at]
        why = "it has no begin"
        if begin:
            field, cell = ("begin", begin) if self._begins[at] is None else ("end", end)
            why = f"its {field} {cell[:_SHOWN]!r} could not be read"
        text = f"outage {number!r} was not used: {why}"
        self._table.refuse(at, "unusable-record", text)

    def _kind_at(self, at: int, number: str) -> OutageKind:
        kinds = self._table.context.rules.outage_types
        for text in (self._stored_kinds[at], self._kinds[at]):
            if text.casefold() in kinds:
                return kinds[text.casefold()]
        if self._kinds[at]:
            text = (
                f"outage {number!r}: type {self._kinds[at]!r} is not known; it counts as unplanned"
            )
            self._table.report("invalid-value", text, at)
        return OutageKind.UNPLANNED
