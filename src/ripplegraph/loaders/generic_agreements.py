"""The generic ``agreements``, ``calendars`` and ``outages`` tables: rows to records."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from ripplegraph.errors import InvalidQuantityError
from ripplegraph.graph.agreements import (
    LEVELS,
    Agreement,
    AgreementKind,
    AgreementState,
    Scope,
    Window,
)
from ripplegraph.graph.calendars import Calendar, CalendarException
from ripplegraph.graph.outages import Outage, OutageKind
from ripplegraph.loaders.calendar_texts import read_exception
from ripplegraph.loaders.generic_table import GenericTable
from ripplegraph.loaders.outage_spans import end_after, span_flaw
from ripplegraph.loaders.process_quantities import read_amount, read_count, read_minutes
from ripplegraph.loaders.quantities import (
    NO_ENTRIES,
    NO_INTERVALS,
    read_flag,
    read_fraction,
    read_hours,
    read_weekly,
    read_window,
    split_list,
)
from ripplegraph.loaders.times import read_zone, zone_of
from ripplegraph.loaders.words import choice_reader, word_reader

_AGREEMENT_WORDS = {
    **{kind.value.casefold(): kind for kind in AgreementKind},
    "uc": AgreementKind.UPC,
    "underpinning contract": AgreementKind.UPC,
    "service level agreement": AgreementKind.SLA,
    "operational level agreement": AgreementKind.OLA,
    "service level requirement": AgreementKind.SLR,
}
_REGION = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?", re.ASCII)


def read_agreements(table: GenericTable) -> None:
    """Add the agreements of an ``agreements`` table to the records."""
    if table.has_columns("id", "kind"):
        rows = _AgreementRows(table)
        for position in range(len(table)):
            rows.read(position)


class _AgreementRows:
    """The cells of an ``agreements`` table, read column by column."""

    def __init__(self, table: GenericTable) -> None:
        self._table = table
        words = (
            "name", "customer", "provider", "owner", "calendar", "penalty", "cost_currency",
        )  # fmt: skip
        self._ids = table.texts("id", literal=True)
        self._kinds = table.texts("kind")
        self._texts = {field: table.texts(field) for field in words}
        self._covers = table.values("covers", split_list, NO_ENTRIES, "invalid-value")
        self._scopes = table.values("scope", word_reader(Scope), None, "invalid-value")
        self._states = table.values(
            "state",
            word_reader(AgreementState, table.context.rules.agreement_states),
            AgreementState.AGREED,
            "invalid-value",
        )
        self._targets = table.values(
            "target_availability", read_fraction, None, "invalid-availability"
        )
        self._windows = table.values("window", read_window, Window(), "invalid-value")
        self._planned = table.values(
            "planned_rule", read_planned_rule, "downtime", "invalid-value"
        )
        self._weights = table.values("degraded_weight", read_fraction, Decimal(0), "invalid-value")
        bad = "invalid-value"
        self._levels = table.values("level", read_level, "", bad)
        self._zones = table.values("time_zone", read_zone, "", bad)
        self._most = table.values("max_outages", read_count, None, bad)
        self._longest = table.values("longest_outage_minutes", read_minutes, None, bad)
        self._restore = table.values("mtrs_hours", read_hours, None, bad)
        self._shortest = table.values("min_outage_seconds", read_count, 0, bad)
        self._notices = table.values("planned_notice_hours", read_hours, 0.0, bad)
        self._fixed = table.values("fixed", read_flag, missing=False, code=bad)
        self._costs = table.values("penalty_per_minute", read_amount, None, bad)
        moments = ("valid_from", "valid_to", "next_review")
        self._moments = {field: table.moments(field) for field in moments}

    def read(self, position: int) -> None:
        """Add the agreement at a position, or refuse its row with a finding."""
        table, agreement_id = self._table, self._ids[position]
        kind = agreement_kind(self._kinds[position], table.context.rules.agreement_types)
        start, end = (self._moments[field][position] for field in ("valid_from", "valid_to"))
        if not agreement_id:
            table.refuse(position, "missing-id", "an agreement has no id; it was not used")
        elif kind is None:
            text = f"agreement {agreement_id!r}: {self._kinds[position]!r} is no agreement kind"
            table.refuse(position, "unknown-agreement-kind", text)
        elif start is not None and end is not None and end <= start:
            text = f"agreement {agreement_id!r}: valid_to is not after valid_from"
            table.refuse(position, "reversed-times", text)
        else:
            table.context.records.agreements.append(self._agreement(position, kind))
            table.use_at([position])

    def _agreement(self, position: int, kind: AgreementKind) -> Agreement:
        return Agreement(
            agreement_id=self._ids[position],
            kind=kind,
            covers=self._covers[position],
            scope=self._scopes[position] or default_scope(kind),
            target_availability=self._targets[position],
            window=self._windows[position],
            state=self._states[position],
            planned_rule=self._planned[position],
            degraded_weight=self._weights[position],
            max_outages=self._most[position],
            longest_outage_minutes=self._longest[position],
            mtrs_hours=self._restore[position],
            min_outage_seconds=self._shortest[position],
            planned_notice_hours=self._notices[position],
            fixed=self._fixed[position],
            level=self._levels[position],
            penalty_per_minute=self._costs[position],
            time_zone=self._zones[position],
            cost_currency=self._texts["cost_currency"][position],
            file=self._table.file,
            row=self._table.rows[position],
            name=self._texts["name"][position],
            customer=self._texts["customer"][position],
            provider=self._texts["provider"][position],
            owner=self._texts["owner"][position],
            calendar=self._texts["calendar"][position],
            penalty=self._texts["penalty"][position],
            valid_from=self._moments["valid_from"][position],
            valid_to=self._moments["valid_to"][position],
            next_review=self._moments["next_review"][position],
        )


def agreement_kind(text: str, further: Mapping[str, AgreementKind]) -> AgreementKind | None:
    """Return the agreement kind that a word means, by the product's words and the mapping's."""
    word = text.casefold()
    return _AGREEMENT_WORDS.get(word) or further.get(word)


def default_scope(kind: AgreementKind) -> Scope:
    """Return what an agreement of a kind promises when it does not say."""
    return Scope.INCLUSIVE if kind is AgreementKind.UPC else Scope.OWN


read_planned_rule = choice_reader("a planned rule", ("downtime", "period"))
"""Return how planned outages count."""

read_level = choice_reader("a level", LEVELS)
"""Return the level of a multi-level SLA."""


# --- calendars -------------------------------------------------------------------------------


def read_calendars(table: GenericTable) -> None:
    """Add the calendars of a ``calendars`` table to the records."""
    if not table.has_columns("id"):
        return
    ids, zones = table.texts("id", literal=True), table.texts("time_zone")
    weekly, flaws = table.values_and_flaws("weekly", read_weekly, NO_INTERVALS, "invalid-value")
    holidays = table.values("holidays", split_list, NO_ENTRIES, "invalid-value")
    exceptions = table.values("exceptions", split_list, NO_ENTRIES, "invalid-value")
    for position, calendar_id in enumerate(ids):
        if position in flaws:
            text = f"calendar {calendar_id!r} was not used: its weekly hours cannot be read"
            table.refuse(position, "unusable-record", text)
        elif not calendar_id:
            table.refuse(position, "missing-id", "a calendar has no id; it was not used")
        elif zones[position] and zone_of(zones[position]) is None:
            text = (
                f"calendar {calendar_id!r}: {zones[position]!r} is no time zone; it was not used"
            )
            table.refuse(position, "unknown-time-zone", text)
        else:
            calendar = Calendar(
                calendar_id=calendar_id,
                time_zone=zones[position],
                weekly=weekly[position],
                holidays=_holidays(table, position, holidays[position]),
                exceptions=_exceptions(table, position, exceptions[position]),
                file=table.file,
                row=table.rows[position],
            )
            table.context.records.calendars.append(calendar)
            table.use_at([position])


def _holidays(table: GenericTable, position: int, entries: tuple[str, ...]) -> tuple[str, ...]:
    kept = tuple(entry for entry in entries if is_holiday(entry))
    for entry in entries:
        if entry not in kept:
            text = f"holidays: {entry[:60]!r} is no region (DE-BY) and no date; it was left out"
            table.report("invalid-value", text, position)
    return kept


def _exceptions(
    table: GenericTable, position: int, entries: tuple[str, ...]
) -> tuple[CalendarException, ...]:
    kept: list[CalendarException] = []
    for entry in entries:
        try:
            kept.append(read_exception(entry))
        except InvalidQuantityError as error:
            table.report("invalid-value", f"exceptions: {error}; it was left out", position)
    return tuple(sorted(kept))


def is_holiday(entry: str) -> bool:
    """Return whether an entry is a region such as ``DE-BY``, or an ISO date."""
    if _REGION.fullmatch(entry):
        return True
    try:
        return date.fromisoformat(entry).isoformat() == entry
    except ValueError:
        return False


# --- outages ---------------------------------------------------------------------------------


def read_outages(table: GenericTable) -> None:
    """Add the outages of an ``outages`` table to the records."""
    if not table.has_columns("ci", "start"):
        return
    rows = _OutageRows(table)
    for position in range(len(table)):
        rows.read(position)


class _OutageRows:
    """The cells of an ``outages`` table, read column by column."""

    def __init__(self, table: GenericTable) -> None:
        self._table = table
        self._cis = table.texts("ci", literal=True)
        self._start_texts, self._end_texts = table.texts("start"), table.texts("end")
        self._starts = table.moments("start", date_is_enough=False)
        self._ends = table.moments("end", date_is_enough=False)
        read_kind = word_reader(OutageKind, table.context.rules.outage_types)
        self._kinds = table.values("kind", read_kind, OutageKind.UNPLANNED, "invalid-value")
        words = ("cause", "source", "external_id", "excluded", "change")
        self._announced = table.moments("announced")
        self._texts = {field: table.texts(field) for field in words}

    def read(self, position: int) -> None:
        """Add the outage at a position, or refuse its row with a finding."""
        table, start, end = self._table, self._starts[position], self._ends[position]
        if not self._cis[position]:
            table.refuse(position, "missing-reference", "an outage names no CI; it was not used")
        elif start is None and not self._start_texts[position]:
            table.refuse(position, "unusable-record", "an outage has no start; it was not used")
        elif start is None or (end is None and self._end_texts[position]):
            field = "start" if start is None else "end"
            text = f"the outage of {self._cis[position]!r} was not used: its {field} is unusable"
            table.refuse(position, "unusable-record", text)
        else:
            self._add(position, start, end)

    def _add(self, position: int, start: datetime, end: datetime | None) -> None:
        table = self._table
        end = end_after(
            start,
            end,
            self._end_texts[position],
            table.context.times,
            found=table.context.found,
            file=table.file,
            row=table.rows[position],
        )
        flaw = span_flaw(start, end)
        if flaw:
            text = f"the outage of {self._cis[position]!r} was not used: {flaw[1]}"
            table.refuse(position, flaw[0], text)
            return
        outage = Outage(
            ci=self._cis[position],
            start=start,
            end=end,
            kind=self._kinds[position],
            file=self._table.file,
            row=self._table.rows[position],
            cause=self._texts["cause"][position],
            source=self._texts["source"][position],
            external_id=self._texts["external_id"][position],
            excluded=self._texts["excluded"][position],
            announced=self._announced[position],
            change=self._texts["change"][position],
        )
        self._table.context.records.outages.append(outage)
        self._table.use_at([position])
