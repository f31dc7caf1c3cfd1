"""The numbers beside the picture: target, derived availability, and what each CI means to it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ripplegraph.errors import RippleGraphError
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.availability.answers import availability, importance
from ripplegraph.impact.availability.importance_values import CiImportance
from ripplegraph.impact.availability.values import Label, ServiceAvailability
from ripplegraph.impact.propagation.concerned import offerings_of, slas_of
from ripplegraph.visualize.availability_words import (
    amount_words,
    availability_words,
    interval_words,
)
from ripplegraph.visualize.facts import Fact, percent
from ripplegraph.visualize.view_model import counted

_LEAST = 0.1
_SAYS_NOTHING = 0.5
"""Bounds of an availability that are so far apart are not worth reading."""

LARGEST_SERVICE = 1000
"""Services of more CIs are drawn without these numbers: a picture must not take minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stake:
    """One CI by the minutes a year that the service would gain if it never failed."""

    number: int
    minutes: float
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceNumbers:
    """Facts of the service, what is at stake at each CI (most first), further facts by CI."""

    facts: tuple[Fact, ...] = ()
    stakes: tuple[Stake, ...] = ()
    by_ci: Mapping[int, tuple[Fact, ...]] = field(default_factory=dict)


def numbers_of(
    graph: ServiceGraph, service: int, whole: Collection[int], at: datetime | None
) -> ServiceNumbers:
    """Return the numbers of a service that rests on these CIs; a large one has targets only."""
    slas = slas_of(graph, (service, *offerings_of(graph, service)), at)
    targets = sorted(
        {one.target_availability for one in slas if one.target_availability is not None},
        reverse=True,
    )
    facts: list[Fact] = [("SLA target", ", ".join(map(percent, targets)))] if targets else []
    if len(whole) > LARGEST_SERVICE:
        return ServiceNumbers(facts=tuple(facts))
    ci_id = graph.ci_ids[service]
    try:
        row = availability(graph, [ci_id], at=at).services[0]
        answer = importance(graph, ci_id, at=at)
    except (RippleGraphError, ValueError):
        return ServiceNumbers(facts=tuple(facts))
    facts.extend(_derived(row))
    number_of: dict[str, int] = {graph.ci_ids[number]: number for number in whole}
    rows = [(number_of[one.ci_id], one) for one in answer.rows if one.ci_id in number_of]
    stakes = [
        Stake(number=number, minutes=one.minutes, share=min(1.0, one.criticality or 0.0))
        for number, one in rows
        if one.minutes is not None and one.minutes > 0
    ]
    stakes.sort(key=lambda one: (-one.minutes, graph.ci_ids[one.number]))
    return ServiceNumbers(
        facts=tuple(facts),
        stakes=tuple(stakes),
        by_ci={number: _facts_of(one) for number, one in rows},
    )


def _derived(row: ServiceAvailability) -> list[Fact]:
    if row.label is Label.EXACT and row.downtime_minutes_per_year == 0:
        return [("Derived availability", "100%: nothing known can bring it down")]
    words = f"{interval_words(row.lower, row.upper)} ({row.label.value})"
    if row.label is Label.INCOMPLETE and row.upper - row.lower > _SAYS_NOTHING:
        words = "not known"
    facts = [("Derived availability", words)]
    if row.downtime_minutes_per_year is not None and row.label is not Label.INCOMPLETE:
        minutes = amount_words(row.downtime_minutes_per_year)
        facts.append(("Expected downtime", f"{minutes} min a year"))
    if row.missing:
        facts.append(("Availability unknown", counted(len(row.missing), "CI")))
    return facts


def _facts_of(row: CiImportance) -> tuple[Fact, ...]:
    facts = []
    if row.unavailability is not None:
        facts.append(("Availability", availability_words(row.unavailability)))
    if row.minutes is not None and row.minutes > 0:
        share = f", {row.criticality:.1%} of all" if (row.criticality or 0) > 0.0005 else ""
        facts.append(("At stake", f"{stake_words(row.minutes)} min a year{share}"))
    return tuple(facts)


def stake_words(minutes: float) -> str:
    """Return the minutes at stake, alike wherever they are shown.

    Examples
    --------
    >>> stake_words(2596.07), stake_words(0.04)
    ('2,597', 'less than 0.1')
    """
    return amount_words(minutes) if minutes >= _LEAST else f"less than {_LEAST}"
