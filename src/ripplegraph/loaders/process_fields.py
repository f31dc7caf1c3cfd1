"""The tables of the process: which field each column holds, known to readers and writers."""

# mypy: disable-error-code="explicit-any"
# one table of fields of many types

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ripplegraph.graph.agreements import AgreementState
from ripplegraph.graph.process_records import (
    PROCESS_KINDS,
    ImprovementState,
    ProcessRecord,
)
from ripplegraph.loaders.process_quantities import (
    pauses_text,
    read_amount,
    read_minutes,
    read_pauses,
    read_priority,
    read_score,
)
from ripplegraph.loaders.quantities import split_list
from ripplegraph.loaders.words import word_reader

MOMENT = "moment"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessField:
    """One column: its name, the field of the record, and how its cells are read.

    ``read`` is None for a plain text, :data:`MOMENT` for a time. A record whose ``needed``
    cell is empty is not used.
    """

    column: str
    name: str = ""
    read: Callable[[str], Any] | str | None = None
    missing: Any = ""
    needed: bool = False
    is_literal: bool = False
    date_is_enough: bool = True

    @property
    def lack(self) -> str:
        """What a record without it lacks."""
        return f"it has no {self.column}"

    @property
    def attribute(self) -> str:
        """The field of the record."""
        return self.name or self.column


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessTable:
    """One table of the process: its records and its columns."""

    called: str
    fields: tuple[ProcessField, ...]
    check: Callable[[Mapping[str, Any]], tuple[str, str] | None] = lambda _: None


def _text(column: str, name: str = "") -> ProcessField:
    return ProcessField(column=column, name=name)


def _key(column: str, name: str = "") -> ProcessField:
    return ProcessField(column=column, name=name, needed=True, is_literal=True)


def _reference(column: str) -> ProcessField:
    return ProcessField(column=column, is_literal=True)


def _moment(column: str, *, needed: bool = False, date_is_enough: bool = True) -> ProcessField:
    return ProcessField(
        column=column, read=MOMENT, missing=None, needed=needed, date_is_enough=date_is_enough
    )


def _value(
    column: str, read: Callable[[str], Any], missing: object = None, *, needed: bool = False
) -> ProcessField:
    return ProcessField(column=column, read=read, missing=missing, needed=needed)


def _without_targets(values: Mapping[str, Any]) -> tuple[str, str] | None:
    if values["response_minutes"] is None and values["resolution_minutes"] is None:
        return "unusable-record", "it promises neither response_minutes nor resolution_minutes"
    return None


def _backwards(values: Mapping[str, Any]) -> tuple[str, str] | None:
    opened: datetime = values["opened"]
    for name in ("responded", "resolved"):
        if values[name] is not None and values[name] < opened:
            return "reversed-times", f"it was {name} before it was opened"
    return None


_IMPROVEMENT_WORDS = {
    "open": ImprovementState.PROPOSED,
    "new": ImprovementState.PROPOSED,
    "approved": ImprovementState.PLANNED,
    "in_progress": ImprovementState.IN_PROGRESS,
    "started": ImprovementState.IN_PROGRESS,
    "completed": ImprovementState.DONE,
    "closed": ImprovementState.DONE,
    "rejected": ImprovementState.CANCELLED,
}
_read_improvement_state = word_reader(ImprovementState, _IMPROVEMENT_WORDS)

PROCESS_TABLES: Mapping[str, ProcessTable] = {
    "time_targets": ProcessTable(
        called="time target",
        fields=(
            _key("agreement"),
            _value("priority", read_priority, "", needed=True),
            _value("response_minutes", read_minutes),
            _value("resolution_minutes", read_minutes),
        ),
        check=_without_targets,
    ),
    "tickets": ProcessTable(
        called="ticket",
        fields=(
            _key("id", "ticket_id"),
            _reference("ci"),
            _reference("service"),
            _value("priority", read_priority, ""),
            _moment("opened", needed=True, date_is_enough=False),
            _moment("responded", date_is_enough=False),
            _moment("resolved", date_is_enough=False),
            _value("pauses", read_pauses, ()),
            _text("team"),
        ),
        check=_backwards,
    ),
    "agreement_states": ProcessTable(
        called="agreement state",
        fields=(
            _key("agreement"),
            _value("state", word_reader(AgreementState), None, needed=True),
            _moment("at", needed=True),
            _text("by"),
        ),
    ),
    "reviews": ProcessTable(
        called="review",
        fields=(
            _key("agreement"),
            _moment("at", needed=True),
            _text("minutes"),
            _value("actions", split_list, ()),
        ),
    ),
    "reports_issued": ProcessTable(
        called="report",
        fields=(
            _key("agreement"),
            _moment("window_start", needed=True),
            _moment("at", needed=True),
        ),
    ),
    "experience": ProcessTable(
        called="experience score",
        fields=(
            _key("service"),
            _text("customer"),
            _moment("window_start", needed=True),
            _value("score", read_score, None, needed=True),
            _value("target", read_score),
        ),
    ),
    "complaints": ProcessTable(
        called="complaint",
        fields=(
            _key("service"),
            _text("customer"),
            _moment("at", needed=True),
            _text("text"),
        ),
    ),
    "improvements": ProcessTable(
        called="improvement",
        fields=(
            _key("id", "improvement_id"),
            _reference("service"),
            ProcessField(column="action", needed=True),
            _text("origin"),
            _text("owner"),
            _moment("due"),
            _value("state", _read_improvement_state, ImprovementState.PROPOSED),
            _value("expected_minutes", read_minutes),
            _value("realised_minutes", read_minutes),
        ),
    ),
    "service_costs": ProcessTable(
        called="cost",
        fields=(
            _key("service"),
            _value("per_minute", read_amount, None, needed=True),
            _text("currency"),
        ),
    ),
}
"""The tables of the process by name, in the order in which they are read and written."""


def flaw_of(
    table: str, values: Mapping[str, Any], given: Mapping[str, str]
) -> tuple[str, str] | None:
    """Return the code and text of why a record with these values cannot be used, or None.

    ``given`` are the texts of the needed columns as the file holds them.
    """
    known = PROCESS_TABLES[table]
    start = f"{known.called} not used: "
    for field in known.fields:
        if field.needed and values[field.attribute] in (None, ""):
            code = "missing-id" if field.column == "id" else "unusable-record"
            lack = f"its {field.column} cannot be used" if given[field.column] else field.lack
            return code, start + lack
    flaw = known.check(values)
    return flaw and (flaw[0], start + flaw[1])


def record_of(table: str, values: Mapping[str, Any], file: str, row: int) -> ProcessRecord:
    """Return the record with these values."""
    kind: Callable[..., ProcessRecord] = PROCESS_KINDS[table]
    return kind(**values, file=file, row=row)


def cell_of(value: object) -> str:
    """Return the text of a field as the cell of a table."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple):
        is_pauses = bool(value) and isinstance(value[0], tuple)
        return pauses_text(value) if is_pauses else "; ".join(value)
    return "" if value is None else str(value)
