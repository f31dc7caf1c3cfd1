"""How many seconds agreements allow each CI within one SLA window, hour by hour covered.

The service time of the SLA falls into segments in which the same agreements hold. A promise is
a budget of seconds of its own service time in its own window, all of which may fall into one
window of the SLA; where a CI is not covered, nothing limits it (semantics.md section 3).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction

from ripplegraph.graph.agreements import Agreement, Window
from ripplegraph.graph.time_sets import ServiceTime, intersection_of, total_seconds, union_of
from ripplegraph.impact.agreements.agreed_windows import AgreedWindow, AgreedWindows
from ripplegraph.impact.agreements.coverage import (
    BudgetWindow,
    budget_windows,
    coverage_segments,
)
from ripplegraph.impact.agreements.foundations import Foundations
from ripplegraph.impact.availability.values import Basis

Limit = tuple[frozenset[int], Fraction]

_Kind = tuple[Window, str, str]
"""Window, calendar and time zone: agreements that share them differ in their targets only."""

_Key = tuple[_Kind, frozenset[_Kind]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """The service time of one SLA window.

    Parameters
    ----------
    seconds
        Of each segment.
    limits
        By CI number its limits: within these segments together it may be down so many seconds.
        In segments that no limit names it may be down all the time.
    """

    seconds: tuple[int, ...]
    limits: Mapping[int, tuple[Limit, ...]]

    @property
    def total(self) -> int:
        """Seconds of all segments."""
        return sum(self.seconds)

    def scaled(self, shares: Mapping[int, Fraction]) -> Hours:
        """Return the hours with the budgets of some CIs as a share of what they are."""
        limits = {
            ci: tuple((segments, shares[ci] * most) for segments, most in one)
            if ci in shares
            else one
            for ci, one in self.limits.items()
        }
        return replace(self, limits=limits)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Budgets:
    """Budgets of one kind of promise (calendar and window) under one SLA window.

    ``spans`` are its windows that are touched: the segments that it covers there, seconds of
    the segments, and seconds of its own service time in the whole window.
    """

    spans: tuple[tuple[frozenset[int], int, int], ...]
    _known: dict[Decimal, tuple[Limit, ...]] = field(default_factory=dict)

    def limits(self, target: Decimal) -> tuple[Limit, ...]:
        """Return the limits of a CI of this target; the same object each time."""
        if target not in self._known:
            allowed = 1 - Fraction(target)
            self._known[target] = tuple(
                (segments, min(allowed * own, Fraction(covered)))
                for segments, covered, own in self.spans
            )
        return self._known[target]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PromisedHours:
    """Budgets of agreements under SLA windows, each computed once.

    Parameters
    ----------
    is_extended
        Whether promises are taken to hold in all hours of the SLA too.
    """

    found: Foundations
    windows: AgreedWindows
    is_extended: bool = False
    _shares: dict[tuple[float, int, int], tuple[Limit, ...]] = field(default_factory=dict)
    _known: dict[_Key, tuple[tuple[int, ...], dict[_Kind, _Budgets]]] = field(default_factory=dict)

    def of(self, sla: Agreement, inputs: Iterable[int], *, unknown: float) -> Hours:
        """Return what the CIs beneath a service may be down within one window of an SLA.

        Parameters
        ----------
        inputs
            Numbers of the CIs that can fail.
        unknown
            Unavailability of the CIs whose own is unknown: 0 or 1.
        """
        found, window = self.found, self.windows.of(sla)
        promised = {ci: one for ci in inputs if (one := self._promise(ci)) is not None}
        kinds = {self._kind(one): one for one in promised.values()}
        seconds, budgets = self._segments(sla, window, kinds)
        everywhere, total = frozenset(range(len(seconds))), sum(seconds)
        limits: dict[int, tuple[Limit, ...]] = {}
        for ci in inputs:
            agreement = promised.get(ci)
            if agreement is not None and agreement.target_availability is not None:
                limits[ci] = budgets[self._kind(agreement)].limits(agreement.target_availability)
            else:
                own = found.own[ci].unavailability
                key = (unknown if own is None else own, total, len(everywhere))
                if key not in self._shares:
                    self._shares[key] = ((everywhere, Fraction(key[0]) * total),)
                limits[ci] = self._shares[key]
        return Hours(seconds=seconds, limits=limits)

    def _promise(self, ci: int) -> Agreement | None:
        """Return the agreement whose target is the number of a CI."""
        if self.found.own[ci].basis is not Basis.AGREEMENT:
            return None
        return self.found.answering[ci].agreement

    def _segments(
        self, sla: Agreement, window: AgreedWindow, kinds: Mapping[_Kind, Agreement]
    ) -> tuple[tuple[int, ...], dict[_Kind, _Budgets]]:
        key = (self._kind(sla), frozenset(kinds))
        if key not in self._known:
            spans = [
                (kind, *self._span(sla, agreement, window, touched))
                for kind, agreement in sorted(kinds.items(), key=lambda one: str(one[0]))
                for touched in budget_windows(self.windows, agreement, window.start, window.end)
            ]
            parts = coverage_segments(window.time, [covered for _, covered, _ in spans])
            found: dict[_Kind, list[tuple[frozenset[int], int, int]]] = {one: [] for one in kinds}
            for at, (kind, _, own) in enumerate(spans):
                inside = frozenset(k for k, held in enumerate(parts.covering) if at in held)
                covered = sum(parts.seconds[k] for k in inside)
                if covered:
                    found[kind].append((inside, covered, own))
            budgets = {kind: _Budgets(spans=tuple(one)) for kind, one in found.items()}
            self._known[key] = (parts.seconds, budgets)
        return self._known[key]

    def _kind(self, agreement: Agreement) -> _Kind:
        return (agreement.window, agreement.calendar, self.windows.zone_of(agreement))

    def _span(
        self, sla: Agreement, agreement: Agreement, window: AgreedWindow, touched: BudgetWindow
    ) -> tuple[ServiceTime, int]:
        """Return what a promise covers of a window in one of its own, and its own seconds."""
        own = self.windows.hours(agreement, touched.start, touched.end)
        if self.is_extended:
            own = union_of(own, self.windows.hours(sla, touched.start, touched.end))
        return intersection_of(own, window.time), total_seconds(own)
