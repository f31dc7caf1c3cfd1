"""What ServiceNow's SLA definitions promise on times: a duration, and the priorities it is for."""

from __future__ import annotations

import re
from datetime import timedelta

from ripplegraph.graph.process_records import TimeTarget
from ripplegraph.loaders.process_quantities import read_priority
from ripplegraph.loaders.servicenow.cells import ServiceNowTable
from ripplegraph.loaders.servicenow.durations import read_duration

_PRIORITY = re.compile(r"(?:^|\^)priority(?:=|IN)([1-5](?:,[1-5])*)(?=\^|$)", re.ASCII)
_CI = re.compile(
    r"(?:^|\^)(?:cmdb_ci|business_service|service_offering)(?:=|IN)([0-9a-f,]{32,})(?=\^|$)",
    re.ASCII,
)
_IN_NAME = re.compile(r"\b(?:P|Prio(?:rity)?\s*)([1-5])\b", re.ASCII | re.IGNORECASE)
_ALL = ("P1", "P2", "P3", "P4", "P5")
_NOTHING = timedelta(0)
_WORDS = frozenset({"response", "resolution"})
_LONGEST_CONDITION = 10_000


class TimeTargetCells:
    """The columns of SLA definitions that tell of times."""

    def __init__(self, table: ServiceNowTable) -> None:
        self._table = table
        self._words = table.raw_texts("target")
        self._durations = table.values("duration", read_duration, _NOTHING, "invalid-value")
        self._conditions = table.raw_texts("start_condition")
        self._names = table.texts("name")

    def word_at(self, at: int) -> str:
        """Return ``response`` or ``resolution``, "" if the definition promises no time."""
        word = self._words[at].strip().casefold()
        return word if word in _WORDS else ""

    def targets_at(self, at: int, agreement: str) -> list[TimeTarget]:
        """Return the time targets of a definition: one for each priority that it is for."""
        word, minutes = self.word_at(at), self._durations[at].total_seconds() / 60
        if not word or minutes <= 0:
            return []
        return [
            TimeTarget(
                agreement=agreement,
                priority=priority,
                response_minutes=minutes if word == "response" else None,
                resolution_minutes=minutes if word == "resolution" else None,
                file=self._table.file,
                row=self._table.rows[at],
            )
            for priority in self._priorities_at(at)
        ]

    def cis_at(self, at: int) -> tuple[str, ...]:
        """Return the ids of the CIs and services that the start condition names."""
        match = _CI.search(self._conditions[at][:_LONGEST_CONDITION])
        return tuple(filter(None, match[1].split(","))) if match else ()

    def _priorities_at(self, at: int) -> tuple[str, ...]:
        """Return the priorities of the start condition, else of the name, else all of them."""
        match = _PRIORITY.search(self._conditions[at][:_LONGEST_CONDITION])
        if match:
            return tuple(read_priority(digit) for digit in match[1].split(","))
        named = _IN_NAME.search(self._names[at])
        return (f"P{named[1]}",) if named else _ALL
