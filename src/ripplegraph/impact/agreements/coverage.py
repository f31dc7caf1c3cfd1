"""Hours and windows of agreements against each other: what is not covered, what may add up.

What an OLA or underpinning contract does not cover, nobody has promised; and a budget of a whole
year may fall into one month (semantics.md sections 3 and 4).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

import numpy as np

from ripplegraph.graph.agreements import Agreement, WindowUnit
from ripplegraph.graph.service_time import window_containing
from ripplegraph.graph.time_sets import (
    ServiceTime,
    difference_of,
    is_open_at,
    total_seconds,
)
from ripplegraph.impact.agreements.agreed_windows import AgreedWindows


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageSegments:
    """Parts of an agreed service time, in each of which the same agreements hold.

    Parameters
    ----------
    covering
        For each part the positions, among the hours asked for, of those that cover it.
    seconds
        Length of each part; they add up to the agreed service time.
    """

    covering: tuple[frozenset[int], ...]
    seconds: tuple[int, ...]

    @property
    def minutes(self) -> tuple[float, ...]:
        """Length of each part in minutes."""
        return tuple(one / 60.0 for one in self.seconds)


def coverage_segments(agreed: ServiceTime, hours: Sequence[ServiceTime]) -> CoverageSegments:
    """Return the parts of an agreed service time by who covers them.

    Parameters
    ----------
    agreed
        Of the SLA, in one window.
    hours
        Of OLAs and underpinning contracts, at least over that window.

    Returns
    -------
    CoverageSegments
        The longest part first; parts that do not follow each other are one if covered alike.

    Examples
    --------
    >>> import numpy as np
    >>> from ripplegraph.graph.time_sets import merged
    >>> day, office = merged(np.array([0]), np.array([24])), merged(np.array([8]), np.array([18]))
    >>> found = coverage_segments(day, [day, office])
    >>> [sorted(one) for one in found.covering], found.seconds
    ([[0], [0, 1]], (14, 10))
    """
    kinds: dict[int, int] = {}  # those that share a calendar share the very same hours
    kind_of = [kinds.setdefault(id(one), len(kinds)) for one in hours]
    distinct = [hours[kind_of.index(kind)] for kind in range(len(kinds))]
    edges = [edge for one in (agreed, *distinct) for edge in (one.starts, one.ends)]
    bounds = np.unique(np.concatenate(edges))
    lengths = np.diff(bounds, append=bounds[-1:])
    kept = is_open_at(agreed, bounds)
    flags = np.zeros((int(kept.sum()), len(distinct)), dtype=np.bool_)
    for kind, one in enumerate(distinct):
        flags[:, kind] = is_open_at(one, bounds[kept])
    sums: dict[bytes, int] = {}
    for row, seconds in zip(flags, lengths[kept].tolist(), strict=True):
        sums[row.tobytes()] = sums.get(row.tobytes(), 0) + seconds
    parts = [
        (seconds, frozenset(place for place, kind in enumerate(kind_of) if key[kind]))
        for key, seconds in sums.items()
    ]
    parts.sort(key=lambda one: (-one[0], sorted(one[1])))
    return CoverageSegments(
        covering=tuple(covering for _, covering in parts),
        seconds=tuple(seconds for seconds, _ in parts),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetWindow:
    """One window of an agreement that a stretch of time touches.

    Parameters
    ----------
    own_seconds
        Service time of the agreement in its whole window.
    within_seconds
        The part of it in the stretch.
    """

    start: datetime
    end: datetime
    own_seconds: int
    within_seconds: int


def budget_windows(
    windows: AgreedWindows, agreement: Agreement, start: datetime, end: datetime
) -> tuple[BudgetWindow, ...]:
    """Return the windows of an agreement that a stretch of time touches, in time order.

    Parameters
    ----------
    windows
        Knows the graph's calendars.
    start, end
        Aware, start < end; the window of an SLA.

    Notes
    -----
    Rolling windows are laid end to end, the last one up to the end.

    Examples
    --------
    >>> from datetime import UTC
    >>> from graph_building import graph_of
    >>> from ripplegraph.graph.agreements import AgreementKind
    >>> march, april = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
    >>> windows = AgreedWindows(graph=graph_of("shop -> db"), at=march)
    >>> ola = Agreement(agreement_id="o", kind=AgreementKind.OLA)
    >>> [one.own_seconds // 86400 for one in budget_windows(windows, ola, march, april)]
    [31]
    """
    found: list[BudgetWindow] = []
    for first, last in _touched(agreement, start, end, windows.zone_of(agreement)):
        own = windows.hours(agreement, first, last)
        within = windows.hours(agreement, max(first, start), min(last, end))
        found.append(
            BudgetWindow(
                start=first,
                end=last,
                own_seconds=total_seconds(own),
                within_seconds=total_seconds(within),
            )
        )
    return tuple(found)


def _touched(
    agreement: Agreement, start: datetime, end: datetime, time_zone: str
) -> list[tuple[datetime, datetime]]:
    window = agreement.window
    touched: list[tuple[datetime, datetime]] = []
    if window.unit is WindowUnit.ROLLING:
        last = end
        while last > start:
            touched.append((last - timedelta(days=window.days), last))
            last -= timedelta(days=window.days)
        return touched[::-1]
    first, last = window_containing(window, start, time_zone)
    while first < end:
        touched.append((first, last))
        first, last = window_containing(window, last, time_zone)
    return touched


def budget_seconds(agreement: Agreement, touched: Sequence[BudgetWindow]) -> Fraction | None:
    """Return the most downtime that an agreement allows within a stretch, exact.

    Parameters
    ----------
    touched
        The windows that :func:`budget_windows` found.

    Returns
    -------
    Fraction | None
        Seconds; None if the agreement promises no availability.

    Notes
    -----
    ``b = (1 - T) x`` own service time, for each window touched, all of it in the stretch where
    it fits (semantics.md section 3).

    Examples
    --------
    >>> from datetime import UTC
    >>> from decimal import Decimal
    >>> from ripplegraph.graph.agreements import AgreementKind
    >>> day = datetime(2026, 3, 1, tzinfo=UTC)
    >>> ola = Agreement(
    ...     agreement_id="o", kind=AgreementKind.OLA, target_availability=Decimal("0.99")
    ... )
    >>> year = BudgetWindow(start=day, end=day, own_seconds=1000, within_seconds=80)
    >>> budget_seconds(ola, [year, year])
    Fraction(20, 1)
    """
    target = agreement.target_availability
    if target is None:
        return None
    allowed = 1 - Fraction(target)
    budgets = (min(allowed * one.own_seconds, Fraction(one.within_seconds)) for one in touched)
    return sum(budgets, Fraction(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """How far an OLA or underpinning contract fits what rests on it, in one window.

    Parameters
    ----------
    promised
        The SLA, or the OLA in front of a contract.
    behind
        The OLA or contract that it rests on.
    start, end
        The window of ``promised``, UTC.
    agreed_seconds
        Service time of ``promised`` in its window.
    uncovered_seconds
        The part of it outside the hours of ``behind``.
    budget_seconds
        Downtime that ``behind`` may spend in that window; None if it promises no availability.
    even_budget_seconds
        What it may spend if it spreads its downtime evenly over its own windows.
    """

    promised: Agreement
    behind: Agreement
    start: datetime
    end: datetime
    agreed_seconds: int
    uncovered_seconds: int
    budget_seconds: Fraction | None
    even_budget_seconds: Fraction | None

    @property
    def has_hours_mismatch(self) -> bool:
        """Whether some of the agreed service time is not covered."""
        return self.uncovered_seconds > 0

    @property
    def has_window_mismatch(self) -> bool:
        """Whether downtime of more than one window, or of a longer one, may come together."""
        if self.budget_seconds is None or self.even_budget_seconds is None:
            return False
        return self.budget_seconds > self.even_budget_seconds


def fit_of(windows: AgreedWindows, promised: Agreement, behind: Agreement) -> Fit:
    """Return how far an agreement fits what rests on it, in the window that holds the moment.

    Parameters
    ----------
    windows
        Knows the graph's calendars and the moment.
    promised
        An SLA, or an OLA in front of a contract.
    behind
        An OLA or underpinning contract.

    Examples
    --------
    >>> from datetime import UTC
    >>> from graph_building import graph_of
    >>> from ripplegraph.graph.agreements import AgreementKind
    >>> march = datetime(2026, 3, 1, tzinfo=UTC)
    >>> windows = AgreedWindows(graph=graph_of("shop -> db"), at=march)
    >>> sla = Agreement(agreement_id="s", kind=AgreementKind.SLA)
    >>> fit_of(windows, sla, Agreement(agreement_id="o", kind=AgreementKind.OLA)).uncovered_seconds
    0
    """
    agreed = windows.of(promised)
    hours = windows.hours(behind, agreed.start, agreed.end)
    touched = budget_windows(windows, behind, agreed.start, agreed.end)
    target = behind.target_availability
    within = sum(one.within_seconds for one in touched)
    return Fit(
        promised=promised,
        behind=behind,
        start=agreed.start,
        end=agreed.end,
        agreed_seconds=total_seconds(agreed.time),
        uncovered_seconds=total_seconds(difference_of(agreed.time, hours)),
        budget_seconds=budget_seconds(behind, touched),
        even_budget_seconds=None if target is None else (1 - Fraction(target)) * within,
    )
